package status

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/keysmith/keysmith/scripts/keysmith/internal/progress"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/subject"
	"github.com/keysmith/keysmith/shared/bucket"
	"github.com/keysmith/keysmith/shared/objectkey"
	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/sweep"
)

const holds = "holds/"

// readers is how many objects are read side by side.
const readers = 32

// gather reads the bucket.
func (r *reporter) gather(ctx context.Context) (*Fleet, error) {
	f := &Fleet{Schema: Schema, Bucket: r.bucket.Name, Time: r.env.Now.UTC().Truncate(time.Second), Notes: []string{}, Keys: []*Key{}}
	objects, err := r.list(ctx, objectkey.Policies)
	if err != nil {
		return nil, err
	}
	reported, err := r.list(ctx, objectkey.Status(objectkey.Policies))
	if err != nil {
		return nil, err
	}
	held, err := r.holds(ctx)
	if err != nil {
		return nil, err
	}
	exists := map[string]bool{}
	for _, object := range objects {
		exists[object] = true
		f.Keys = append(f.Keys, &Key{Object: object, Hold: held[object]})
	}
	for _, name := range reported {
		if object := strings.TrimPrefix(name, objectkey.Status("")); !exists[object] {
			f.Keys = append(f.Keys, &Key{Object: object, State: Removed, Message: "the object was deleted; the policy in force stays as it is"})
		}
	}
	if err := r.each(f.Keys, func(k *Key) error { return r.look(ctx, k) }); err != nil {
		return nil, err
	}
	r.sweepReport(ctx, f)
	r.unmanaged(ctx, f)
	f.settle()
	return f, ctx.Err()
}

func (r *reporter) list(ctx context.Context, prefix string) (keys []string, err error) {
	after := ""
	for {
		page, more, err := r.bucket.Page(ctx, prefix, after)
		if err != nil {
			return nil, err
		}
		keys = append(keys, page...)
		if !more || len(page) == 0 {
			return keys, nil
		}
		after = page[len(page)-1]
	}
}

func (r *reporter) each(keys []*Key, look func(*Key) error) error {
	next := make(chan *Key)
	var running sync.WaitGroup
	errs := make([]error, min(readers, len(keys)))
	bar := progress.Start(r.env.Err, "reading the bucket", len(keys))
	defer bar.Done()
	for i := range errs {
		running.Go(func() {
			for k := range next {
				if errs[i] == nil {
					errs[i] = look(k)
				}
				bar.Add(1)
			}
		})
	}
	for _, k := range keys {
		next <- k
	}
	close(next)
	running.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// look reads one object and its status.
func (r *reporter) look(ctx context.Context, k *Key) error {
	k.facts = subject.Named(r.settings.Options().Key, k.Object)
	k.Key = &outcome.Key{ID: k.facts.ID, Account: k.facts.Account, Region: k.facts.Region}
	said, err := r.statuses.Read(ctx, k.Object)
	switch {
	case err != nil && !bucket.Denied(err):
		return err
	case err == nil && said.Fault == nil && said.Status != nil && said.Key != nil:
		k.Key = said.Key
	}
	if k.State == Removed {
		if said.Status != nil {
			k.Since, k.Outcome = said.Time, said.Outcome
		}
		return nil
	}
	o, readErr := r.object(ctx, k.Object)
	switch {
	case bucket.Missing(readErr):
		k.State, k.Message = Removed, "the object was deleted; the policy in force stays as it is"
		return nil
	case readErr != nil && !bucket.Denied(readErr):
		return fmt.Errorf("reading %s: %w", k.Object, readErr)
	}
	k.VersionID, k.Commit, k.text = o.ID, o.Metadata["commit"], o.Bytes
	if fault := errors.Join(err, readErr, said.Fault); fault != nil {
		k.State, k.Message = Unreadable, fault.Error()
		return nil
	}
	k.judge(said.Status, said.Status != nil && said.Of(o.ID, strings.Trim(o.ETag, `"`)))
	return nil
}

// object reads the newest version. Its text is of use for a page only.
func (r *reporter) object(ctx context.Context, object string) (bucket.Object, error) {
	if r.html == "" {
		return r.bucket.Head(ctx, object)
	}
	return r.bucket.Read(ctx, object)
}

// holds reads the holds that are in force, by object.
func (r *reporter) holds(ctx context.Context) (map[string]*Hold, error) {
	names, err := r.list(ctx, holds)
	if err != nil {
		return nil, err
	}
	all := map[string]*Hold{}
	for _, name := range names {
		h := &Hold{}
		o, err := r.bucket.Read(ctx, name)
		switch {
		case bucket.Missing(err):
			continue
		case err != nil:
			h.Fault = err.Error()
		default:
			if err := json.Unmarshal(o.Bytes, h); err != nil {
				*h = Hold{Fault: "it is not {\"reason\", \"until\"}: " + err.Error()}
			}
		}
		if h.Until.IsZero() || r.env.Now.Before(h.Until) {
			all[strings.TrimPrefix(name, holds)] = h
		}
	}
	return all, nil
}

// sweepReport reads what the last sweep said. Without it the states are as old as
// the last event of each key.
func (r *reporter) sweepReport(ctx context.Context, f *Fleet) {
	var report sweep.Report
	if !r.report(ctx, f, objectkey.SweepReport, &report) {
		return
	}
	f.Sweep = &Sweep{Ended: report.Ended, Complete: report.Complete, Objects: report.Objects, Failed: append([]string{}, report.Failed...)}
}

// report reads a JSON object that the sweep wrote; false where it cannot be used.
func (r *reporter) report(ctx context.Context, f *Fleet, name string, into any) bool {
	o, err := r.bucket.Read(ctx, name)
	if err == nil {
		err = json.Unmarshal(o.Bytes, into)
	}
	switch {
	case bucket.Missing(err) && name == objectkey.UnmanagedReport:
		f.Notes = append(f.Notes, "Keys without an object are not known: there is no "+name+".")
	case bucket.Missing(err): // the sentence about the sweep says it
	case err != nil:
		f.Notes = append(f.Notes, "reading "+name+": "+err.Error())
	}
	return err == nil
}

// unmanaged adds the keys without an object, and what the sweep knows of the others.
func (r *reporter) unmanaged(ctx context.Context, f *Fleet) {
	var u sweep.Unmanaged
	if !r.report(ctx, f, objectkey.UnmanagedReport, &u) {
		return
	}
	byObject := map[string]*Key{}
	for _, k := range f.Keys {
		byObject[k.Object] = k
	}
	for _, text := range u.Unmanaged {
		arn, _ := objectkey.ParseARN(text)
		f.Keys = append(f.Keys, &Key{
			Key:   &outcome.Key{ARN: text, ID: arn.KeyID, Account: arn.Account, Region: arn.Region},
			State: Unmanaged, Since: u.Time, Message: "the key has no object in the bucket",
		})
	}
	for _, object := range u.Gone {
		if k := byObject[object]; k != nil && k.State == InSync {
			k.State, k.Message, k.Since = Failed, "the key does not exist any more", u.Time
		}
	}
	for _, object := range u.Unreadable {
		if k := byObject[object]; k != nil && k.State == InSync {
			k.State, k.Message, k.Since = Unreadable, "the last sweep could not read the key", u.Time
		}
	}
}
