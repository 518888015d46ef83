package pipeline_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// A tag can be moved to other code; a digest cannot.
func TestEveryActionIsPinnedByDigest(t *testing.T) {
	pinned := regexp.MustCompile(`^[\w.-]+/[\w./-]+@[0-9a-f]{40}$`)
	for _, file := range []string{".github/workflows/policies.yml", "../action/action.yml"} {
		text, err := os.ReadFile(file) //nolint:gosec // one of these two
		if err != nil {
			t.Fatal(err)
		}
		var document any
		if err := yaml.Unmarshal(text, &document); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		uses := values(document, "uses")
		if len(uses) == 0 {
			t.Errorf("%s uses no action", file)
		}
		for _, one := range uses {
			if !pinned.MatchString(one) {
				t.Errorf("%s: %s is not pinned by digest", file, one)
			}
		}
		for _, script := range values(document, "run") {
			if strings.Contains(script, "${{") {
				t.Errorf("%s: a script has an expression in its text, which others can fill with code: %s", file, script)
			}
		}
	}
}

// values are those of a member, wherever it is.
func values(node any, name string) (all []string) {
	switch n := node.(type) {
	case map[string]any:
		for key, value := range n {
			if text, ok := value.(string); ok && key == name {
				all = append(all, text)
			}
			all = append(all, values(value, name)...)
		}
	case []any:
		for _, value := range n {
			all = append(all, values(value, name)...)
		}
	}
	return all
}

func TestTheActionLintsAndPlans(t *testing.T) {
	t.Parallel() // it mostly waits
	r := newRepository(t)
	output := filepath.Join(t.TempDir(), "output")
	act := func(command string) (string, int) {
		cmd := exec.CommandContext(t.Context(), "../action/run.sh", filepath.Join(bin, "keysmith"))
		cmd.Env = append(os.Environ(), "COMMAND="+command, "PATHS="+filepath.Join(r.folder, "policies"), "ARGS=", "FILE="+filepath.Join(r.folder, "plan.md"),
			"GITHUB_OUTPUT="+output, "AWS_ENDPOINT_URL="+r.stack.URL, "AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=PlanRole", "AWS_SECRET_ACCESS_KEY=secret")
		out, err := cmd.CombinedOutput()
		if cmd.ProcessState == nil {
			t.Fatal(err)
		}
		return string(out), cmd.ProcessState.ExitCode()
	}
	if out, code := act("lint"); code != 0 {
		t.Errorf("lint exits with %d: %s", code, out)
	}
	if out, code := act("plan"); code != 0 {
		t.Errorf("plan exits with %d: %s", code, out)
	}
	if text, err := os.ReadFile(output); err != nil || string(text) != "changes=true\n" {
		t.Errorf("the output is %q, %v", text, err)
	}
	r.edit(payments, `"kms:Decrypt"`, `"kms:Decrpyt"`)
	if out, code := act("lint"); code != 1 || !strings.Contains(out, "::error") {
		t.Errorf("lint of a typo exits with %d: %s", code, out)
	}
	if out, code := act("plan"); code != 1 {
		t.Errorf("plan of a typo exits with %d: %s", code, out)
	}
	if _, code := act("apply"); code != 2 {
		t.Errorf("an unknown command exits with %d", code)
	}
}
