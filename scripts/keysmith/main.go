// Command keysmith checks, compares and explains AWS KMS key policies.
//
// It exists so that a policy can be judged where it is written: on a laptop, in
// a pre-commit hook, in a pull request. It runs the very code that the functions
// run, so the two never disagree.
//
// Each command says with --help what it does and what its exit codes mean.
package main

import (
	"context"
	"os"
	"time"

	"github.com/keysmith/keysmith/scripts/internal/terminal"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/cli"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/config"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/diff"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/explain"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/history"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/lint"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/plan"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/prove"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/pull"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/push"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/rollback"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/status"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/whocan"
)

// commands are all that the program has. A new one is one line here.
var commands = []cli.Command{
	lint.Command,
	diff.Command,
	prove.Command,
	whocan.Command,
	pull.Command,
	plan.Command,
	push.Command,
	status.Command,
	history.Command,
	rollback.Command,
	config.Command,
	explain.Command,
	cli.Version,
	cli.Completion,
}

func main() {
	colour, columns := terminal.Shows(os.Stdout)
	env := cli.Env{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Colour: colour, Columns: columns, Now: time.Now()}
	os.Exit(cli.Run(context.Background(), env, os.Args[1:], commands...))
}
