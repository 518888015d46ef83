// Package explain is the command that says what a rule is about.
package explain

import (
	"bufio"
	"strings"

	"github.com/spf13/cobra"

	"github.com/keysmith/keysmith/scripts/internal/repoconfig"
	"github.com/keysmith/keysmith/scripts/internal/terminal"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/cli"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/rulebook"
	"github.com/keysmith/keysmith/shared/keypolicy"
)

// answer is a rule as JSON.
type answer struct {
	Rule       string             `json:"rule"`
	Severity   keypolicy.Severity `json:"severity"`
	Class      string             `json:"class"`
	Own        bool               `json:"own"` // a rule of keysmith, not of KMS
	Title      string             `json:"title"`
	Why        string             `json:"why"`
	Remedy     string             `json:"remedy"`
	Acceptable bool               `json:"acceptable"`        // may be named in accept-findings
	Example    string             `json:"example,omitempty"` // "- " before the lines that the rule reports, "+ " before the others
	Link       string             `json:"link,omitempty"`
}

// Command declares keysmith explain.
func Command(env cli.Env) *cobra.Command {
	format := cli.NewChoice("text", "json")
	c := &cobra.Command{
		Use:     "explain rule",
		Short:   "Explain a rule: what it finds, why it matters, what to write instead",
		Example: "  keysmith explain untrusted-account",
		Args:    cli.Exactly(1, "one rule"),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return ids(), cobra.ShellCompDirectiveNoFileComp
		},
	}
	format.Register(c, "format", "format of the answer")
	colour := cli.Colour(c, env)
	c.RunE = func(_ *cobra.Command, args []string) error {
		rule, known := rulebook.ByID(args[0])
		if !known {
			if near := repoconfig.Closest(args[0], ids()); near != "" {
				return cli.Misuse("there is no rule %q. Did you mean %s?", args[0], near)
			}
			return cli.Misuse("there is no rule %q; all rules are listed at %s", args[0], rulebook.Link)
		}
		if format.Value == "json" {
			return cli.WriteJSON(env.Out, answer{
				Rule: rule.ID, Severity: rule.Severity, Class: rule.Class.String(), Own: rule.Own, Title: rule.Title,
				Why: rule.Why, Remedy: rule.Remedy, Acceptable: rule.Acceptable(), Example: keypolicy.RuleExample(rule.ID), Link: rule.Link,
			})
		}
		return text(env, rule, colour())
	}
	return c
}

func ids() []string {
	var all []string
	for _, r := range rulebook.All() {
		all = append(all, r.ID)
	}
	return all
}

func text(env cli.Env, r keypolicy.Rule, colour bool) error {
	out := bufio.NewWriter(env.Out)
	width := env.Columns
	if width == 0 {
		width = 100
	}
	s := terminal.NewStyled(out, width, colour)
	s.Line(0, terminal.Span{Style: terminal.Bold, Text: r.ID}, terminal.Text(" (%s, %s)", r.Severity, r.Chapter))
	s.Line(0, terminal.Text("%s.", r.Title))
	s.Blank()
	s.Line(0, terminal.Text("%s", r.Why))
	s.Line(0, terminal.Span{Style: terminal.Bold, Text: "Remedy: "}, terminal.Text("%s", r.Remedy))
	s.Line(0, terminal.Text("%s", refusal(r)))
	if r.Own {
		s.Line(0, terminal.Text("This is a rule of keysmith, not of KMS."))
	}
	if r.Link != "" {
		s.Line(0, terminal.Text("%s", r.Link))
	}
	if _, documented := keypolicy.RuleByID(r.ID); documented {
		example(s, keypolicy.RuleExample(r.ID))
		s.Line(0, terminal.Text("All rules: %s", rulebook.Link))
	}
	return out.Flush()
}

// example shows the lines of a policy that the rule reports and those to write.
func example(s *terminal.Screen, text string) {
	if text == "" {
		return
	}
	s.Blank()
	for line := range strings.Lines(text) {
		style := terminal.Green
		if strings.HasPrefix(line, "-") {
			style = terminal.Red
		}
		s.Line(2, terminal.Span{Style: style, Text: strings.TrimRight(line, "\n")})
	}
	s.Blank()
}

// refusal says whether the rule can be waived.
func refusal(r keypolicy.Rule) string {
	if r.Acceptable() {
		return "It refuses a policy by its severity (reject-at), unless accept-findings names it."
	}
	return "It always refuses a policy; accept-findings cannot name it."
}
