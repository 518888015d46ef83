package pipeline_test

import (
	"bytes"
	"context"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keysmith/keysmith/scripts/local/stack"
	"github.com/keysmith/keysmith/scripts/local/stack/stacktest"
	"github.com/keysmith/keysmith/scripts/local/story"
	"github.com/keysmith/keysmith/shared/fakeaws/fakeiam"
	"github.com/keysmith/keysmith/shared/samtemplate"
)

const (
	account    = "111122223333"
	bucketName = "keysmith-policies-" + account
	orders     = "6f1c7a52-3c0e-4a86-9d7e-0b6a5f2e9c11"
	payments   = "d2a94c1e-58b7-4f03-9e61-7c3b8e5fa033"
)

// bin has the program that the scripts call.
var bin string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	var err error
	if bin, err = os.MkdirTemp("", "keysmith-pipeline-"); err != nil {
		panic(err)
	}
	defer os.RemoveAll(bin) //nolint:errcheck // the system cleans up as well
	if out, err := exec.Command("go", "build", "-o", filepath.Join(bin, "keysmith"), "../keysmith").CombinedOutput(); err != nil {
		panic(string(out))
	}
	return stacktest.Main(m)
}

// A repository is a clone of the example, beside a stack.
type repository struct {
	*testing.T
	folder string
	stack  *stack.Stack
	roles  *samtemplate.Stack
}

func newRepository(t *testing.T) *repository {
	t.Helper()
	roles, err := samtemplate.Load("roles.yaml", samtemplate.Options{StackName: "pipeline", Parameters: map[string]string{
		"Repository": "example/key-policies", "PolicyBucketName": bucketName, "KeyArns": "arn:aws:kms:us-east-1:" + account + ":key/*",
	}})
	if err != nil {
		t.Fatal(err)
	}
	r := &repository{T: t, folder: t.TempDir(), roles: roles}
	r.must(exec.Command("cp", "-R", "keysmith.yaml", "policies", "guardrails", "check.sh", "apply.sh", "comment.sh", r.folder))
	r.commit("first")

	cfg := stacktest.Config()
	cfg.Guardrails = filepath.Join(r.folder, "guardrails")
	maps.Copy(cfg.Parameters, map[string]string{"PolicyBucketName": bucketName, "PlanPrincipals": r.role("PlanRole"), "WriterPrincipals": r.role("ApplyRole")})
	if r.stack, err = stack.Start(cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.stack.Close)
	story.Furnish(r.stack)
	for _, name := range []string{"PlanRole", "ApplyRole"} {
		r.stack.Cloud.SetCredentials(name, r.role(name))
	}
	return r
}

func (r *repository) must(cmd *exec.Cmd) {
	r.Helper()
	if out, err := cmd.CombinedOutput(); err != nil {
		r.Fatalf("%s: %v\n%s", cmd, err, out)
	}
}

func (r *repository) commit(message string) {
	r.Helper()
	for _, args := range [][]string{{"init", "--quiet"}, {"add", "."}, {"-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "--quiet", "-m", message}} {
		r.must(exec.Command("git", append([]string{"-C", r.folder}, args...)...))
	}
}

func (r *repository) role(logicalID string) string {
	i := slices.IndexFunc(r.roles.Roles, func(one samtemplate.Role) bool { return one.LogicalID == logicalID })
	return r.roles.Roles[i].ARN
}

// runs a script as a role, and returns what it printed and its exit code.
func (r *repository) runs(role, script string, args ...string) (string, int) {
	r.Helper()
	ctx, stop := context.WithTimeout(r.Context(), time.Minute)
	defer stop()
	cmd := exec.CommandContext(ctx, filepath.Join(r.folder, script), args...) //nolint:gosec // scripts of this folder
	cmd.WaitDelay = time.Second
	cmd.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "AWS_ENDPOINT_URL="+r.stack.URL, "AWS_REGION=us-east-1",
		"AWS_ACCESS_KEY_ID="+role, "AWS_SECRET_ACCESS_KEY=secret", "AWS_SESSION_TOKEN=", "AWS_PROFILE=")
	out, err := cmd.CombinedOutput()
	if err != nil && cmd.ProcessState == nil {
		r.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

func (r *repository) edit(key, old, text string) {
	r.Helper()
	found, err := filepath.Glob(filepath.Join(r.folder, "policies", "*."+key+".json"))
	if err != nil || len(found) != 1 {
		r.Fatal(found, err)
	}
	before, err := os.ReadFile(found[0])
	if err != nil {
		r.Fatal(err)
	}
	after := bytes.Replace(before, []byte(old), []byte(text), 1)
	if bytes.Equal(before, after) {
		r.Fatalf("%s does not have %s", found[0], old)
	}
	if err := os.WriteFile(found[0], after, 0o600); err != nil { //nolint:gosec // a file of a temporary folder
		r.Fatal(err)
	}
}

func (r *repository) puts() int { return len(r.stack.Cloud.KMS.Puts()) }

// notAllowed lists the calls of a role that its policies do not allow: the fake
// lets them pass, and IAM would not.
func (r *repository) notAllowed(logicalID string) []string {
	r.Helper()
	i := slices.IndexFunc(r.roles.Roles, func(one samtemplate.Role) bool { return one.LogicalID == logicalID })
	role := r.roles.Roles[i]
	var lines []string
	for _, call := range r.stack.Cloud.Calls() {
		if call.Caller != role.ARN || call.Action == "GetCallerIdentity" { // which needs no permission
			continue
		}
		for _, need := range call.Needs() {
			if !slices.ContainsFunc(role.Statements, func(s samtemplate.Statement) bool {
				covers, err := fakeiam.Statement{Action: s.Actions, Resource: s.Resources, Condition: s.Conditions}.Covers()
				if err != nil {
					r.Fatal(err)
				}
				return s.Effect == "Allow" && covers(need)
			}) {
				lines = append(lines, call.Action+" takes "+need.IAM+" on "+need.Resource)
			}
		}
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}

func TestAPullRequestIsPlannedAndTheMainBranchIsAppliedAndVerified(t *testing.T) {
	t.Parallel() // it mostly waits
	r := newRepository(t)

	out, code := r.runs("PlanRole", "check.sh", "17")
	if code != 0 {
		t.Fatalf("check.sh exits with %d:\n%s", code, out)
	}
	comment, err := os.ReadFile(filepath.Join(r.folder, "comment.md"))
	if err != nil || !bytes.HasPrefix(comment, []byte("<!-- keysmith-plan -->\n")) || !bytes.Contains(comment, []byte("orders")) {
		t.Errorf("comment.md: %v\n%s", err, comment)
	}
	if r.puts() != 0 {
		t.Errorf("a pull request put %d policies", r.puts())
	}

	if out, code = r.runs("ApplyRole", "apply.sh"); code != 0 || !strings.Contains(out, "2 applied") {
		t.Fatalf("apply.sh exits with %d:\n%s", code, out)
	}
	if r.puts() != 2 {
		t.Errorf("the main branch put %d policies, want 2", r.puts())
	}

	r.edit(orders, `"kms:GenerateDataKey", `, "")
	r.commit("change one")
	if out, code = r.runs("ApplyRole", "apply.sh"); code != 0 || !strings.Contains(out, "1 applied") || r.puts() != 3 {
		t.Errorf("one change: exit %d, %d puts:\n%s", code, r.puts(), out)
	}
	for _, role := range []string{"PlanRole", "ApplyRole"} {
		if lines := r.notAllowed(role); len(lines) > 0 {
			t.Errorf("%s lacks:\n%s", role, strings.Join(lines, "\n"))
		}
	}
}

func TestWhatIsRefusedFailsThePipelineAndChangesNothing(t *testing.T) {
	t.Parallel() // it mostly waits
	r := newRepository(t)
	r.edit(payments, `arn:aws:iam::111122223333:role/payments`, `arn:aws:iam::999988887777:role/partner`)
	r.commit("let a stranger in")
	if out, code := r.runs("PlanRole", "check.sh", "18"); code != 1 || !strings.Contains(out, "999988887777") {
		t.Errorf("check.sh exits with %d:\n%s", code, out)
	}
	out, code := r.runs("ApplyRole", "apply.sh")
	if code == 0 || !strings.Contains(out, "999988887777") {
		t.Errorf("apply.sh exits with %d:\n%s", code, out)
	}
	for _, put := range r.stack.Cloud.KMS.Puts() {
		if put.KeyID == payments {
			t.Errorf("the policy was put: %s", put.Policy)
		}
	}
}

func TestTheRoleOfPullRequestsCannotWritePolicies(t *testing.T) {
	t.Parallel() // it mostly waits
	r := newRepository(t)
	out, code := r.runs("PlanRole", "apply.sh")
	if code == 0 || !strings.Contains(out, "AccessDenied") && !strings.Contains(out, "denie") {
		t.Errorf("apply.sh exits with %d:\n%s", code, out)
	}
	if r.puts() != 0 {
		t.Errorf("%d policies were put", r.puts())
	}
}
