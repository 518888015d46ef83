package sweep

import (
	"context"
	"sync"

	"github.com/keysmith/keysmith/shared/status"
)

// assort tells which objects get a message, and which have a status to read. What
// no key can be named was rejected when it was uploaded, and has no reconcile.
func (s *Sweeper) assort(items []item, counts *Counts) (send []placed, look []string) {
	for _, one := range items {
		if one.exists {
			counts.Objects++
		}
		p, err := s.placed(one.object)
		if err != nil {
			if one.exists {
				counts.Unparsable.add(one.object)
			}
			continue
		}
		if one.exists {
			send = append(send, p)
		}
		if one.described {
			look = append(look, one.object)
		}
	}
	return send, look
}

// tally counts what the statuses say. It returns the objects that are gone and
// whose status does not say so yet.
func (s *Sweeper) tally(items []item, statuses map[string]*status.Status, counts *Counts) (gone []placed) {
	for _, one := range items {
		p, err := s.placed(one.object)
		if err != nil {
			continue
		}
		seen := statuses[one.object]
		switch {
		case one.exists:
			counts.tally(one.object, seen)
		case seen == nil || seen.Outcome != status.Removed:
			counts.Removed++
			gone = append(gone, p)
		}
	}
	return gone
}

// lookAll reads statuses beside the sending. The function that it returns waits
// for them. One that cannot be read counts as none: it is only counted.
func (p *part) lookAll(ctx context.Context, objects []string) func() map[string]*status.Status {
	store := status.Store{Bucket: p.Bucket}
	statuses := map[string]*status.Status{}
	var mu sync.Mutex
	var reading sync.WaitGroup
	slots := make(chan struct{}, side)
	reading.Go(func() {
		for _, object := range objects {
			slots <- struct{}{}
			reading.Go(func() {
				defer func() { <-slots }()
				seen, err := store.Read(ctx, object)
				if err != nil {
					p.Log.WarnContext(ctx, "not counted", "object", object, "why", err.Error())
					return
				}
				mu.Lock()
				defer mu.Unlock()
				statuses[object] = seen.Status
			})
		}
	})
	return func() map[string]*status.Status {
		reading.Wait()
		return statuses
	}
}
