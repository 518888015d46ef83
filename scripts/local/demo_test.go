package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/outcome/outcometest"
)

// bootstrapVariable names the function's binary, made once for all tests.
const bootstrapVariable = "LOCAL_TEST_BOOTSTRAP"

func TestMain(m *testing.M) { os.Exit(buildAndRun(m)) }

func buildAndRun(m *testing.M) int {
	folder, err := os.MkdirTemp("", "keysmith-local-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(folder) //nolint:errcheck // the system cleans up as well
	bootstrap := filepath.Join(folder, "bootstrap")
	build := exec.Command("go", "build", "-tags", "lambda.norpc", "-o", bootstrap, "../../functions/apply")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := build.CombinedOutput(); err != nil {
		_, _ = os.Stderr.Write(text)
		return 1
	}
	if err := os.Setenv(bootstrapVariable, bootstrap); err != nil {
		panic(err)
	}
	return m.Run()
}

func built() string { return os.Getenv(bootstrapVariable) }

func testFlags(bootstrap string) flags {
	return flags{template: "../../template.yaml", bootstrap: bootstrap, address: "127.0.0.1:0", inspect: outcometest.Check}
}

func TestTheDemoComesOutAsItMust(t *testing.T) {
	var out bytes.Buffer
	if err := perform(t.Context(), testFlags(built()), screen{w: &out}); err != nil {
		t.Errorf("%v\n%s", err, out.String())
	}
	for _, word := range []string{"Applied", "INVALID_POLICY", "LOCKOUT", "GUARDRAIL", "unchanged", "All 7 scenes"} {
		if !strings.Contains(out.String(), word) {
			t.Errorf("the demo shows no %s", word)
		}
	}
}

func TestTheDemoFailsWhereTheFunctionDoes(t *testing.T) {
	broken := filepath.Join(t.TempDir(), "bootstrap")
	if err := os.WriteFile(broken, []byte("#!/bin/sh\necho no such policy >&2\nexit 1\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	err := perform(t.Context(), testFlags(broken), screen{w: &out})
	if !errors.Is(err, errDiffers) || !strings.Contains(err.Error(), "Runtime.ExitError") {
		t.Errorf("got %v", err)
	}
	if !strings.Contains(out.String(), "no such policy") {
		t.Errorf("the function's own words are not shown:\n%s", out.String())
	}
}

func TestAnUnknownCommandIsRefused(t *testing.T) {
	for _, args := range [][]string{nil, {"dance", "-bootstrap", built()}, {"demo", "-bootstrap", "nowhere"}, {"demo", "-frobnicate"}} {
		if err := run(t.Context(), args); err == nil {
			t.Errorf("%v was run", args)
		}
	}
}
