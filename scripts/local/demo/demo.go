// Package demo shows keysmith at work in a few scenes. Each scene says what the
// result must be, and the demo fails where it is not.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/keysmith/keysmith/scripts/internal/terminal"
	"github.com/keysmith/keysmith/scripts/local/stack"
	"github.com/keysmith/keysmith/scripts/local/story"
	"github.com/keysmith/keysmith/scripts/local/verdict"
	"github.com/keysmith/keysmith/shared/keypolicy"
)

// Config says where the demo runs.
type Config struct {
	Stack  stack.Config
	Screen *terminal.Screen
	Events bool      // show each result event as it is on the bus
	Log    io.Writer // takes the function's log too; may be nil
}

// Run plays the scenes. When ctx ends, it stops after the scene under way and
// that is no error.
func Run(ctx context.Context, cfg Config) error {
	begin := time.Now()
	var log stack.LogTail
	cfg.Stack.Window, cfg.Stack.Log = batchWindow, &log
	if cfg.Log != nil {
		cfg.Stack.Log = io.MultiWriter(&log, cfg.Log)
	}
	running, err := stack.Start(cfg.Stack)
	if err != nil {
		return err
	}
	defer running.Close()
	st := &stage{
		screen: cfg.Screen, events: cfg.Events, stack: running,
		report: verdict.Writer{Screen: cfg.Screen, RejectAt: keypolicy.Security, Show: keypolicy.Warning},
	}
	story.Furnish(running)
	st.opening(cfg.Stack)
	list := scenes()
	for i, one := range list {
		st.title("%d. %s", i+1, one.title)
		st.dim(2, "%s", one.why)
		faults, err := st.play(ctx, one)
		if ctx.Err() != nil {
			st.title("Stopped after %d of %d scenes.", i, len(list))
			return nil
		}
		if err != nil || len(faults) > 0 {
			return st.broken(one, faults, err, &log)
		}
	}
	st.title("All %d scenes had the expected result (%.1f s).", len(list), time.Since(begin).Seconds())
	return nil
}

func (st *stage) opening(cfg stack.Config) {
	st.title("keysmith on this machine")
	st.dim(2, "A fake AWS listens on %s. The function %s is connected to it as %s says: bucket %s → event bus → queue → function → result bus. "+
		"Only the waiting times are shorter: %s between the %s reads that verify a policy, and %s for a batch to fill.",
		st.stack.URL, cfg.Bootstrap, cfg.Template, st.stack.Bucket(), st.stack.Setting("VERIFY_INTERVAL"), st.stack.Setting("VERIFY_READS"), batchWindow)
}

// broken shows what differs, with the end of the function's log.
func (st *stage) broken(sc scene, faults []string, err error, log *stack.LogTail) error {
	if err != nil {
		faults = append(faults, err.Error())
	}
	for _, fault := range faults {
		st.screen.Item(2, terminal.Span{Style: terminal.Red, Text: "✘"}, terminal.Text("%s", fault))
	}
	st.screen.Blank()
	if text := log.Last(20); strings.TrimSpace(text) == "" {
		st.dim(2, "The function's log is empty.")
	} else {
		st.dim(2, "The function's log ends:")
		st.screen.Verbatim(2, text)
	}
	return fmt.Errorf("scene %q: %w", sc.title, errors.Join(err, errDiffers))
}

// errDiffers reports a scene whose result was not the expected one.
var errDiffers = errors.New("the result is not the expected one (see above)")
