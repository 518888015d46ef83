package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// change uploads all policies at once and waits until each key has its outcome.
func (f *fleet) change(ctx context.Context) error {
	f.began = time.Now()
	for i, id := range f.ids {
		f.stack.Upload(object(id), []byte(policy("after", i)))
	}
	err := f.await(ctx, func() (int, error) { return len(f.applied), f.collect() })
	return errors.Join(f.reportChange(), err)
}

// await shows how many keys are done until all are.
func (f *fleet) await(ctx context.Context, done func() (int, error)) error {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	patience := 5*f.set.within + 3*time.Minute
	for n := 0; n < len(f.ids); {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		var err error
		if n, err = done(); err != nil {
			return err
		}
		f.took = time.Since(f.began)
		fmt.Printf("\r%6.1f s  %d of %d keys done, %d dead letters ", f.took.Seconds(), n, len(f.ids), f.stack.GivenUp())
		if f.took > patience {
			fmt.Println()
			return fmt.Errorf("only %d of %d keys after %s", n, len(f.ids), f.took.Round(time.Second))
		}
	}
	fmt.Println()
	return nil
}
