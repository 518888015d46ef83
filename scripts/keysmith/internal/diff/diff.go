// Package diff is the command that compares two key policies.
package diff

import (
	"bufio"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/keysmith/keysmith/scripts/internal/terminal"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/cli"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/subject"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/tree"
	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/outcome"
)

// Difference is what keysmith diff reports of two policies.
type Difference struct {
	Equal   bool                     `json:"equal"` // after everything that KMS rewrites
	Changes []keypolicy.Change       `json:"changes"`
	Access  []keypolicy.AccessChange `json:"access"`
	Proof   outcome.Proof            `json:"proof"` // whether nobody gets new access

	// SamePermissions reports whether the policies allow the same requests, however
	// they are written.
	SamePermissions keypolicy.Verdict `json:"samePermissions"`
	same            keypolicy.Proof
}

// Command declares keysmith diff.
func Command(env cli.Env) *cobra.Command {
	format := cli.NewChoice("text", "json")
	c := &cobra.Command{
		Use:   "diff old new",
		Short: "Compare two key policies: what changes, who gains and loses access",
		Long: `diff compares two key policies. A path is a file, or - for standard input.
Two policies are the same if KMS serves the same text for both: order, layout and
spellings that KMS rewrites do not count. If it is proven that both allow the same
requests, the report says "Same permissions, different text". That still counts as a
difference. The facts about the key come from the names of the files, from keysmith.yaml
and from flags.

Exit codes: 0 the same; 1 different; 2 usage error, or something could not be read.`,
		Example: `  keysmith diff old.json new.json
  aws kms get-key-policy --key-id … --query Policy --output text | keysmith diff - new.json`,
		Args: cli.Exactly(2, "two policies: the old one and the new one"),
	}
	w := subject.Walk{Env: env, Flags: cli.Settings(c.Flags(), subject.Settings...), Key: subject.Flags(c.Flags())}
	format.Register(c, "format", "format of the report")
	colour := cli.Colour(c, env)
	c.RunE = func(_ *cobra.Command, args []string) error {
		old, new, err := readPair(&w, args)
		if err != nil {
			return err
		}
		d := Compare(old.Policy, new.Policy, keyOf(old, new))
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

// keyOf is what is known of the key that the policies belong to: what the new one's
// place says, or the old one's where the new one has none.
func keyOf(old, new subject.File) keypolicy.Key {
	if new.Object == "" && old.Object != "" {
		return old.Key
	}
	return new.Key
}

// Compare compares the policy in force with the one that is wanted for a key.
func Compare(old, new *keypolicy.Policy, k keypolicy.Key) Difference {
	proof, same := keypolicy.NoNewAccess(old, new, k), keypolicy.SamePermissions(old, new, k)
	return Difference{
		SamePermissions: same.Verdict, same: same,
		Equal:   old.Canonical(k.PartitionName()).Equal(new.Canonical(k.PartitionName())),
		Changes: listed(keypolicy.Diff(old, new, k.PartitionName())),
		Access:  listed(keypolicy.CompareAccess(old, new, k)),
		Proof:   outcome.Proof{NoNewAccess: proof.Verdict, Witness: proof.Witness, Reason: proof.Reason},
	}
}

// listed makes an empty list of none, which JSON writes as [].
func listed[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}

func readPair(w *subject.Walk, names []string) (old, new subject.File, err error) {
	if names[0] == tree.Stdin && names[1] == tree.Stdin {
		return old, new, errors.New("only one of the two policies can come from standard input")
	}
	old, oldErr := w.File(names[0])
	new, newErr := w.File(names[1])
	return old, new, errors.Join(oldErr, newErr)
}

func (d Difference) text(env cli.Env, colour bool) error {
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
	d.Write(s, 0)
	return out.Flush()
}

// Write tells what changes, who gains and loses access, and what is proven.
func (d Difference) Write(s *terminal.Screen, indent int) {
	marks := map[string]terminal.Span{"added": {Style: terminal.Green, Text: "+"}, "removed": {Style: terminal.Red, Text: "-"}, "changed": {Style: terminal.Yellow, Text: "~"}}
	for _, c := range d.Changes {
		name := ""
		if c.Sid != "" {
			name = c.Sid + ": "
		}
		s.Item(indent, marks[c.Kind], terminal.Span{Style: marks[c.Kind].Style, Text: name + c.Summary})
	}
	s.Blank()
	d.access(s, indent)
}

func (d Difference) access(s *terminal.Screen, indent int) {
	if d.SamePermissions == keypolicy.Proven {
		s.Line(indent, terminal.Text("%s", d.Claim()))
		return
	}
	if len(d.Access) == 0 {
		s.Line(indent, terminal.Text("%s", d.withoutAccess()))
	} else {
		s.Line(indent, terminal.Text("Access by the key policy alone (grants and IAM policies are not seen):"))
	}
	for _, a := range d.Access {
		s.Line(indent, terminal.Span{Style: terminal.Bold, Text: a.Principal})
		for _, g := range a.Gains {
			s.Line(indent+2, terminal.Span{Style: terminal.Green, Text: "gains " + g})
		}
		for _, l := range a.Loses {
			s.Line(indent+2, terminal.Span{Style: terminal.Red, Text: "loses " + l})
		}
	}
	s.Blank()
	s.Line(indent, terminal.Text("%s", d.Claim()))
}

// withoutAccess says why no change of access is listed, though the permissions are not
// proven to be the same.
func (d Difference) withoutAccess() string {
	if d.SamePermissions == keypolicy.Undecided {
		return "Undecided whether anybody gains or loses access by the key policy: " + d.same.Reason + "."
	}
	w := d.same.Witness
	return "Only one of the policies allows " + w.Action + " by " + w.Principal + conditions(w) + because(d.same.Reason) + "."
}

// Claim says in one sentence what is proven of the step from the old policy to the
// new one.
func (d Difference) Claim() string {
	if d.SamePermissions == keypolicy.Proven {
		return "Same permissions, different text: the policies allow the same requests."
	}
	switch p := d.Proof; p.NoNewAccess {
	case keypolicy.Proven:
		return "Proven: the new policy allows no request that the old one did not."
	case keypolicy.Undecided:
		return fmt.Sprintf("Undecided whether the new policy allows a request that the old one did not: %s.", p.Reason)
	default:
		return fmt.Sprintf("The new policy allows a request that the old one did not%s, such as %s by %s%s.",
			because(p.Reason), p.Witness.Action, p.Witness.Principal, conditions(p.Witness))
	}
}

func because(reason string) string {
	if reason == "" {
		return ""
	}
	return " (" + reason + ")"
}

// conditions lists the condition keys of a request.
func conditions(w *keypolicy.Witness) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(w.Context)) {
		parts = append(parts, fmt.Sprintf("%s = %v", name, w.Context[name]))
	}
	if len(parts) == 0 {
		return ""
	}
	return " with " + strings.Join(parts, ", ")
}
