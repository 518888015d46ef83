package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/keysmith/keysmith/scripts/internal/terminal"
	"github.com/keysmith/keysmith/scripts/local/stack/stacktest"
)

func perform(ctx context.Context, columns int, change func(*Config)) (string, error) {
	var out bytes.Buffer
	cfg := Config{Stack: stacktest.Config(), Screen: terminal.NewPlain(&out, columns)}
	if change != nil {
		change(&cfg)
	}
	err := Run(ctx, cfg)
	return out.String(), err
}

func TestEverySceneHasTheExpectedResult(t *testing.T) {
	out, err := perform(t.Context(), 80, nil)
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	for _, text := range []string{"Applied", "INVALID_POLICY", "LOCKOUT", "GUARDRAIL", "unchanged", fmt.Sprintf("All %d scenes", len(scenes())), "Planned", "error unknown-element", "https://docs.aws.amazon.com/"} {
		if !strings.Contains(out, text) {
			t.Errorf("the demo shows no %s", text)
		}
	}
	for line := range strings.Lines(out) {
		// The path of the function of this test and links may be one word that is longer.
		if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > 80 && len(strings.Fields(line)) > 1 {
			t.Errorf("a line has %d characters: %s", n, line)
		}
	}
}

func TestRawEventsAreShownOnRequest(t *testing.T) {
	out, err := perform(t.Context(), 80, func(c *Config) { c.Events = true })
	if err != nil {
		t.Fatal(err)
	}
	events := 0
	for block := range strings.SplitSeq(out, "\n{\n") {
		body, _, found := strings.Cut(block, "\n}\n")
		if !found {
			continue
		}
		events++
		if text := "{" + body + "}"; !json.Valid([]byte(text)) || !strings.Contains(text, "idempotencyKey") {
			t.Errorf("this is no event: %s", text)
		}
	}
	if events < len(scenes()) { // each has an outcome
		t.Errorf("%d events are shown", events)
	}
}

func TestTheDemoFailsWhereTheFunctionDoes(t *testing.T) {
	broken := filepath.Join(t.TempDir(), "bootstrap")
	if err := os.WriteFile(broken, []byte("#!/bin/sh\necho no such policy >&2\nexit 1\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	out, err := perform(t.Context(), 80, func(c *Config) { c.Stack.Bootstrap = broken })
	if !errors.Is(err, errDiffers) || !strings.Contains(err.Error(), "Runtime.ExitError") {
		t.Errorf("got %v", err)
	}
	if !strings.Contains(out, "no such policy") {
		t.Errorf("the function's log is not shown:\n%s", out)
	}
}

func TestAnInterruptedDemoStopsWithoutAnError(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	out, err := perform(ctx, 80, nil)
	if err != nil || !strings.Contains(out, fmt.Sprintf("Stopped after 0 of %d scenes.", len(scenes()))) || strings.Contains(out, "log") {
		t.Errorf("got %v\n%s", err, out)
	}
}
