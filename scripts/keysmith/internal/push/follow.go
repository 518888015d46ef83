package push

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/keysmith/keysmith/shared/bucket"
	"github.com/keysmith/keysmith/shared/status"
)

// The pauses between two looks at the statuses. A look at many takes longer.
const (
	firstPause = 300 * time.Millisecond
	maxPause   = 5 * time.Second
)

// follow waits until each item of a part has its final outcome, or the time is used
// up.
func (p *pusher) follow(ctx context.Context, part []*item) error {
	end := time.Now().Add(p.timeout)
	for pause := firstPause; ; pause = min(pause*3/2, maxPause) {
		open := waiting(part)
		if len(open) == 0 || ctx.Err() != nil {
			return nil
		}
		if err := each(open, func(it *item) error { return p.look(it) }); err != nil {
			return err
		}
		before := len(open)
		open = waiting(part)
		p.bar.Add(before - len(open))
		if len(open) > 0 && time.Now().Add(pause).After(end) {
			for _, it := range open {
				it.giveUp(p.timeout)
			}
			return nil
		}
		if len(open) > 0 {
			select {
			case <-time.After(pause):
			case <-ctx.Done():
			}
		}
	}
}

func waiting(part []*item) []*item {
	var open []*item
	for _, it := range part {
		if it.state == uploaded || it.state == unchanged && !it.done {
			open = append(open, it)
		}
	}
	return open
}

// look reads the status of an upload once.
func (p *pusher) look(it *item) error {
	ctx := context.Background() // each call has its time limit
	seen, err := p.statuses.Read(ctx, it.object)
	if err != nil && !bucket.Transient(err) {
		return err
	}
	if err == nil && seen.Status != nil && seen.Of(it.version.ID, strings.Trim(it.version.ETag, `"`)) {
		it.judge(seen.Status)
		return nil
	}
	if seen.Fault != nil {
		it.message = "the status cannot be read: " + seen.Fault.Error()
	}
	o, err := p.bucket.Head(ctx, it.object)
	switch {
	case bucket.Missing(err):
		it.state, it.message = superseded, "the object was deleted after the upload"
	case err != nil && !bucket.Transient(err):
		return fmt.Errorf("looking for the newest version of %s: %w", it.object, err)
	case err == nil && o.Version != it.version:
		it.state, it.message = superseded, "a newer version than this upload is in the bucket: "+o.ID
	}
	return nil
}

// judge takes over a status of the version. A Failed that keysmith tries again is not
// final.
func (it *item) judge(s *status.Status) {
	it.said = s
	if !s.Final() {
		return
	}
	switch s.Outcome {
	case status.Applied:
		it.state, it.done = applied, true
	case status.Rejected:
		it.state = rejected
	case status.Planned:
		it.state = planned
		if strings.HasPrefix(it.object, "policies/") {
			it.state = failed
			it.message = "it was planned only: the functions run in MODE=plan and apply nothing"
		}
	default:
		it.state = failed
	}
	if s.Error != nil {
		it.message = string(s.Error.Code) + ": " + s.Error.Message
	}
}

// giveUp ends the waiting, and says what is known.
func (it *item) giveUp(after time.Duration) {
	it.state = timedOut
	known := "there was no status for this version"
	if it.message != "" {
		known = it.message
	}
	if it.said != nil && it.said.Error != nil {
		known = fmt.Sprintf("last known: %s, which keysmith tries again: %s: %s", it.said.Outcome, it.said.Error.Code, it.said.Error.Message)
	}
	it.message = fmt.Sprintf("no final outcome within %s; %s. Run the command again to keep waiting", after, known)
}
