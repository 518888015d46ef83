// Command fleet lets the built functions bring many keys in force at once, or
// sweep many that are in force already, under KMS's quotas, and tells how near
// they came to what the quotas and the stack's concurrency allow. README.md has the arithmetic.
//
// Waiting for the real quota would take eleven minutes for 10,000 keys, so time
// runs at another speed: the quotas, the function's share of them and the pause
// between two reads are all scaled by one factor, which is printed. What is
// measured is how the quota is used, not how fast this machine is.
package main

import (
	"cmp"
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
	order               string // of the uploads
	unchanged           bool
	reads               string // keys a second that a sweep reads (the template's SweepReadsPerSecond)
	log                 string // file for what the function writes; empty for nowhere
}

func main() {
	var set settings
	flag.StringVar(&set.template, "template", "template.yaml", "`file` of the template whose stack is run")
	flag.StringVar(&set.bootstrap, "bootstrap", "build/apply/bootstrap", "`file` of the built function, as make build makes it")
	flag.IntVar(&set.keys, "keys", 10_000, "`number` of keys")
	flag.IntVar(&set.accounts, "accounts", 1, "`number` of accounts with keys; the first is the stack's own")
	flag.IntVar(&set.regions, "regions", 1, "`number` of Regions with keys, in each account")
	flag.StringVar(&set.quota, "quota", "", "`number` of PutKeyPolicy calls a second that the stack may use (the template's PutQuota); empty: 15, and 3 with several accounts or Regions")
	flag.DurationVar(&set.within, "within", 0, "how long quotas and concurrency take for all of them; 0: 75s, and with several accounts or Regions a second for each 25 keys")
	flag.StringVar(&set.order, "order", "push", "`order` of the uploads: push (as keysmith push does, in turns), shuffled, or sorted (by account and Region)")
	flag.BoolVar(&set.unchanged, "unchanged", false, "change no key: sweep them, and upload one policy during the sweep")
	flag.StringVar(&set.reads, "reads", "200", "`number` of keys that a sweep reads in a second (the template's SweepReadsPerSecond)")
	flag.StringVar(&set.log, "log", "", "`file` for the function's log")
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
	if set.keys < 2 || set.within < 0 {
		return errors.New("-keys must be at least 2, and -within not less than 0")
	}
	set.within, set.quota = cmp.Or(set.within, set.usual()), cmp.Or(set.quota, set.usualQuota())
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

// perMachine is how many keys a second of all places a busy machine with two
// processors can do.
const perMachine = 25

// usual is the time in which this machine is not what bounds a fleet.
func (s settings) usual() time.Duration {
	if s.places() == 1 {
		return 75 * time.Second
	}
	return max(10*time.Second, time.Duration(s.keys)*time.Second/perMachine)
}

// usualQuota is the template's own where the quota bounds a fleet. Where the keys in
// work bound it, they are all proven at the same moment, and this machine has to
// serve them: a fifth of the stack keeps that small, and the arithmetic the same.
func (s settings) usualQuota() string {
	if s.places() == 1 {
		return "15"
	}
	return "3"
}

func openLog(name string) (*os.File, error) {
	if name == "" {
		name = os.DevNull
	}
	return os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
}
