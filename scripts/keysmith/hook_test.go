package main_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// The hook is run as pre-commit runs it: the entry in the copy of this repository, with
// the names of the files that match, in the folder of the repository of policies.
func TestThePreCommitHookRefusesABadPolicy(t *testing.T) {
	text, err := os.ReadFile("../../.pre-commit-hooks.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var hooks []struct{ ID, Entry, Files, Language string }
	if err := yaml.Unmarshal(text, &hooks); err != nil || len(hooks) != 1 || hooks[0].ID != "keysmith-lint" || hooks[0].Language != "script" {
		t.Fatalf("%v: %+v", err, hooks)
	}
	files := regexp.MustCompile(hooks[0].Files)
	for name, judged := range map[string]bool{
		"policies/orders.6f1c7a52-3c0e-4a86-9d7e-0b6a5f2e9c11.json": true, "kms/policies/111122223333/us-east-1/k.json": true,
		"plans/7/policies/k.json": true, "keysmith.yaml": false, "pull.json": false, "mypolicies/k.json": false, "policies/README.md": false,
	} {
		if files.MatchString(name) != judged {
			t.Errorf("%s: judged %v, want %v", name, !judged, judged)
		}
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	entry := strings.Fields(hooks[0].Entry)
	folder := t.TempDir()
	write := func(name, text string) {
		path := filepath.Join(folder, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o600)); err != nil { //nolint:gosec // a folder of this test
			t.Fatal(err)
		}
	}
	const policy = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*"}]}`
	const good, bad = "policies/6f1c7a52-3c0e-4a86-9d7e-0b6a5f2e9c11.json", "policies/b83d5e90-71f4-4c2b-8a6d-2e9f40c7d522.json"
	write("keysmith.yaml", "account: \"111122223333\"\nregion: us-east-1\ntrusted-accounts: []\n")
	write(good, policy)
	write(bad, strings.Replace(policy, `"Action"`, `"Actoin"`, 1))
	for name, want := range map[string]int{good: 0, bad: 1} {
		cmd := exec.CommandContext(t.Context(), filepath.Join(root, entry[0]), append(entry[1:], name)...) //nolint:gosec // the hook of this repository
		cmd.Dir = folder
		out, err := cmd.CombinedOutput()
		if cmd.ProcessState.ExitCode() != want || want == 1 && !strings.Contains(string(out), "Did you mean Action?") {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}
