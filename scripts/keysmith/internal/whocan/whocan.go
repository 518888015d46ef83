// Package whocan is the command that lists who may do an action by key policies.
package whocan

import (
	"bufio"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/keysmith/keysmith/scripts/internal/terminal"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/cli"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/subject"
	"github.com/keysmith/keysmith/shared/keypolicy"
)

// answer is who may do the action by one policy.
type answer struct {
	File       string             `json:"file"`
	Action     string             `json:"action"`
	Principals []keypolicy.Holder `json:"principals"`
}

// Command declares keysmith who-can.
func Command(env cli.Env) *cobra.Command {
	format := cli.NewChoice("text", "json")
	c := &cobra.Command{
		Use:   "who-can action policy…",
		Short: "List which principals may do an action, and under which conditions",
		Long: `who-can lists the principals to whom key policies allow an action, and the conditions.
A policy is a file, a folder, or - for standard input.

who-can reads key policies only. Grants can give more access. Service control policies,
permissions boundaries and endpoint policies can give less.

Exit codes: 0 the answer is complete; 2 usage error, or something could not be read.`,
		Example: `  keysmith who-can kms:Decrypt policies/
  keysmith who-can kms:ScheduleKeyDeletion key.json --account 111122223333 --format json`,
	}
	f := c.Flags()
	w := subject.Walk{Env: env, Flags: cli.Settings(f, subject.Settings...), Key: subject.Flags(f)}
	format.Register(c, "format", "format of the report")
	colour := cli.Colour(c, env)
	c.RunE = func(_ *cobra.Command, args []string) error {
		if len(args) < 2 {
			return cli.Misuse("name an action, such as kms:Decrypt, and a policy: a file, a folder, or - for standard input")
		}
		answers, err := list(&w, args[0], args[1:])
		if err != nil {
			return err
		}
		if format.Value == "json" {
			err = writeJSON(env, answers, len(args) == 2 && !isFolder(args[1]))
		} else {
			err = writeText(env, colour(), answers)
		}
		switch {
		case err != nil:
			return fmt.Errorf("writing the report: %w", err)
		case w.Troubled:
			return cli.Exit(cli.Trouble)
		}
		return nil
	}
	return c
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func list(w *subject.Walk, action string, paths []string) ([]answer, error) {
	about := keypolicy.Assertion{Claim: keypolicy.Only, Who: []string{"anyone"}, Actions: []string{action}}
	if faults := about.Faults(); len(faults) > 0 {
		return nil, cli.Misuse("%s", faults[0].Message)
	}
	answers := []answer{}
	var failed error
	w.Each(paths, func(f subject.File) {
		holders, err := keypolicy.WhoCan(action, f.Policy, f.Key)
		if err != nil && failed == nil {
			failed = err
		}
		answers = append(answers, answer{f.Path, action, append([]keypolicy.Holder{}, holders...)})
	})
	if failed != nil {
		return nil, cli.Misuse("%v", failed)
	}
	return answers, nil
}

func writeJSON(env cli.Env, answers []answer, single bool) error {
	switch {
	case !single:
		return cli.WriteJSON(env.Out, answers)
	case len(answers) == 1:
		return cli.WriteJSON(env.Out, answers[0])
	}
	return nil // it could not be read
}

func writeText(env cli.Env, colour bool, answers []answer) error {
	out := bufio.NewWriter(env.Out)
	width := env.Columns
	if width == 0 {
		width = 1 << 20 // what reads a pipe wants each message on one line
	}
	s := terminal.NewStyled(out, width, colour)
	for i, a := range answers {
		if i > 0 {
			s.Blank()
		}
		s.Line(0, terminal.Span{Style: terminal.Bold, Text: a.File}, terminal.Text(": who may call %s", a.Action))
		if len(a.Principals) == 0 {
			s.Line(2, terminal.Text("nobody"))
		}
		for _, h := range a.Principals {
			holder(s, h)
		}
	}
	return out.Flush()
}

func holder(s *terminal.Screen, h keypolicy.Holder) {
	how := map[string]string{
		"policy": "by the key policy",
		"iam":    "where an IAM policy of the account allows it",
	}[h.Through]
	if h.Undecided {
		how += ", perhaps: this could not be decided"
	}
	s.Line(2, terminal.Span{Style: terminal.Cyan, Text: called(h.Principal)}, terminal.Text(" %s", how))
	for i, when := range h.When {
		s.Line(4, terminal.Text("%s %s", [...]string{"when", "or when"}[min(i, 1)], when))
	}
	for i, unless := range h.Unless {
		s.Line(4, terminal.Text("%s %s", [...]string{"unless", "or"}[min(i, 1)], unless))
	}
	if !h.Always && !h.Undecided && len(h.When)+len(h.Unless) == 0 {
		s.Line(4, terminal.Text("for some of its requests only"))
	}
}

// called says what stands for more than one principal.
func called(principal string) string {
	if principal == "*" {
		return "everybody who is not named"
	}
	return principal
}
