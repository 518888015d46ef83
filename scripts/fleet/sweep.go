package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/objectkey"
	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/status"
	"github.com/keysmith/keysmith/shared/sweep"
)

// swept is what came of a sweep.
type swept struct {
	report     sweep.Report
	first      time.Time     // when the first key was read
	last       time.Time     // and the last one
	reads      int           // GetKeyPolicy calls for keys other than the one that was uploaded
	upload     time.Duration // from the upload during the sweep until it was applied
	alone      time.Duration // the same before the sweep
	peak       int64         // bytes that the function which sweeps took at most
	applyPeaks int64         // and any instance of the one that applies
}

// sweep lets the function that sweeps look at all keys, whose objects say what
// is in force already, and uploads a policy before and in the middle of it.
func (f *fleet) sweep(ctx context.Context) error {
	f.stack.Cloud.S3.NotifyEventBridge(f.stack.Bucket(), false) // these were applied long ago
	for i := range f.ids {
		if err := f.appliedBefore(f.set.key(i).object(), f.policy("before", i)); err != nil {
			return err
		}
	}
	f.stack.Cloud.S3.NotifyEventBridge(f.stack.Bucket(), true)
	var s swept
	var err error
	if s.alone, err = f.upload(ctx, 0); err != nil {
		return err
	}
	f.began = time.Now()
	ended := make(chan error, 1)
	go func() {
		_, err := f.stack.Invoke(ctx, "SweepFunction", []byte(`{"keysmith": "sweep"}`))
		ended <- err
	}()
	if err := wait(ctx, f.due()/3); err != nil {
		return err
	}
	if s.upload, err = f.upload(ctx, 1); err != nil {
		return err
	}
	if err := errors.Join(<-ended, f.settled(ctx)); err != nil {
		return err
	}
	f.took = time.Since(f.began)
	f.readCalls(&s)
	if err := errors.Join(f.readReport(&s), f.readMemory(&s)); err != nil {
		return err
	}
	return f.reportSweep(s)
}

// appliedBefore uploads a policy with the status that the apply function left when it
// was applied: a version without one would be handled like an upload.
func (f *fleet) appliedBefore(object, text string) error {
	version := f.stack.Upload(object, []byte(text))
	p, _ := keypolicy.Parse([]byte(text))
	canonical, now := p.Canonical("aws").Text, time.Now().UTC()
	b, err := json.Marshal(status.Status{
		Schema: status.Schema, Object: object, VersionID: version, Outcome: status.Applied, Time: now,
		LastApplied: &status.LastApplied{VersionID: version, CanonicalSHA256: canonical, Time: now},
	})
	f.stack.Upload(objectkey.Status(object), b)
	return err
}

// due is how long the sweep may take by its pace.
func (f *fleet) due() time.Duration {
	return time.Duration(float64(len(f.ids)) / f.pace.reads * float64(time.Second))
}

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// upload changes one of the first keys, and waits until that is applied.
func (f *fleet) upload(ctx context.Context, i int) (took time.Duration, err error) {
	begin := time.Now()
	f.stack.Upload(f.set.key(i).object(), []byte(f.policy("after", i)))
	for !f.applied[f.ids[i]] {
		if err := errors.Join(wait(ctx, 20*time.Millisecond), f.collect()); err != nil {
			return 0, err
		}
		if time.Since(begin) > 2*time.Minute {
			return 0, errors.New("the upload was not applied in two minutes")
		}
	}
	return time.Since(begin), nil
}

// settled waits until no message is left.
func (f *fleet) settled(ctx context.Context) error {
	for {
		waiting, err := f.stack.Waiting(ctx)
		if err != nil || waiting == 0 {
			return err
		}
		if err := wait(ctx, 50*time.Millisecond); err != nil {
			return err
		}
	}
}

func (f *fleet) readReport(s *swept) error {
	o, ok := f.stack.Cloud.S3.Get(f.stack.Bucket(), objectkey.SweepReport)
	if !ok {
		return errors.New("the sweep left no report")
	}
	return json.Unmarshal(o.Body, &s.report)
}

// readCalls finds the reads of the sweep: all that are not of an uploaded key.
func (f *fleet) readCalls(s *swept) {
	for _, c := range f.stack.Cloud.Calls() {
		key, _ := objectkey.ParseARN(c.Resource)
		if c.Action != "GetKeyPolicy" || c.Error != "" || key.KeyID == f.ids[0] || key.KeyID == f.ids[1] {
			continue
		}
		if s.reads == 0 {
			s.first = c.Time
		}
		s.reads++
		s.last = c.Time
	}
}

func (f *fleet) readMemory(s *swept) (err error) {
	var err1, err2 error
	s.peak, err1 = f.stack.PeakMemory("SweepFunction")
	s.applyPeaks, err2 = f.stack.PeakMemory("ApplyFunction")
	return errors.Join(err1, err2)
}

// mostDeviation is how far the pace of a sweep may be from the one that was
// asked.
const mostDeviation = 0.02

func (f *fleet) reportSweep(s swept) error {
	keys := len(f.ids) - 2
	pace := float64(s.reads-1) / s.last.Sub(s.first).Seconds()
	deviation := pace/f.pace.reads - 1
	f.mu.Lock()
	fmt.Printf(`
sweep        %d objects, %d messages in %.1f s, by its report; %d keys were read from %.2f s to %.2f s after its start
pace         %.2f keys a second, %.0f were asked: %+.2f %%
upload       applied after %.2f s during the sweep, after %.2f s without one
memory       %.1f MB at most for the function that sweeps, %.1f MB for an instance of the one that applies
invocations  %d of the apply function
`, s.report.Objects, s.report.Sent, s.report.Seconds, s.reads, s.first.Sub(f.began).Seconds(), s.last.Sub(f.began).Seconds(),
		pace, f.pace.reads, 100*deviation, s.upload.Seconds(), s.alone.Seconds(), float64(s.peak)/1e6, float64(s.applyPeaks)/1e6, f.invocations)
	f.mu.Unlock()
	var uneven, late error
	if math.Abs(deviation) > mostDeviation {
		uneven = fmt.Errorf("the pace of the sweep deviated by %.1f %%, and keysmith promises less than %.0f %%", 100*deviation, 100*mostDeviation)
	}
	if later := s.upload - s.alone; later > 2*time.Second {
		late = fmt.Errorf("the upload during the sweep was applied %s later than without one", later)
	}
	puts := f.outcomes[string(outcome.Applied)]
	return errors.Join(uneven, late,
		broken(keys-s.reads, "keys were not read, or read twice"),
		broken(len(f.stack.Cloud.KMS.Puts())-2, "policies were put beside the two that were uploaded"),
		broken(puts-2, "policies were reported as applied beside the two that were uploaded"),
		broken(len(f.outcomes)-1, "other kinds of events were sent, although there was nothing to tell"),
		broken(len(s.report.Failed), "things failed in the sweep"),
		f.lost())
}
