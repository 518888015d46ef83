// Command fleet lets the built function bring many keys in force at once, under
// KMS's documented quotas, and tells how near to them it came.
//
// Waiting for the real quota would take eleven minutes for 10,000 keys, so time
// runs faster: the quotas, the function's share of them and the pause between
// two reads are all scaled by one factor, which is printed. What is measured
// is how the quota is used, not how fast this machine is.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"
)

type settings struct {
	template, bootstrap string
	keys                int
	within              time.Duration
}

func main() {
	var set settings
	flag.StringVar(&set.template, "template", "template.yaml", "the template whose wiring is run")
	flag.StringVar(&set.bootstrap, "bootstrap", "build/apply/bootstrap", "the function's binary, as `make build` leaves it")
	flag.IntVar(&set.keys, "keys", 10_000, "how many keys get a new policy at once")
	flag.DurationVar(&set.within, "within", time.Minute, "how long the quota is to allow for all of them")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, set); err != nil {
		fmt.Fprintln(os.Stderr, "fleet:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, set settings) error {
	f, err := launch(set)
	if err != nil {
		return err
	}
	defer f.stack.Close()
	fmt.Printf("%d keys; KMS's quotas and the function's share of them are %.1f times the documented ones, and pauses as much shorter\n",
		set.keys, f.scale)
	if err := f.work(ctx); err != nil {
		return err
	}
	return f.report()
}
