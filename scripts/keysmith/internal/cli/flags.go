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
		return fmt.Errorf("%q; want one of %s", text, strings.Join(c.words, ", "))
	}
	c.Value = text
	return nil
}

// Register declares the flag, and its words for the completion of the shell.
func (c *Choice) Register(command *cobra.Command, name, usage string) {
	command.Flags().Var(c, name, usage+": `"+strings.Join(c.words, "|")+"`")
	_ = command.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(c.words, cobra.ShellCompDirectiveNoFileComp))
}

// Settings declares the flags of these names, those of keysmith.yaml, and
// returns the set that they fill.
func Settings(flags *pflag.FlagSet, names ...string) repoconfig.Set {
	return repoconfig.Flags(flags, names...)
}
