package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/keysmith/keysmith/scripts/local/stack"
)

// A terminal is what a person would look at.
type terminal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (w *terminal) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.Write(b)
}

// await waits until text stands there, and forgets what came before it.
func (w *terminal) await(t *testing.T, text string) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		w.mu.Lock()
		_, after, found := strings.Cut(w.text.String(), text)
		if found {
			w.text.Reset()
			w.text.WriteString(after)
		}
		w.mu.Unlock()
		if found {
			return
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	t.Fatalf("%q never came; there is\n%s", text, w.text.String())
}

func TestADroppedFileGetsItsVerdict(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "policies")
	ctx, cancel := context.WithCancel(t.Context())
	var out terminal
	ended := make(chan error, 1)
	f := testFlags(built())
	f.folder = folder
	go func() { ended <- attend(ctx, f, screen{w: &out}) }()

	orders, payments, invoices := story()
	for range 3 {
		out.await(t, "the new policy is in force")
	}
	st := stage{}
	drop(t, folder, orders.id+".json", st.text("typo"))
	out.await(t, "Rejected (INVALID_POLICY)")
	out.await(t, `"Actoin"`)
	drop(t, folder, "plans/"+payments.id+".json", st.text("orders"))
	out.await(t, "Planned")
	drop(t, folder, "no key.json", st.text("orders"))
	out.await(t, "BAD_OBJECT_KEY")
	out.await(t, "| policies/no key.json\n")
	if err := os.Remove(filepath.Join(folder, invoices.id+".json")); err != nil {
		t.Fatal(err)
	}
	out.await(t, "stays as it is")

	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func drop(t *testing.T, folder, name string, text []byte) {
	t.Helper()
	path := filepath.Join(folder, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestAFolderThatIsThereIsLeftAsItIs(t *testing.T) {
	folder := t.TempDir()
	fresh, err := prepare(folder)
	if err != nil || fresh {
		t.Errorf("got %v, %v", fresh, err)
	}
	if entries, _ := os.ReadDir(folder); len(entries) > 0 {
		t.Errorf("%d files were written", len(entries))
	}
}

func TestTheStackIsWhatTheTemplateDeclares(t *testing.T) {
	s, err := stack.Start(stack.Config{Template: "../../template.yaml", Bootstrap: built(), Parameters: parameters()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if s.Bus("RequestBus") == "" || s.Bus("NoBus") != "" || s.Bucket() == "" || s.RoleARN() == "" {
		t.Errorf("the stack has bus %q, bucket %q, role %q", s.Bus("RequestBus"), s.Bucket(), s.RoleARN())
	}
	if s.Setting("POLICY_BUCKET") != s.Bucket() || s.Setting("VERIFY_INTERVAL") != "20ms" {
		t.Errorf("the function is set to bucket %q, interval %q", s.Setting("POLICY_BUCKET"), s.Setting("VERIFY_INTERVAL"))
	}
	if _, err := stack.Start(stack.Config{Template: "../../template.yaml", Bootstrap: built()}); err == nil {
		t.Error("a template without its parameters was run")
	}
}
