package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"
)

// change uploads all policies at once and waits until each key has its outcome.
func (f *fleet) change(ctx context.Context) error {
	f.began = time.Now()
	for _, i := range f.order {
		f.stack.Upload(f.set.key(i).object(), []byte(f.policy("after", i)))
	}
	err := f.await(ctx, func() (int, error) { return len(f.applied), f.collect() })
	return errors.Join(f.reportChange(), err)
}

// await shows how many keys are done until all are: on a terminal in one line,
// elsewhere in a line for every tenth of them.
func (f *fleet) await(ctx context.Context, done func() (int, error)) error {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	line := progress{terminal: term.IsTerminal(int(os.Stdout.Fd())), of: len(f.ids)} //nolint:gosec // a file descriptor fits
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
		line.show(os.Stdout, n, fmt.Sprintf("%6.1f s  %d of %d keys done, %d dead letters", f.took.Seconds(), n, len(f.ids), f.stack.GivenUp()))
		if f.took > patience {
			line.end(os.Stdout)
			return fmt.Errorf("only %d of %d keys after %s", n, len(f.ids), f.took.Round(time.Second))
		}
	}
	line.end(os.Stdout)
	return nil
}

// progress is a line that a terminal shows again and again. A file or a pipe
// gets one only when another tenth of the work is done.
type progress struct {
	terminal bool
	of       int
	tenths   int
}

func (p *progress) show(out io.Writer, done int, text string) {
	tenths := done * 10 / p.of
	switch {
	case p.terminal:
		fmt.Fprintf(out, "\r%s ", text)
	case tenths > p.tenths:
		fmt.Fprintln(out, text)
	}
	p.tenths = tenths
}

// end leaves the line that a terminal shows.
func (p *progress) end(out io.Writer) {
	if p.terminal {
		fmt.Fprintln(out)
	}
}
