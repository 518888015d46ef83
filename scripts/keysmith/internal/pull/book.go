package pull

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/keysmith/keysmith/scripts/keysmith/internal/pullfile"
)

// book collects what pull.json will say. Its methods may be called from many
// goroutines.
type book struct {
	dir string

	mu      sync.Mutex
	record  pullfile.Record
	keys    map[string]pullfile.Key // by ARN
	before  map[string]pullfile.Key // of the pull before, by ARN
	resumed bool                    // the pull before was stopped

	// elsewhere is what the pull before recorded of accounts and Regions that this
	// one is not about.
	elsewhere pullfile.Record
	saved     time.Time
	counts    counts
	failed    error // of saving
}

// counts are what the closing summary says of the files.
type counts struct{ written, replaced, same, resumed, moved int }

// The times of a pull.
const (
	saveEvery = 2 * time.Second
	// resumeWithin is how long after a pull was stopped its reads still count: the
	// tree is to show one moment, more or less.
	resumeWithin = time.Hour
)

// openBook begins a record, with what is known from the pull before.
func openBook(dir string, begin pullfile.Record, asked func(account, region string) bool) (*book, error) {
	old, err := pullfile.Load(dir)
	if err != nil {
		return nil, err
	}
	b := &book{dir: dir, record: begin, keys: map[string]pullfile.Key{}, before: map[string]pullfile.Key{}, saved: time.Now()}
	if old == nil {
		return b, nil
	}
	for _, k := range old.Keys {
		b.before[k.ARN] = k
	}
	for _, s := range old.Scopes {
		if !asked(s.Account, s.Region) {
			b.elsewhere.Scopes = append(b.elsewhere.Scopes, s)
		}
	}
	for _, s := range old.Skipped {
		if !asked(s.Account, s.Region) {
			b.elsewhere.Skipped = append(b.elsewhere.Skipped, s)
		}
	}
	b.resumed = old.Finished == nil
	return b, nil
}

// done returns what a pull that was stopped a short while ago recorded of a key.
func (b *book) done(arn string) (pullfile.Key, bool) {
	k, known := b.before[arn]
	return k, known && b.resumed && time.Since(k.Time) < resumeWithin
}

// add records a key, and the file from time to time.
func (b *book) add(k pullfile.Key, count func(*counts)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.keys[k.ARN] = k
	count(&b.counts)
	if time.Since(b.saved) > saveEvery {
		b.failed = cmp.Or(b.failed, b.save())
		b.saved = time.Now()
	}
}

// skip records what is not in the tree as it is in force.
func (b *book) skip(s pullfile.Skipped) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.record.Skipped = append(b.record.Skipped, s)
}

// listed records how many keys an account and Region has.
func (b *book) listed(account, region string, n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.record.Scopes = append(b.record.Scopes, pullfile.Scope{Account: account, Region: region, Listed: n})
}

// save writes the file as far as the pull has come. What the pull before knew of
// other keys is kept until this one is finished.
func (b *book) save() error {
	all := maps.Clone(b.keys)
	for arn, k := range b.before {
		if _, known := all[arn]; !known && b.record.Finished == nil {
			all[arn] = k
		}
	}
	r := b.record
	r.Scopes, r.Skipped = slices.Concat(r.Scopes, b.elsewhere.Scopes), slices.Concat(r.Skipped, b.elsewhere.Skipped)
	r.Keys = slices.SortedFunc(maps.Values(all), func(x, y pullfile.Key) int { return cmp.Compare(x.ARN, y.ARN) })
	slices.SortFunc(r.Scopes, func(x, y pullfile.Scope) int {
		return cmp.Or(cmp.Compare(x.Account, y.Account), cmp.Compare(x.Region, y.Region))
	})
	slices.SortFunc(r.Skipped, func(x, y pullfile.Skipped) int {
		return cmp.Or(cmp.Compare(x.Account, y.Account), cmp.Compare(x.Region, y.Region), cmp.Compare(x.ARN, y.ARN))
	})
	return r.Save(b.dir)
}

// close writes the file for the last time.
func (b *book) close(finished bool) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if finished {
		now := time.Now().UTC().Truncate(time.Second)
		b.record.Finished = &now
	}
	return cmp.Or(b.failed, b.save())
}

func sum(text []byte) string {
	digest := sha256.Sum256(text)
	return hex.EncodeToString(digest[:])
}
