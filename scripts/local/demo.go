package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

// demo plays the scenes. It fails unless each came out as it must.
func demo(ctx context.Context, f flags) error {
	return perform(ctx, f, newScreen(os.Stdout))
}

func perform(ctx context.Context, f flags, sc screen) error {
	begin := time.Now()
	var log memory
	st, err := f.open(sc, &log, false)
	if err != nil {
		return err
	}
	defer st.stack.Close()
	st.opening(f)
	list := scenes()
	for i, one := range list {
		st.title(fmt.Sprintf("%d. %s", i+1, one.title))
		st.say(one.why)
		faults, err := st.play(ctx, one)
		if err != nil || len(faults) > 0 {
			return st.broken(one, faults, err, &log)
		}
	}
	st.title(fmt.Sprintf("All %d scenes came out as they must, in %.1f s.", len(list), time.Since(begin).Seconds()))
	return nil
}

func (st *stage) opening(f flags) {
	st.title("keysmith on this machine")
	st.say(fmt.Sprintf("A fake AWS listens on %s. %s is wired to it as %s says: bucket → event bus → queue → function → result bus. "+
		"Only the waiting is shorter: %s between the %s reads that prove a policy, and %s for a batch to fill.",
		st.stack.URL, f.bootstrap, f.template, st.stack.Setting("VERIFY_INTERVAL"), st.stack.Setting("VERIFY_READS"), batchWindow))
}

// broken tells what differs, with the function's own words at the end.
func (st *stage) broken(sc scene, faults []string, err error, log *memory) error {
	for _, fault := range faults {
		st.failed(fault)
	}
	if err != nil {
		st.failed(err.Error())
	}
	st.printf("\nThe function's log:\n%s\n", log.tail())
	return fmt.Errorf("scene %q did not come out as it must: %w", sc.title, errors.Join(err, errDiffers))
}

var errDiffers = errors.New("see what was expected above")
