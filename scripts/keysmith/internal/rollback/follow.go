package rollback

import (
	"context"
	"fmt"
	"time"

	"github.com/keysmith/keysmith/scripts/keysmith/internal/cli"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/progress"
	"github.com/keysmith/keysmith/shared/bucket"
	"github.com/keysmith/keysmith/shared/status"
)

// The pauses between two looks at the status.
const (
	firstPause = 300 * time.Millisecond
	maxPause   = 5 * time.Second
)

// follow waits for the final outcome of a version, where that is asked for.
func (r *rollback) follow(ctx context.Context, v bucket.Version) error {
	if !r.wait {
		return nil
	}
	bar := progress.Start(r.env.Err, "waiting for the outcome", 0)
	defer bar.Done()
	last := "there was no status for this version"
	end := time.Now().Add(r.timeout)
	for pause := firstPause; time.Now().Before(end); pause = min(pause*3/2, maxPause) {
		seen, err := r.statuses.Read(ctx, r.key.Object)
		switch {
		case err != nil && ctx.Err() == nil && !bucket.Transient(err):
			return r.key.Bucket.Explain(err)
		case err == nil && seen.Status != nil && seen.Of(v.ID, v.ETag):
			if seen.Final() {
				return r.outcome(seen.Status)
			}
			last = "the last outcome was " + in(seen.Status) + ", and keysmith tries again"
		case err == nil:
			if newer, err := r.superseded(ctx, v); newer || err != nil {
				return err
			}
		}
		bar.Add(0)
		select {
		case <-time.After(min(pause, time.Until(end))):
		case <-ctx.Done():
			return fmt.Errorf("stopped waiting: %s. The upload stays: run the command again to wait for its outcome", last)
		}
	}
	r.line("No final outcome within %s: %s. Run the command again to keep waiting.", r.timeout, last)
	return cli.Exit(cli.Refused)
}

// superseded reports whether the bucket has a newer version by now, of which the
// outcome would be another one's.
func (r *rollback) superseded(ctx context.Context, v bucket.Version) (bool, error) {
	o, err := r.key.Bucket.Head(ctx, r.key.Object)
	switch {
	case bucket.Missing(err):
		r.line("Superseded: the object was deleted after the upload.")
	case err != nil && bucket.Transient(err):
		return false, nil
	case err != nil:
		return true, r.key.Bucket.Explain(err)
	case o.Version == v:
		return false, nil
	default:
		r.line("Superseded: the bucket has a newer version by now, %s.", o.ID)
	}
	return true, cli.Exit(cli.Refused)
}

func (r *rollback) outcome(s *status.Status) error {
	r.line("%s.", in(s))
	if s.Outcome == status.Applied {
		return nil
	}
	return cli.Exit(cli.Refused)
}

// in puts an outcome in words.
func in(s *status.Status) string {
	if s.Error == nil {
		return string(s.Outcome)
	}
	return fmt.Sprintf("%s: %s: %s", s.Outcome, s.Error.Code, s.Error.Message)
}
