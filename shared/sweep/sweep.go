// Package sweep sends a reconcile message for every object of the policy
// bucket, and reports what it finds on the way.
//
// Events tell keysmith of uploads; nothing tells it of a change that somebody
// makes by hand, of an event that was lost, or of a key without an object. A
// sweep does, by asking that everything is looked at again. It reads no key and
// changes none: it lists, sends, counts and reports.
package sweep

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/keysmith/keysmith/shared/bucket"
	"github.com/keysmith/keysmith/shared/target"
)

// A Sweeper sweeps one bucket. Its fields are set once.
type Sweeper struct {
	Bucket    *bucket.Bucket
	Queue     queueAPI
	QueueURL  string        // where the reconcile messages go
	PerSecond int           // how many
	Reach     *target.Reach // where keys are listed
	Scope     Scope
	Own       target.Place // of the stack
	Targets   target.Scope
	// Continue invokes this function once more, asynchronously, to go on after an
	// object key.
	Continue func(ctx context.Context, after string) error
	// Ended is called with the report of a sweep that ended; the keys are nil where
	// they could not be looked at.
	Ended func(Report, *Unmanaged)
	// Overdue is called where a sweep runs that began an Interval ago.
	Overdue  func()
	Interval time.Duration // between two sweeps; zero if it is not known
	Log      *slog.Logger
}

// An Answer says how many reconcile messages an invocation sent, and after
// which object key the sweep goes on; empty where it has ended.
type Answer struct {
	Sent    int    `json:"sent"`
	After   string `json:"after"`
	Skipped string `json:"skipped,omitempty"` // why nothing was done
}

// mostParts bounds how many invocations one sweep may take: at 50 keys a second
// and 15 minutes each, 900,000 keys.
const mostParts = 20

// Sweep goes on with the sweep that was interrupted or that waits for this
// invocation, or starts one after an object key. While another invocation is
// sweeping it does nothing. holder is the request id of the invocation, the same
// for each of Lambda's attempts.
//
// An error means that the sweep is not done and that Lambda is to try again:
// that attempt goes on where this one ended.
func (s *Sweeper) Sweep(ctx context.Context, holder, after string) (Answer, error) {
	h, busy, err := begin(ctx, s.Bucket, holder, after)
	switch {
	case err != nil:
		return Answer{}, err
	case busy != nil:
		s.Log.InfoContext(ctx, "not sweeping", "why", busy.why)
		if s.Interval > 0 && busy.age >= s.Interval*9/10 {
			s.Overdue()
		}
		return Answer{Skipped: busy.why}, nil
	}
	p := &part{Sweeper: s, hold: h, running: h.record.Running, time: newBudget(ctx), sender: newSender(s.Queue, s.QueueURL, s.PerSecond)}
	answer, err := p.run(ctx)
	if errors.Is(err, errLost) {
		s.Log.WarnContext(ctx, "stopped sweeping", "why", err.Error())
		return Answer{Sent: p.sent, Skipped: err.Error()}, nil
	}
	return answer, err
}

// A part is what one invocation does of a sweep.
type part struct {
	*Sweeper
	*hold
	running *running
	time    budget
	sender  *sender
	sent    int
	moved   bool // something was done in this invocation
}

func (p *part) run(ctx context.Context) (Answer, error) {
	list := listAfter(p.Bucket, p.running.After)
	for !p.running.Listed {
		if p.moved && !p.time.left(p.chunkTime()) {
			return p.handOver(ctx)
		}
		if err := p.step(ctx, list); err != nil {
			return Answer{}, p.giveUp(ctx, err)
		}
		p.moved = true
		if p.due() {
			if err := p.save(ctx); err != nil {
				return Answer{}, err
			}
		}
	}
	if p.moved && !p.time.left(p.time.whole/2) {
		return p.handOver(ctx)
	}
	return p.end(ctx)
}

// chunk is how many objects are done before the sweep looks at the clock again.
func (p *part) chunk() int {
	const seconds = 2
	if p.Targets.Elsewhere() {
		return 100 * perCall // of several places, most likely, which go side by side
	}
	return min(max((seconds*p.PerSecond+perCall-1)/perCall, 1), 100) * perCall
}

func (p *part) chunkTime() time.Duration {
	return time.Duration(p.chunk()) * time.Second / time.Duration(p.PerSecond)
}

// step does the next chunk of the list, all of it or none as far as the cursor
// tells: a message may be sent twice, never not at all.
func (p *part) step(ctx context.Context, list *listing) error {
	items, err := list.next(ctx, p.chunk())
	if err != nil {
		return err
	}
	if len(items) == 0 {
		p.running.Listed = true
		return nil
	}
	counts := p.running.Counts
	counts.Outcomes = maps.Clone(counts.Outcomes)
	send, look := p.assort(items, &counts)
	found := p.lookAll(ctx, look)
	refused, err := p.sender.send(ctx, send)
	statuses := found()
	gone := p.tally(items, statuses, &counts)
	if err == nil && len(gone) > 0 {
		var more map[string]string
		more, err = p.sender.send(ctx, gone)
		for object, why := range more {
			refused[object] = why
		}
	}
	if err != nil {
		return err
	}
	for object, why := range refused {
		p.running.fail("sending the reconcile of " + object + ": " + why)
	}
	n := len(send) + len(gone) - len(refused)
	counts.Sent += n
	p.sent += n
	p.running.Counts, p.running.After = counts, items[len(items)-1].object
	return nil
}

// handOver lets another invocation go on.
func (p *part) handOver(ctx context.Context) (Answer, error) {
	r := p.running
	if r.Parts >= mostParts {
		r.fail(fmt.Sprintf("stopped after %d invocations at %s: raise SWEEP_READS_PER_SECOND", r.Parts, r.After))
		return Answer{Sent: p.sent}, p.close(ctx, nil)
	}
	r.Holder = ""
	if err := p.save(ctx); err != nil {
		return Answer{}, err
	}
	answer := Answer{Sent: p.sent, After: r.After}
	if err := p.Continue(ctx, r.After); err != nil {
		// Nothing is lost: the next sweep, whoever starts it, goes on from here.
		p.Log.ErrorContext(ctx, "the sweep ends here, and the next one continues it", "after", r.After, "err", err)
		return answer, nil
	}
	p.Log.InfoContext(ctx, "another invocation continues the sweep", "after", r.After, "sent", p.sent)
	return answer, nil
}

// giveUp lets any later invocation go on at once, and returns why this one does
// not.
func (p *part) giveUp(ctx context.Context, why error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callTimeout)
	defer cancel()
	p.running.Holder = ""
	return errors.Join(fmt.Errorf("sweeping after %q: %w", p.running.After, why), p.save(ctx))
}

// end looks at the keys of the account and closes the sweep. Of a sweep of a
// part of the bucket, too, since the keys are compared with all of it.
func (p *part) end(ctx context.Context) (Answer, error) {
	u, err := p.compareKeys(ctx, p.running.Unreadable.Objects)
	if err != nil {
		p.running.fail(err.Error())
	}
	return Answer{Sent: p.sent}, p.close(ctx, u)
}

// close writes the report of the sweep in place of the sweep.
func (p *part) close(ctx context.Context, u *Unmanaged) error {
	report := p.running.Report
	report.Ended, report.Complete = p.now().UTC(), p.running.Listed
	report.Seconds = report.Ended.Sub(report.Started).Round(time.Millisecond).Seconds()
	slices.Sort(report.Failed)
	report.noNulls()
	p.record.Report, p.record.Running = &report, nil
	if err := p.save(ctx); err != nil {
		return err
	}
	p.Log.InfoContext(ctx, "swept", "objects", report.Objects, "sent", report.Sent, "seconds", report.Seconds, "failed", report.Failed)
	p.Ended(report, u)
	return nil
}
