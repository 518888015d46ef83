package push

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/keysmith/keysmith/scripts/keysmith/internal/desired"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/progress"
	"github.com/keysmith/keysmith/shared/bucket"
	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/objectkey"
	"github.com/keysmith/keysmith/shared/status"
)

// A state is what is known of an upload.
type state string

const (
	unchanged  state = "unchanged"   // the bucket has it, and it is applied or on its way
	notStarted state = "not started" // it is to be uploaded
	uploaded   state = "uploaded"    // and no final outcome is known
	applied    state = "applied"
	planned    state = "planned"
	rejected   state = "rejected"
	failed     state = "failed"
	superseded state = "superseded" // by a newer version of somebody else
	timedOut   state = "timed out"
	refused    state = "not uploaded" // S3 did not take it
)

// bad reports whether a state ends a wave.
func (s state) bad() bool {
	switch s {
	case rejected, failed, superseded, timedOut, refused:
		return true
	}
	return false
}

// An item is one file and its object.
type item struct {
	*desired.Policy
	object string // as it is uploaded: Policy.Object, or a plan of it

	state    state
	why      string         // why it is to be uploaded
	seen     bucket.Version // of the object when it was compared
	version  bucket.Version // that holds the file
	commit   string         // to be sent with the upload
	previous string         // digest of what the upload is meant to replace
	done     bool           // applied by an earlier call for the same commit
	heldBy   string         // the commit that the object in the bucket tells

	said    *status.Status // the latest status of the version
	message string
}

func newItem(d *desired.Policy, o *options) *item {
	return &item{Policy: d, object: uploadedAs(d.Object, o), state: unchanged}
}

// uploadedAs is the name of the object to upload: with --plan, one under plans/.
func uploadedAs(object string, o *options) string {
	rest, isPolicy := strings.CutPrefix(object, objectkey.Policies)
	switch {
	case !o.plan || !isPolicy:
		return object
	case o.run != "":
		return objectkey.Plans + o.run + "/" + objectkey.Policies + rest
	}
	return objectkey.Plans + rest
}

// workers is how many objects are read or uploaded side by side.
const workers = 16

// each does something with each item, several at a time. The first error is
// returned; the others are of the same kind.
func each(items []*item, do func(*item) error) error {
	next := make(chan *item)
	var running sync.WaitGroup
	var mu sync.Mutex
	var first error
	for range min(workers, len(items)) {
		running.Go(func() {
			for it := range next {
				if err := do(it); err != nil {
					mu.Lock()
					first = cmp.Or(first, err)
					mu.Unlock()
				}
			}
		})
	}
	for _, it := range items {
		next <- it
	}
	close(next)
	running.Wait()
	return first
}

// compare finds out which files the bucket does not have.
func (p *pusher) compare(ctx context.Context) error {
	bar := progress.Start(p.env.Err, "comparing with the bucket", len(p.items))
	defer bar.Done()
	return each(p.items, func(it *item) error {
		defer bar.Add(1)
		o, err := p.bucket.Read(ctx, it.object)
		if err != nil && !bucket.Missing(err) {
			return fmt.Errorf("reading %s: %w", it.object, err)
		}
		said, err := p.statuses.Read(ctx, it.object)
		if err != nil {
			return err
		}
		it.decide(o, said.Status, p.again)
		pulled, err := p.pulls.of(it.Policy)
		it.expect(said.Status, pulled, p.again)
		return err
	})
}

// decide reports whether the file is to be uploaded, and why. The zero Object means
// that the bucket has none.
func (it *item) decide(o bucket.Object, said *status.Status, again bool) {
	it.seen, it.version = o.Version, o.Version
	it.heldBy = o.Metadata[commitKey]
	if said != nil && said.Of(o.ID, strings.Trim(o.ETag, `"`)) {
		it.said = said
	}
	it.state = notStarted
	switch same := sameText(it.Policy, o.Bytes); {
	case o.Version == (bucket.Version{}):
		it.why = "new"
	case !same:
		it.why = "differs"
	case again:
		it.why = "--again"
	case it.said != nil && it.said.Final() && it.said.Outcome != status.Applied:
		it.why = "was " + string(it.said.Outcome)
		if it.said.Error != nil {
			it.why += " (" + string(it.said.Error.Code) + ")"
		}
	default:
		it.state = unchanged
		it.done = it.said != nil && it.said.Outcome == status.Applied
	}
}

// sameText compares by the canonical digest, and with what is no policy by bytes.
func sameText(d *desired.Policy, text []byte) bool {
	held, _ := keypolicy.Parse(text)
	return string(text) == string(d.Text) || held.Canonical(d.Key.PartitionName()).Equal(d.Canonical())
}

// expect finds out what the upload is meant to replace. What KMS serves now is never
// asked: if somebody changed the key meanwhile, that is what must not be replaced
// unseen. A file that is uploaded again in spite of a drift is meant to replace what
// was reported of it; a policy that cannot be judged has no digest there.
func (it *item) expect(said *status.Status, pulled string, again bool) {
	it.previous = pulled
	switch {
	case said == nil:
	case again && said.Drift != nil && said.DriftReported != nil:
		it.previous = said.DriftReported.CanonicalSHA256
	case said.LastApplied != nil:
		it.previous = said.LastApplied.CanonicalSHA256
	}
}
