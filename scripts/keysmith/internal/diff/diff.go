// Package diff is the command that compares two key policies.
package diff

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/keysmith/keysmith/scripts/internal/repoconfig"
	"github.com/keysmith/keysmith/scripts/internal/terminal"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/cli"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/subject"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/tree"
	"github.com/keysmith/keysmith/shared/keypolicy"
)

// difference is what keysmith diff reports.
type difference struct {
	Equal   bool                     `json:"equal"` // after everything that KMS rewrites
	Changes []keypolicy.Change       `json:"changes"`
	Access  []keypolicy.AccessChange `json:"access"`
}

// Command declares keysmith diff.
func Command(env cli.Env) *cobra.Command {
	format := cli.NewChoice("text", "json")
	c := &cobra.Command{
		Use:   "diff old new",
		Short: "Compare two key policies: what changes, who gains and loses access",
		Long: `diff compares two key policies. A path is a file, or - for standard input.
Two policies are the same if KMS serves the same for both: order, layout and
spellings that KMS rewrites do not count.

Exit codes: 0 the same, 1 different, 2 wrong call or something could not be read.`,
		Example: `  keysmith diff old.json new.json
  aws kms get-key-policy --key-id … --query Policy --output text | keysmith diff - new.json`,
		Args: cli.Exactly(2, "two policies: the old one and the new one"),
	}
	flags := cli.Settings(c.Flags(), "partition")
	format.Register(c, "format", "format of the report")
	colour := cli.Colour(c, env)
	c.RunE = func(_ *cobra.Command, args []string) error {
		old, new, err := readPair(args, env.In)
		if err != nil {
			return err
		}
		d := compare(old, new, partition(flags))
		if format.Value == "json" {
			err = cli.WriteJSON(env.Out, d)
		} else {
			err = d.text(env, colour())
		}
		switch {
		case err != nil:
			return fmt.Errorf("writing the report: %w", err)
		case d.Equal:
			return nil
		}
		return cli.Exit(cli.Refused)
	}
	return c
}

func partition(flags repoconfig.Set) string {
	if e := flags["partition"]; len(e.Values) > 0 {
		return e.Values[0]
	}
	return "aws"
}

func compare(old, new *keypolicy.Policy, partition string) difference {
	return difference{
		Equal:   old.Canonical(partition).Equal(new.Canonical(partition)),
		Changes: listed(keypolicy.Diff(old, new, partition)),
		Access:  listed(keypolicy.CompareAccess(old, new, partition)),
	}
}

// listed makes an empty list of none, which JSON writes as [].
func listed[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}

func readPair(names []string, in io.Reader) (old, new *keypolicy.Policy, err error) {
	if names[0] == tree.Stdin && names[1] == tree.Stdin {
		return nil, nil, errors.New("only one of the two policies can come from standard input")
	}
	old, oldErr := readPolicy(names[0], in)
	new, newErr := readPolicy(names[1], in)
	return old, new, errors.Join(oldErr, newErr)
}

// readPolicy reads a policy that can be compared.
func readPolicy(name string, in io.Reader) (*keypolicy.Policy, error) {
	text, err := subject.Read(name, in)
	if err != nil {
		return nil, err
	}
	return subject.Policy(name, text)
}

func (d difference) text(env cli.Env, colour bool) error {
	out := bufio.NewWriter(env.Out)
	width := env.Columns
	if width == 0 {
		width = 1 << 20 // what reads a pipe wants each change on one line
	}
	s := terminal.NewStyled(out, width, colour)
	if d.Equal {
		s.Line(0, terminal.Text("The policies are the same, after everything that KMS rewrites."))
		return out.Flush()
	}
	marks := map[string]terminal.Span{"added": {Style: terminal.Green, Text: "+"}, "removed": {Style: terminal.Red, Text: "-"}, "changed": {Style: terminal.Yellow, Text: "~"}}
	for _, c := range d.Changes {
		name := ""
		if c.Sid != "" {
			name = c.Sid + ": "
		}
		s.Item(0, marks[c.Kind], terminal.Span{Style: marks[c.Kind].Style, Text: name + c.Summary})
	}
	s.Blank()
	d.access(s)
	return out.Flush()
}

func (d difference) access(s *terminal.Screen) {
	if len(d.Access) == 0 {
		s.Line(0, terminal.Text("Nobody gains or loses access by the key policy."))
		return
	}
	s.Line(0, terminal.Text("Access by the key policy alone (grants and IAM policies are not seen):"))
	for _, a := range d.Access {
		s.Line(0, terminal.Span{Style: terminal.Bold, Text: a.Principal})
		for _, g := range a.Gains {
			s.Line(2, terminal.Span{Style: terminal.Green, Text: "gains " + g})
		}
		for _, l := range a.Loses {
			s.Line(2, terminal.Span{Style: terminal.Red, Text: "loses " + l})
		}
	}
}
