// Command local runs keysmith on this machine, without AWS: the real function
// binary, wired as template.yaml says, against a fake AWS on loopback.
//
//	go run ./scripts/local demo           what it does, in a few scenes, each of them checked
//	go run ./scripts/local watch [folder] keep it running: drop a policy, see the verdict
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/keysmith/keysmith/scripts/local/stack"
	"github.com/keysmith/keysmith/shared/outcome"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "local:", err)
		os.Exit(1)
	}
}

// flags are the same for both commands: they have defaults that fit `make`.
type flags struct {
	template, bootstrap, address string
	verbose                      bool
	folder                       string

	inspect func(outcome.Type, []byte) error // of every result event; tests have one
}

func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errors.New("what to run is missing: demo or watch")
	}
	set := flag.NewFlagSet(args[0], flag.ContinueOnError)
	var f flags
	set.StringVar(&f.template, "template", "template.yaml", "the template whose wiring is run")
	set.StringVar(&f.bootstrap, "bootstrap", "build/apply/bootstrap", "the function's binary, as `make build` leaves it")
	set.StringVar(&f.address, "address", "127.0.0.1:0", "where the fake AWS listens (port 0: any free one)")
	set.BoolVar(&f.verbose, "v", false, "show the function's log")
	if err := set.Parse(args[1:]); err != nil {
		return err
	}
	if f.folder = set.Arg(0); f.folder == "" {
		f.folder = "local"
	}
	if _, err := os.Stat(f.bootstrap); err != nil {
		return fmt.Errorf("the function is not built (run `make build`): %w", err)
	}
	switch args[0] {
	case "demo":
		return demo(ctx, f)
	case "watch":
		return watch(ctx, f)
	default:
		return fmt.Errorf("%q is no command; want demo or watch", args[0])
	}
}

// parameters are those of a deployment that watches over every key of the
// account. Two are smaller than in earnest: a fake AWS need not be waited for.
func parameters() map[string]string {
	return map[string]string{
		"Mode":                 "apply",
		"WriterPrincipals":     "arn:aws:iam::" + stack.Account + ":role/pipeline",
		"RequestPrincipals":    "arn:aws:iam::" + stack.Account + ":role/pipeline",
		"KeyArns":              "arn:aws:kms:" + stack.Region + ":" + stack.Account + ":key/*",
		"BreakGlassPrincipals": "arn:aws:iam::{account}:role/break-glass",
		"VerifyInterval":       "20ms",
		"PutsPerSecond":        "100",
	}
}
