package push

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/keysmith/keysmith/scripts/keysmith/internal/progress"
	"github.com/keysmith/keysmith/shared/bucket"
	"github.com/keysmith/keysmith/shared/kmskey"
	"github.com/keysmith/keysmith/shared/target"
)

// Metadata of an upload.
const (
	commitKey   = "commit"
	previousKey = "expected-previous"
)

// send uploads what is to be uploaded, wave after wave. Its error is trouble; what
// became of the uploads is in the items.
func (p *pusher) send(ctx context.Context) error {
	list := p.underway()
	p.bar = progress.Start(p.env.Err, "uploading", len(list))
	defer p.bar.Done()
	ends := p.waves.ends(len(list))
	start := 0
	for i, end := range ends {
		if ctx.Err() != nil {
			return nil
		}
		part := list[start:end]
		if err := p.wave(ctx, part); err != nil {
			return err
		}
		for _, it := range list[:end] {
			if it.state.bad() {
				p.stopped(i, len(ends))
				return nil
			}
		}
		start = end
		if len(p.waves) > 0 && ctx.Err() == nil {
			p.env.Say("wave %d of %d: %d of %d applied and verified", i+1, len(ends), end, len(list))
		}
	}
	return nil
}

func (p *pusher) stopped(i, n int) {
	if len(p.waves) > 0 && i < n-1 {
		p.env.Say("stopped after wave %d of %d, which is not verified: the keys of later waves are not touched. Run the command again to continue", i+1, n)
	}
}

// underway are the items that this call is about: those to upload, those whose
// outcome is not known yet, and those that an earlier call for the same commit has
// applied, so that the waves of a call that continues are the same.
func (p *pusher) underway() []*item {
	var list []*item
	for _, it := range p.items {
		continued := it.done && it.commit != "" && it.heldBy == it.commit && len(p.waves) > 0
		if it.state == notStarted || !it.done || continued {
			list = append(list, it)
		}
	}
	return list
}

// wave uploads one part and, with --wait, follows it. Accounts and Regions take
// turns, so that the function uses the quotas of all of them.
func (p *pusher) wave(ctx context.Context, part []*item) error {
	err := each(target.Spread(part, func(it *item) string { return it.object }), func(it *item) error {
		if ctx.Err() != nil || it.state != notStarted {
			return nil
		}
		if !p.wait {
			defer p.bar.Add(1)
		}
		return p.upload(it)
	})
	if err != nil {
		return p.bucket.Explain(err)
	}
	if !p.wait {
		return nil
	}
	return p.bucket.Explain(p.follow(ctx, part))
}

// uploadTries is how often an upload is tried whose fate is not known.
const uploadTries = 3

// upload stores one file. It is not stopped by Ctrl-C: either all of an upload
// happens or nothing. It is stored only over the version that it was compared with.
func (p *pusher) upload(it *item) error {
	ctx := context.Background() // of its own: each call has its time limit
	var last error
	for try := range uploadTries {
		time.Sleep(time.Duration(try) * time.Second)
		version, err := p.bucket.Replace(ctx, it.object, it.Text, it.metadata(), it.seen)
		if err == nil {
			it.state, it.version, it.said = uploaded, version, nil
			return nil
		}
		// A connection that broke may have delivered it, and then the next try finds
		// it changed.
		if mine, readErr := p.arrived(ctx, it); readErr == nil && mine {
			return nil
		}
		if errors.Is(err, bucket.ErrChanged) {
			it.state, it.message = superseded, "another version of the object was uploaded in the meantime, so nothing was uploaded. Compare them, and run the command again"
			return nil
		}
		last = err
		if !bucket.Transient(err) {
			break
		}
	}
	it.state, it.message = refused, kmskey.Message(last)
	return fmt.Errorf("uploading %s: %w", it.object, last)
}

// arrived reports whether the newest version is the upload whose answer got lost.
func (p *pusher) arrived(ctx context.Context, it *item) (bool, error) {
	o, err := p.bucket.Read(ctx, it.object)
	if err != nil || o.Version == it.seen || string(o.Bytes) != string(it.Text) {
		return false, err
	}
	for name, value := range it.metadata() {
		if o.Metadata[name] != value {
			return false, nil
		}
	}
	it.state, it.version, it.said = uploaded, o.Version, nil
	return true, nil
}

func (it *item) metadata() map[string]string {
	m := map[string]string{}
	if it.commit != "" {
		m[commitKey] = it.commit
	}
	if it.previous != "" {
		m[previousKey] = it.previous
	}
	return m
}
