package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The scripts that need a stack's outputs say in two lines what is wrong, whatever the
// AWS CLI prints, and start nothing.
func TestWithoutTheOutputsOfTheStackTheScriptsSayWhatToSet(t *testing.T) {
	for name, c := range map[string]struct{ aws, want string }{
		"no login": {
			"printf '\\nUnable to locate credentials. You can configure credentials by running \"aws configure\".\\n' >&2; exit 253",
			"The outputs of the stack prod cannot be read: Unable to locate credentials. You can configure credentials by running \"aws configure\".\n" +
				"Set AWS_PROFILE (or other AWS credentials), AWS_REGION and STACK to those of the deployed stack.\n",
		},
		"another stack": {
			"printf 'Endpoint\\thttps://example.com\\n'",
			"The stack prod has no output ",
		},
	} {
		for _, args := range [][]string{{"../deadletters/stack.sh", "prod"}, {"stack.sh", "stop", "prod"}, {"stack.sh", "resume", "prod"}} {
			t.Run(name+" "+strings.Join(args, " "), func(t *testing.T) {
				bin := t.TempDir()
				if err := os.WriteFile(filepath.Join(bin, "aws"), []byte("#!/bin/sh\n"+c.aws+"\n"), 0o755); err != nil { //nolint:gosec // it is a program
					t.Fatal(err)
				}
				cmd := exec.CommandContext(t.Context(), "bash", args...) //nolint:gosec // scripts of this repository
				cmd.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"))
				out, err := cmd.CombinedOutput()
				if err == nil || !strings.HasPrefix(string(out), c.want) || strings.Count(string(out), "\n") > 2 {
					t.Errorf("%v\n%s", err, out)
				}
			})
		}
	}
}
