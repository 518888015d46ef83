// Command fleet lets the built functions bring many keys in force at once, or
// sweep many that are in force already, under KMS's quotas, and tells how near to
// them they came. README.md has the arithmetic.
//
// Waiting for the real quota would take eleven minutes for 10,000 keys, so time
// runs at another speed: the quotas, the function's share of them and the pause
// between two reads are all scaled by one factor, which is printed. What is
// measured is how the quota is used, not how fast this machine is.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"time"
)

type settings struct {
	template, bootstrap string
	keys                int
	accounts, regions   int    // over which the keys are spread
	quota               string // PutKeyPolicy calls a second, as the template's parameter has it
	within              time.Duration
	unchanged           bool
	reads               string // keys a second that a sweep reads (the template's SweepReadsPerSecond)
	log                 string // file for what the function writes; empty for nowhere
}

func main() {
	var set settings
	flag.StringVar(&set.template, "template", "template.yaml", "the template whose wiring is run")
	flag.StringVar(&set.bootstrap, "bootstrap", "build/apply/bootstrap", "the function's binary, as `make build` leaves it")
	flag.IntVar(&set.keys, "keys", 10_000, "how many keys there are")
	flag.IntVar(&set.accounts, "accounts", 1, "over how many accounts the keys are spread; the first is the stack's own")
	flag.IntVar(&set.regions, "regions", 1, "over how many Regions of each account")
	flag.StringVar(&set.quota, "quota", "15", "PutKeyPolicy calls a second that the stack may use (the template's PutQuota)")
	flag.DurationVar(&set.within, "within", 75*time.Second, "how long the quota takes for all of them")
	flag.BoolVar(&set.unchanged, "unchanged", false, "sweep keys that are in force already, and upload one policy meanwhile, instead of changing all")
	flag.StringVar(&set.reads, "reads", "200", "keys a second that a sweep reads (the template's SweepReadsPerSecond)")
	flag.StringVar(&set.log, "log", "", "a file for the function's log")
	flag.Parse()
	debug.SetGCPercent(400) // what the fake AWS takes of the processor, the function lacks
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, set); err != nil {
		fmt.Fprintln(os.Stderr, "fleet:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, set settings) error {
	if set.keys < 2 || set.within <= 0 {
		return errors.New("-keys must be at least 2, and -within longer than 0")
	}
	if set.accounts < 1 || set.regions < 1 || set.regions > len(regionNames) || set.unchanged && set.accounts*set.regions > 1 {
		return fmt.Errorf("-accounts and -regions are at least 1, -regions at most %d, and a sweep is measured with one of each", len(regionNames))
	}
	p, err := readPace(set)
	if err != nil {
		return err
	}
	log, err := openLog(set.log)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	f, err := launch(set, p, log)
	if err != nil {
		return err
	}
	defer f.stack.Close()
	fmt.Println(p.words(set))
	if set.unchanged {
		return f.sweep(ctx)
	}
	return f.change(ctx)
}

func openLog(name string) (*os.File, error) {
	if name == "" {
		name = os.DevNull
	}
	return os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
}
