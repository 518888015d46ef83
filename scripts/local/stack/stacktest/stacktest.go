// Package stacktest builds the functions once for the tests of a package, and
// says how they start the stack: every result event is held against its schema.
package stacktest

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/keysmith/keysmith/scripts/local/stack"
	"github.com/keysmith/keysmith/scripts/local/story"
	"github.com/keysmith/keysmith/shared/outcome/outcometest"
)

// bootstrapVariable names the first function's binary.
const bootstrapVariable = "LOCAL_TEST_BOOTSTRAP"

// Main is for TestMain: it builds the functions and runs the tests. The result
// is the exit code.
func Main(m *testing.M) int {
	folder, err := os.MkdirTemp("", "keysmith-local-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(folder) //nolint:errcheck // the system cleans up as well
	for _, name := range []string{"apply", "plan", "sweep"} {
		bootstrap := filepath.Join(folder, name, "bootstrap")
		build := exec.Command("go", "build", "-tags", "lambda.norpc", "-o", bootstrap, filepath.Join(root(), "functions", name)) //nolint:gosec // the paths are those of this repository
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if text, err := build.CombinedOutput(); err != nil {
			_, _ = os.Stderr.Write(text)
			return 1
		}
	}
	if err := os.Setenv(bootstrapVariable, filepath.Join(folder, "apply", "bootstrap")); err != nil {
		panic(err)
	}
	return m.Run()
}

func root() string {
	_, here, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(here), "..", "..", "..", "..")
}

// Config is that of a stack with the built function.
func Config() stack.Config {
	return stack.Config{
		Template:   filepath.Join(root(), "template.yaml"),
		Bootstrap:  os.Getenv(bootstrapVariable),
		Parameters: story.Parameters(stack.Account, stack.Region),
		Inspect:    outcometest.Check,
	}
}
