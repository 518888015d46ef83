package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/keysmith/keysmith/scripts/internal/terminal"
)

// Exit codes. Where several apply, trouble goes before everything else.
const (
	Fine    = 0
	Refused = 1 // refused, different, not in sync: the answer is no
	Trouble = 2 // called wrongly, or something could not be read
)

// Exit ends a command with a code. What there is to say has been said.
type Exit int

func (e Exit) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// Worse returns the exit code of two parts of one command.
func Worse(a, b int) int { return max(a, b) }

// Env is what a command reads and writes.
type Env struct {
	In       io.Reader
	Out, Err io.Writer
	Colour   bool // whether Out shows colours
	Columns  int  // how wide Out is; 0 where it is no terminal
	Now      time.Time
}

// Say writes one line for the person who waits to standard error.
func (e Env) Say(format string, args ...any) {
	for line := range strings.Lines(fmt.Sprintf(format, args...)) {
		fmt.Fprintln(e.Err, "keysmith: "+terminal.Tame(strings.TrimRight(line, "\n")))
	}
}

// A Command declares one command of the program.
type Command func(Env) *cobra.Command

// Run runs the command that args name and returns the exit code.
func Run(ctx context.Context, env Env, args []string, commands ...Command) int {
	root := &cobra.Command{
		Use:   "keysmith",
		Short: "Check, compare and explain AWS KMS key policies",
		Long: `keysmith checks, compares and explains AWS KMS key policies, with the code of the
functions that apply them. It also pulls existing policies, pushes changes, and shows the
state of all keys.

keysmith.yaml holds the settings of a deployment, in the folder of the policies or in one
above it. Flags override it.`,
		SilenceUsage:               true,
		SilenceErrors:              true,
		SuggestionsMinimumDistance: 2,
		Args:                       knownCommand,
		RunE: func(c *cobra.Command, _ []string) error {
			c.SetOut(env.Err)
			_ = c.Help()
			return Exit(Trouble)
		},
	}
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetArgs(args)
	root.SetIn(env.In)
	root.SetOut(env.Out)
	root.SetErr(env.Err)
	root.SetFlagErrorFunc(flagError)
	root.SetHelpCommand(helpCommand())
	for _, command := range commands {
		root.AddCommand(command(env))
	}
	ran, err := root.ExecuteContextC(ctx)
	return env.code(ran, err)
}

// code turns the error of a command into its exit code, and prints it.
func (e Env) code(ran *cobra.Command, err error) int {
	var exit Exit
	var misuse *usageError
	switch {
	case err == nil:
		return Fine
	case errors.As(err, &exit):
		return int(exit)
	case errors.As(err, &misuse):
		e.Say("%v", err)
		fmt.Fprintf(e.Err, "See %s --help.\n", ran.CommandPath())
	default:
		e.Say("%v", err)
	}
	if ran.Annotations[troubleAnnotation] != "" {
		return Refused
	}
	return Trouble
}

const troubleAnnotation = "trouble"

// TroubleIsOne makes a command exit with 1 instead of 2 for trouble: for one whose
// 2 means something else.
func TroubleIsOne(c *cobra.Command) { c.Annotations = map[string]string{troubleAnnotation: "1"} }

// knownCommand refuses a word that is no command.
func knownCommand(root *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if near := root.SuggestionsFor(args[0]); len(near) > 0 {
		return Misuse("there is no command %q. Did you mean %s?", args[0], strings.Join(near, " or "))
	}
	return Misuse("there is no command %q", args[0])
}

// helpCommand is cobra's, except that a command that does not exist is an error.
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [command]",
		Short: "Help about a command",
		RunE: func(c *cobra.Command, args []string) error {
			found, rest, err := c.Root().Find(args)
			if err != nil || found == nil || len(rest) > 0 {
				return knownCommand(c.Root(), args)
			}
			return found.Help()
		},
	}
}
