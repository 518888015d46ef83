package progress

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"
)

func TestABarSaysHowMuchIsDone(t *testing.T) {
	var out bytes.Buffer
	b := show(&out, "reading keys", 3, time.Time{})
	b.Expect(1)
	for range 4 {
		time.Sleep(110 * time.Millisecond) // it draws ten times a second
		b.Add(1)
	}
	b.Done()
	if text := out.String(); !strings.Contains(text, "reading keys") || !strings.Contains(text, "/4") {
		t.Errorf("got %q", text)
	}
}

func TestQuickWorkAndPipesShowNothing(t *testing.T) {
	var out bytes.Buffer
	b := show(&out, "reading keys", 2, time.Now().Add(time.Hour))
	b.Add(2)
	b.Done()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	piped := Start(w, "reading keys", 2)
	piped.Add(2)
	piped.Done()
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if _, err := text.ReadFrom(r); err != nil || out.Len()+text.Len() > 0 {
		t.Errorf("got %q and %q, %v", out.String(), text.String(), err)
	}
	(&Bar{}).Done()
}
