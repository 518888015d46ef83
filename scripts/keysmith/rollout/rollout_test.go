package rollout

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/keysmith/keysmith/scripts/keysmith/internal/browsertest"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/scripttest"
	"github.com/keysmith/keysmith/scripts/local/stack"
	"github.com/keysmith/keysmith/scripts/local/stack/stacktest"
	"github.com/keysmith/keysmith/shared/fakeaws"
)

func TestMain(m *testing.M) { os.Exit(stacktest.Main(m)) }

// Each script has a stack of its own, with the functions that template.yaml declares.
func TestRollouts(t *testing.T) {
	bin := t.TempDir()
	if out, err := exec.Command("go", "build", "-o", filepath.Join(bin, "keysmith"), "..").CombinedOutput(); err != nil { //nolint:gosec // the path is of this test
		t.Fatalf("building keysmith: %v\n%s", err, out)
	}
	testscript.Run(t, testscript.Params{
		Dir:   "testdata",
		Setup: func(e *testscript.Env) error { return begin(e, bin) },
		Condition: func(name string) (bool, error) {
			if name != "chromium" {
				return false, fmt.Errorf("there is no condition %q", name)
			}
			return browsertest.Installed(), nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": scripttest.Exits, "fleet": fleet, "byhand": byHand, "served": served, "sweep": sweep, "visit": visit,
		},
	})
}

type stackKey struct{}

func stackOf(ts *testscript.TestScript) *stack.Stack { return ts.Value(stackKey{}).(*stack.Stack) }

func begin(e *testscript.Env, bin string) error {
	cfg := stacktest.Config()
	cfg.Window = 50 * time.Millisecond // a batch need not wait for more
	s, err := stack.Start(cfg)
	if err != nil {
		return err
	}
	e.Defer(s.Close)
	for _, role := range []string{"break-glass", "orders"} {
		s.Cloud.KMS.AddPrincipal("arn:aws:iam::" + s.Account() + ":role/" + role)
	}
	e.Values[stackKey{}] = s
	for name, value := range map[string]string{
		"PATH": bin + string(os.PathListSeparator) + e.Getenv("PATH"), "HOME": e.WorkDir,
		"AWS_ENDPOINT_URL": s.URL, "AWS_REGION": s.Region(), "AWS_ACCESS_KEY_ID": "AKIAPERSON", "AWS_SECRET_ACCESS_KEY": "none",
		"AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull,
	} {
		e.Setenv(name, value)
	}
	return nil
}

// fleet makes so many keys with a policy, and an alias each: fleet 200 policy.json.
func fleet(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	kms := stackOf(ts).Cloud.KMS
	for i := range n {
		id := fmt.Sprintf("%08d-0000-4000-8000-000000000000", i)
		kms.CreateKey(fakeaws.KeySpec{ID: id, Policy: ts.ReadFile(args[1])})
		kms.CreateAlias(fmt.Sprintf("alias/team/%d", i), id)
	}
}

// byhand puts a policy as a person does, past keysmith: byhand id policy.json.
func byHand(ts *testscript.TestScript, _ bool, args []string) {
	stackOf(ts).Cloud.KMS.SetPolicy(args[0], ts.ReadFile(args[1]))
}

// served checks that the policy in force holds a text: served id TEXT.
func served(ts *testscript.TestScript, not bool, args []string) {
	if policy := stackOf(ts).Cloud.KMS.Policy(args[0]); strings.Contains(policy, args[1]) == not {
		ts.Fatalf("the policy of %s: %s", args[0], policy)
	}
}

// sweep starts the sweep as its schedule does, and waits until what it found is
// dealt with.
func sweep(ts *testscript.TestScript, _ bool, _ []string) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	s := stackOf(ts)
	_, err := s.Invoke(ctx, "SweepFunction", []byte(`{"keysmith": "sweep"}`))
	ts.Check(err)
	_, err = s.Settle(ctx)
	ts.Check(err)
}
