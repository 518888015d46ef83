package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"

	"github.com/keysmith/keysmith/shared/keypolicy"
)

// difference is what keysmith diff reports.
type difference struct {
	Equal   bool                     `json:"equal"` // after everything that KMS rewrites
	Changes []keypolicy.Change       `json:"changes"`
	Access  []keypolicy.AccessChange `json:"access"`
}

func diff(args []string, s streams) int {
	flags := flag.NewFlagSet("keysmith diff", flag.ContinueOnError)
	flags.SetOutput(s.err)
	partition := flags.String("partition", "aws", "partition of the key: aws, aws-cn, aws-us-gov")
	format := flags.String("format", "text", "text or json")
	colour := flags.String("color", "auto", "auto, always or never")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return exitFine
		}
		return exitUsage
	}
	if flags.NArg() != 2 || !oneOf(*format, "text", "json") || !oneOf(*colour, "auto", "always", "never") {
		fmt.Fprint(s.err, "usage: keysmith diff [-format text|json] [-color auto|always|never] [-partition aws] old new\n")
		return exitUsage
	}
	old, new, err := readPair(flags.Args(), s.in)
	if err != nil {
		return fail(s, err)
	}
	d := compare(old, new, *partition)
	if err := d.write(s, *format, newPalette(*colour, s.colour)); err != nil {
		return fail(s, fmt.Errorf("writing the report: %w", err))
	}
	if d.Equal {
		return exitFine
	}
	return exitRefused
}

func compare(old, new *keypolicy.Policy, partition string) difference {
	return difference{
		Equal:   old.Canonical(partition).Equal(new.Canonical(partition)),
		Changes: keypolicy.Diff(old, new, partition),
		Access:  keypolicy.CompareAccess(old, new, partition),
	}
}

func readPair(names []string, in io.Reader) (old, new *keypolicy.Policy, err error) {
	if names[0] == "-" && names[1] == "-" {
		return nil, nil, errors.New("only one of the two policies can come from standard input")
	}
	if old, err = readPolicy(names[0], in); err != nil {
		return nil, nil, err
	}
	new, err = readPolicy(names[1], in)
	return old, new, err
}

// readPolicy reads a policy that can be compared. What is merely unwise can.
func readPolicy(name string, in io.Reader) (*keypolicy.Policy, error) {
	text, err := read(name, in)
	if err != nil {
		return nil, err
	}
	p, findings := keypolicy.Parse(text)
	if !p.Opaque() {
		return p, nil
	}
	i := max(0, slices.IndexFunc(findings, func(f keypolicy.Finding) bool { return f.Severity == keypolicy.Error }))
	f := findings[i]
	return nil, fmt.Errorf("%s:%d:%d: %s", display(name), f.Line, f.Column, f.Message)
}

func (d difference) write(s streams, format string, p palette) error {
	if format == "json" {
		return writeJSON(s.out, d)
	}
	w := bufio.NewWriter(s.out)
	if d.Equal {
		fmt.Fprintln(w, "The policies are the same, after everything that KMS rewrites.")
		return w.Flush()
	}
	signs := map[string]string{"added": p.green + "+", "removed": p.red + "-", "changed": p.yellow + "~"}
	for _, c := range d.Changes {
		name := ""
		if c.Sid != "" {
			name = c.Sid + ": "
		}
		fmt.Fprintf(w, "%s %s%s%s\n", signs[c.Kind], name, c.Summary, p.off)
	}
	d.writeAccess(w, p)
	return w.Flush()
}

func (d difference) writeAccess(w io.Writer, p palette) {
	if len(d.Access) == 0 {
		fmt.Fprintln(w, "\nNobody gains or loses access by the key policy.")
		return
	}
	fmt.Fprintln(w, "\nAccess by the key policy alone (grants and IAM policies are not seen):")
	for _, a := range d.Access {
		fmt.Fprintf(w, "%s%s%s\n", p.bold, a.Principal, p.off)
		for _, g := range a.Gains {
			fmt.Fprintf(w, "  %sgains %s%s\n", p.green, g, p.off)
		}
		for _, l := range a.Loses {
			fmt.Fprintf(w, "  %sloses %s%s\n", p.red, l, p.off)
		}
	}
}
