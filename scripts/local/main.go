// Command local runs keysmith on this machine, without AWS: the real function
// binary, wired as template.yaml says, against a fake AWS on loopback.
//
//	local demo            what it does, in a few scenes, each of them checked
//	local watch [folder]  keep it running: drop a policy, see the verdict
//
// `make demo` and `make local` build what it needs and run it.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/keysmith/keysmith/scripts/internal/terminal"
)

// Exit codes.
const (
	exitFailed = 1 // a scene differs, or the stack cannot run
	exitUsage  = 2
)

func main() {
	if code, done := ownJob(); done {
		os.Exit(code)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	code := runCommand(ctx, command(terminal.New(os.Stdout)), os.Args[1:], terminal.New(os.Stderr))
	stop()
	os.Exit(code)
}

// runCommand runs what args name and returns the exit code.
func runCommand(ctx context.Context, root *cobra.Command, args []string, trouble *terminal.Screen) int {
	root.SetArgs(args)
	ran, err := root.ExecuteContextC(ctx)
	if err == nil {
		return 0
	}
	for line := range strings.SplitSeq(err.Error(), "\n") {
		trouble.Item(0, terminal.Text("local:"), terminal.Text("%s", line))
	}
	var usage *usageError
	if errors.As(err, &usage) || strings.HasPrefix(err.Error(), "unknown command") {
		trouble.Line(0, terminal.Text("See %s --help.", ran.CommandPath()))
		return exitUsage
	}
	return exitFailed
}

// A usageError says that a command was called wrongly.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

func misuse(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }
