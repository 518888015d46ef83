package sam_test

import (
	"errors"
	"flag"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"

	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/samtemplate"
	"github.com/keysmith/keysmith/shared/settings"
)

// A parameter as the template declares it.
type parameter struct {
	Type, Default  string
	AllowedPattern string   `yaml:"AllowedPattern"`
	AllowedValues  []string `yaml:"AllowedValues"`
	MinValue       int      `yaml:"MinValue"`
	MaxValue       int      `yaml:"MaxValue"`
}

func declared(t *testing.T) map[string]parameter {
	t.Helper()
	text, err := os.ReadFile("../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var template struct {
		Parameters map[string]parameter `yaml:"Parameters"`
	}
	if err := yaml.Unmarshal(text, &template); err != nil || len(template.Parameters) == 0 {
		t.Fatalf("%d parameters, %v", len(template.Parameters), err)
	}
	return template.Parameters
}

// draw is any value that CloudFormation accepts.
func (p parameter) draw(t *rapid.T, name string) string {
	switch {
	case len(p.AllowedValues) > 0:
		return rapid.SampledFrom(p.AllowedValues).Draw(t, name)
	case p.AllowedPattern != "":
		return rapid.StringMatching(p.AllowedPattern).Draw(t, name)
	case p.Type == "Number":
		return strconv.Itoa(rapid.IntRange(p.MinValue, p.MaxValue).Draw(t, name))
	}
	return p.Default
}

// A value that the template accepts and the function refuses stops the function
// at its start; two hours later everything lies in the dead-letter queue.
func TestWhatTheTemplateAcceptsTheFunctionAccepts(t *testing.T) {
	parameters, deployed := declared(t), 0
	template, err := samtemplate.ReadFile("../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		given := map[string]string{}
		for name, p := range parameters {
			needed := name == "KeyArns" || name == "WriterPrincipals" // without them most is refused
			if needed || rapid.Bool().Draw(t, name+" is given") {
				given[name] = p.draw(t, name)
			}
		}
		stack, err := template.Stack(samtemplate.Options{Parameters: given})
		if err != nil {
			t.Skip(err) // refused before anything is deployed
		}
		deployed++
		env := func(i int) func(string) string {
			env := stack.Functions[i].Environment
			if env["GUARDRAILS_DIR"] != "" {
				env["GUARDRAILS_DIR"] = "../../shared/guardrails" // what the layer holds
			}
			return func(name string) string { return env[name] }
		}
		_, err = settings.Load(env(0))
		_, planErr := settings.LoadPlan(env(1))
		_, sweepErr := settings.LoadSweep(env(2))
		if err := errors.Join(err, planErr, sweepErr); err != nil {
			t.Fatal(err)
		}
	})
	if deployed == 0 {
		t.Error("the template refused everything")
	}
}

func TestTheTemplateRefusesWhatWouldStopTheFunction(t *testing.T) {
	for _, set := range []string{
		"BreakGlassPrincipals=arn:aws:iam::111122223333:root",
		"BreakGlassPrincipals=arn:aws:iam::111122223333:role/*",
		"BreakGlassPrincipals=arn:aws:sts::111122223333:assumed-role/fire/alice",
		"BreakGlassPrincipals=arn:aws:s3:::bucket",
		"BreakGlassPrincipals=arn:aws:iam::{account}:role/a,bob",
		"AcceptFindings=no-such-rule",
		"AcceptFindings=root-locked-out",
		"ProtectedKeys=alias/x",
		"ProtectedKeys=6F1C7A52-3C0E-4A86-9D7E-0B6A5F2E9C11",
		"VerifyTimeout=0s",
		"VerifyTimeout=20m",
		"VerifyInterval=10s",
		"VerifyReads=100",
		"PutsPerSecond=0",
		"PutsPerSecond=0.000",
		"WriterPrincipals=arn:aws:iam::111122223333:role/a,*",
	} {
		name, value, _ := strings.Cut(set, "=")
		_, err := samtemplate.Load("../../template.yaml", samtemplate.Options{Parameters: map[string]string{
			"KeyArns": "arn:aws:kms:us-east-1:111122223333:key/*", name: value,
		}})
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", set, err)
		}
	}
}

var update = flag.Bool("update", false, "write the rules that may be accepted into template.yaml")

// writeRules rewrites the pattern of AcceptFindings.
func writeRules(t *testing.T) {
	t.Helper()
	const file = "../../template.yaml"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	line := ""
	for _, rule := range keypolicy.Rules() {
		if !rule.Acceptable() {
			continue
		}
		if len(line)+len(rule.ID) > 108 {
			lines, line = append(lines, line), ""
		}
		line += rule.ID + "|"
	}
	lines = append(lines, strings.TrimSuffix(line, "|"), `)(,|$))*$"`)
	pattern := regexp.MustCompile(`(?s)(AllowedPattern: "\^\(\()\\\n.*?\)\(,\|\$\)\)\*\$"`)
	written := pattern.ReplaceAllStringFunc(string(text), func(old string) string {
		begin, _, _ := strings.Cut(old, "\\\n")
		return begin + "\\\n      " + strings.Join(lines, "\\\n      ")
	})
	if err := os.WriteFile(file, []byte(written), 0o644); err != nil { //nolint:gosec // the template of this repository, on request
		t.Fatal(err)
	}
}

// The pattern of AcceptFindings is a list of the rules; it must not fall behind.
func TestEveryRuleThatMayBeAcceptedCanBeNamed(t *testing.T) {
	if *update {
		writeRules(t)
	}
	pattern := regexp.MustCompile(declared(t)["AcceptFindings"].AllowedPattern)
	for _, rule := range keypolicy.Rules() {
		if pattern.MatchString(rule.ID) != rule.Acceptable() {
			t.Errorf("%s may be accepted: %v; the pattern of AcceptFindings in template.yaml says otherwise: go test ./scripts/sam -update", rule.ID, rule.Acceptable())
		}
	}
}
