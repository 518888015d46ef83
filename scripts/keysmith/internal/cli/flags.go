package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/keysmith/keysmith/scripts/internal/repoconfig"
)

// Choice is a flag that takes one of a few words.
type Choice struct {
	Value string
	words []string
}

// NewChoice returns a flag whose default is the first word.
func NewChoice(words ...string) *Choice { return &Choice{words[0], words} }

func (c *Choice) String() string { return c.Value }

// Type names the value in help.
func (c *Choice) Type() string { return "word" }

// Set takes one of the words.
func (c *Choice) Set(text string) error {
	if !slices.Contains(c.words, text) {
		return fmt.Errorf("want one of %s", strings.Join(c.words, ", "))
	}
	c.Value = text
	return nil
}

// Register declares the flag, and its words for the completion of the shell.
func (c *Choice) Register(command *cobra.Command, name, usage string) {
	command.Flags().Var(c, name, usage+": `"+strings.Join(c.words, "|")+"`")
	_ = command.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(c.words, cobra.ShellCompDirectiveNoFileComp))
}

// setting is a flag that keysmith.yaml knows too.
type setting struct {
	repoconfig.Definition
	set repoconfig.Set
}

// Settings declares the flags of these names, those of keysmith.yaml, and
// returns the set that they fill.
func Settings(flags *pflag.FlagSet, names ...string) repoconfig.Set {
	set := repoconfig.Set{}
	for _, name := range names {
		d, known := repoconfig.Lookup(name)
		if !known {
			panic("no setting " + name) // a mistake in the program
		}
		f := flags.VarPF(&setting{d, set}, name, "", d.Usage)
		if d.Kind == repoconfig.Switch {
			f.NoOptDefVal = "true"
		}
	}
	return set
}

func (s *setting) String() string {
	if e, ok := s.set[s.Name]; ok {
		return strings.Join(e.Values, ",")
	}
	return s.Unset
}

// Type names the value in help.
func (s *setting) Type() string {
	return [...]string{"text", "list", "bool"}[s.Kind]
}

// Set checks what stands behind the flag. A list may be given in parts.
func (s *setting) Set(text string) error {
	e := repoconfig.Entry{From: "--" + s.Name, Values: []string{text}}
	if s.Kind == repoconfig.List {
		e.Values = strings.FieldsFunc(text, func(r rune) bool { return r == ',' })
	}
	for i, v := range e.Values {
		e.Values[i] = strings.TrimSpace(v)
		if err := s.CheckFlag(e.Values[i]); err != nil {
			return err
		}
	}
	if s.Kind == repoconfig.List {
		e.Values = append(s.set[s.Name].Values, e.Values...)
	}
	s.set[s.Name] = e
	return nil
}
