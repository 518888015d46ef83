package pattern_test

import (
	"encoding/json"
	"os"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/keysmith/keysmith/shared/fakeaws/internal/pattern"
)

type patternCase struct {
	Pattern string
	Match   []string
	Other   []string
	Refused []string
}

func TestPatternsMatchAsInTheCases(t *testing.T) {
	text, err := os.ReadFile("testdata/cases.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var cases []patternCase
	if err := yaml.Unmarshal(text, &cases); err != nil || len(cases) == 0 {
		t.Fatalf("%d cases: %v", len(cases), err)
	}
	for _, c := range cases {
		for _, refused := range c.Refused {
			if _, err := pattern.Compile(refused); err == nil {
				t.Errorf("%s is taken", refused)
			}
		}
		if c.Pattern != "" {
			c.check(t)
		}
	}
}

func (c patternCase) check(t *testing.T) {
	t.Helper()
	p, err := pattern.Compile(c.Pattern)
	if err != nil {
		t.Errorf("%s: %v", c.Pattern, err)
		return
	}
	for want, events := range map[bool][]string{true: c.Match, false: c.Other} {
		for _, text := range events {
			var event map[string]any
			if err := json.Unmarshal([]byte(text), &event); err != nil {
				t.Fatal(err)
			}
			if got := p.Match(event); got != want {
				t.Errorf("%s on %s: got %v", c.Pattern, text, got)
			}
		}
	}
}
