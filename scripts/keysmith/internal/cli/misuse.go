package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/keysmith/keysmith/scripts/internal/repoconfig"
)

// usageError says that a command was called wrongly.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

// Misuse reports that a command was called wrongly; its help is pointed to.
func Misuse(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

// flagError says which flag was probably meant.
func flagError(c *cobra.Command, err error) error {
	var wrong *pflag.InvalidValueError
	if errors.As(err, &wrong) {
		return Misuse("--%s: %v", wrong.GetFlag().Name, wrong.Unwrap())
	}
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		return Misuse("%v", err)
	}
	if short := unknown.GetSpecifiedShortnames(); short != "" {
		name, _, _ := strings.Cut(short, "=")
		if near := nearFlag(c, name); near != "" {
			return Misuse("there is no flag -%s: long flags have two hyphens, so write --%s", name, near)
		}
		return Misuse("there is no flag -%s", name)
	}
	if near := nearFlag(c, unknown.GetSpecifiedName()); near != "" {
		return Misuse("there is no flag --%s. Did you mean --%s?", unknown.GetSpecifiedName(), near)
	}
	return Misuse("there is no flag --%s", unknown.GetSpecifiedName())
}

func nearFlag(c *cobra.Command, name string) string {
	var names []string
	c.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	return repoconfig.Closest(name, names)
}

// None refuses arguments of the command of this name.
func None(command string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) > 0 {
			return Misuse("%s takes no arguments, and %q is one", command, args[0])
		}
		return nil
	}
}

// Exactly checks the number of arguments. What names them, for the message.
func Exactly(n int, what string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		switch {
		case len(args) < n:
			return Misuse("name %s", what)
		case len(args) > n:
			return Misuse("%q is one argument too many: name %s", args[n], what)
		}
		return nil
	}
}
