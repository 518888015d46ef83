package rollout

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/keysmith/keysmith/scripts/local/stack"
	"github.com/keysmith/keysmith/scripts/local/stack/stacktest"
	"github.com/keysmith/keysmith/scripts/local/story"
	"github.com/keysmith/keysmith/shared/fakeaws"
)

func TestMain(m *testing.M) { os.Exit(stacktest.Main(m)) }

// keys is how many keys there are.
const keys = 12

func policy(extra string) string {
	return `{"Version": "2012-10-17", "Statement": [
  {"Sid": "Root", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*"},
  {"Sid": "BreakGlass", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/break-glass"}, "Action": "kms:PutKeyPolicy", "Resource": "*"}` + extra + `
]}`
}

const orders = `,
  {"Sid": "Orders", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/orders"}, "Action": "kms:Decrypt", "Resource": "*"}`

func id(i int) string { return fmt.Sprintf("%08x-0000-4000-8000-000000000000", i) }

// A desk is where a person types commands.
type desk struct {
	*testing.T
	program, dir string
	env          []string
}

func (d *desk) write(name, text string) {
	d.Helper()
	path := filepath.Join(d.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		d.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		d.Fatal(err)
	}
}

// keysmith runs a command and checks its exit code and what it says.
func (d *desk) keysmith(code int, say string, args ...string) string {
	d.Helper()
	c := exec.Command(d.program, args...) //nolint:gosec // the program of this repository
	c.Dir, c.Env = d.dir, d.env
	start := time.Now()
	out, err := c.CombinedOutput()
	d.Logf("%s: %s", strings.Join(args, " "), time.Since(start).Round(time.Millisecond))
	got := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else if err != nil {
		d.Fatal(err)
	}
	if got != code || !strings.Contains(string(out), say) {
		d.Fatalf("keysmith %s: exit code %d, want %d, and %q in\n%s", strings.Join(args, " "), got, code, say, out)
	}
	return string(out)
}

func newDesk(t *testing.T, s *stack.Stack) *desk {
	t.Helper()
	d := &desk{T: t, dir: t.TempDir(), program: filepath.Join(t.TempDir(), "keysmith")}
	if out, err := exec.Command("go", "build", "-o", d.program, "..").CombinedOutput(); err != nil { //nolint:gosec // the path is of this test
		t.Fatalf("building keysmith: %v\n%s", err, out)
	}
	d.env = append(os.Environ(), "AWS_ENDPOINT_URL="+s.URL, "AWS_REGION="+s.Region(), "AWS_ACCESS_KEY_ID=AKIAPERSON", "AWS_SECRET_ACCESS_KEY=none",
		"AWS_EC2_METADATA_DISABLED=true", "AWS_CONFIG_FILE="+os.DevNull, "AWS_SHARED_CREDENTIALS_FILE="+os.DevNull)
	d.write("keysmith.yaml", "account: 111122223333\nregion: "+s.Region()+"\nbreak-glass: arn:aws:iam::{account}:role/break-glass\nbucket: "+s.Bucket()+"\n")
	return d
}

// A change is planned, pushed in waves and verified; then somebody changes a key by
// hand, the sweep finds it, and status says so.
func TestAChangeIsPlannedPushedVerifiedAndWatched(t *testing.T) {
	cfg := stacktest.Config()
	cfg.Window = 50 * time.Millisecond // a batch need not wait for more
	s, err := stack.Start(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	story.Furnish(s)
	d := newDesk(t, s)
	for i := range keys {
		s.Cloud.KMS.CreateKey(fakeaws.KeySpec{ID: id(i), Policy: policy("")})
		d.write("policies/"+id(i)+".json", policy(""))
	}
	d.keysmith(0, "12 policies, none refused", "lint", "policies/")
	d.keysmith(0, "12 keys, no change", "plan")
	d.keysmith(0, "12 files, 12 applied", "push", "--waves", "1,50%,100%")
	d.keysmith(0, "12 keys, 12 in sync", "status")

	d.write("policies/"+id(3)+".json", policy(orders))
	d.keysmith(2, "such as kms:Decrypt by arn:aws:iam::111122223333:role/orders", "plan")
	d.keysmith(0, "11 unchanged, 1 applied", "push", "--wait")
	if !strings.Contains(s.Cloud.KMS.Policy(id(3)), "role/orders") {
		t.Error("the change is not in force")
	}
	d.keysmith(0, "12 keys, no change", "plan")

	d.write("policies/"+id(4)+".json", strings.ReplaceAll(policy(orders), "111122223333:role/orders", "999988887777:role/orders"))
	d.keysmith(1, "untrusted-account", "plan")
	d.keysmith(1, "GUARDRAIL", "push", "--wait")
	d.keysmith(1, "rejected   policies/"+id(4)+".json", "status")
	d.write("policies/"+id(4)+".json", policy(""))
	d.keysmith(0, "1 applied", "push", "--wait")

	s.Cloud.KMS.SetPolicy(id(5), policy(orders))
	if _, err := s.Invoke(t.Context(), "SweepFunction", []byte(`{"keysmith": "sweep"}`)); err != nil {
		t.Fatal(err)
	}
	t.Log("swept")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if _, err := s.Settle(ctx); err != nil {
		t.Fatal(err)
	}
	t.Log("settled")
	d.keysmith(2, "1 changed", "plan")
	out := d.keysmith(1, "drifted    policies/"+id(5)+".json", "status", "--html", "fleet.html")
	if !strings.Contains(out, "The last sweep ended") {
		t.Errorf("the end of the sweep is not told: %s", out)
	}
	d.keysmith(0, "1 applied", "push", "--again", "--wait", "policies/"+id(5)+".json")
	d.keysmith(0, "12 files, 12 unchanged", "push")
}
