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
	"github.com/keysmith/keysmith/shared/samtemplate"
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
	cfg.Parameters["TargetAccounts"] = strings.Join(accounts[1:], ",")
	cfg.Parameters["TargetRegions"] = "us-east-1,eu-west-1"
	s, err := stack.Start(cfg)
	if err != nil {
		return err
	}
	e.Defer(s.Close)
	for _, account := range accounts {
		for _, role := range []string{"break-glass", "orders"} {
			s.Cloud.KMS.AddPrincipal("arn:aws:iam::" + account + ":role/" + role)
		}
	}
	for _, account := range accounts[1:] {
		if err := deployTarget(s, account); err != nil {
			return err
		}
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

// accounts are those with keys. The stack is in the first.
var accounts = []string{stack.Account, "444455556666", "777788889999"}

// deployTarget makes the roles exist that scripts/target deploys in another account.
// The person at the command line may read through them too.
func deployTarget(s *stack.Stack, account string) error {
	own := "arn:aws:iam::" + s.Account() + ":role/"
	declared, err := samtemplate.Load(filepath.Join("..", "..", "target", "target.yaml"), samtemplate.Options{Account: account, Parameters: map[string]string{
		"HubApplyRoleArn": s.RoleARN(), "HubReadRoleArns": s.RoleARN() + "," + own + "keysmith-PlanRole," + own + "keysmith-SweepRole," + own + "admin",
	}})
	if err != nil {
		return err
	}
	for _, role := range declared.Roles {
		may, err := role.Document("")
		if err != nil {
			return err
		}
		s.Cloud.AddRole(fakeaws.Role{ARN: role.ARN, Trust: role.Trust})
		if err := s.Cloud.KMS.SetIAMPolicy(role.ARN, may); err != nil {
			return err
		}
	}
	return nil
}

// fleet makes so many keys with a policy, and an alias each, two of four in the
// stack's own account and Region: fleet 200 policy.json.
func fleet(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	kms := stackOf(ts).Cloud.KMS
	for i := range n {
		place := []struct{ account, region string }{{accounts[0], "us-east-1"}, {accounts[0], "us-east-1"}, {accounts[1], "us-east-1"}, {accounts[2], "eu-west-1"}}[i%4]
		arn := kms.CreateKey(fakeaws.KeySpec{
			ID: fmt.Sprintf("%08d-0000-4000-8000-000000000000", i), Account: place.account, Region: place.region,
			Policy: strings.ReplaceAll(ts.ReadFile(args[1]), accounts[0], place.account),
		})
		kms.CreateAlias(fmt.Sprintf("alias/team/%d", i), arn)
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
