package history

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/keysmith/keysmith/shared/bucket"
	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/objectkey"
)

// Metadata of a copy in the history, which the functions write: what replaced it.
const (
	replacedByObject  = "replaced-by-object"
	replacedByVersion = "replaced-by-version"
	replacedByPolicy  = "replaced-by-canonical-sha256"
)

// An Entry is a policy that keysmith replaced.
type Entry struct {
	N           int        `json:"n"`       // 1 is the newest
	History     string     `json:"history"` // name of the copy in the bucket
	Since       *time.Time `json:"since"`   // when the entry before it was replaced; null where that is not known
	Until       time.Time  `json:"until"`   // when it was replaced
	Canonical   string     `json:"canonicalSha256,omitempty"`
	ReplacedBy  Successor  `json:"replacedBy"`
	ByOthers    bool       `json:"changedByOthers"` // it is not what keysmith had put before
	Changes     []string   `json:"changes"`         // from this policy to the one that replaced it
	Text        []byte     `json:"-"`
	ChangesLost bool       `json:"-"` // the policy that replaced it is not known
}

// A Successor is what replaced a policy.
type Successor struct {
	Object    string `json:"object,omitempty"`
	VersionID string `json:"versionId,omitempty"`
	Canonical string `json:"canonicalSha256,omitempty"`
}

// stamp is how the name of a copy begins.
const stamp = "20060102T150405.000Z"

// Names are the names of the copies of a key's policies, newest first.
func (k *Key) Names(ctx context.Context) ([]string, error) {
	prefix, _ := objectkey.HistorySince(k.Account, k.Region, k.KeyID, time.Time{})
	var names []string
	for after, more := prefix, true; more; {
		var page []string
		var err error
		if page, more, err = k.Bucket.Page(ctx, prefix, after); err != nil {
			return nil, k.Bucket.Explain(err)
		}
		if len(page) == 0 {
			break
		}
		after = page[len(page)-1]
		names = append(names, page...)
	}
	slices.Reverse(names)
	return names, nil
}

// Entry reads the nth copy, counted from 1.
func (k *Key) Entry(ctx context.Context, names []string, n int) (Entry, error) {
	name := names[n-1]
	until, err := timeOf(name)
	if err != nil {
		return Entry{}, err
	}
	o, err := k.Bucket.Read(ctx, name)
	if err != nil {
		return Entry{}, fmt.Errorf("reading %s: %w", name, k.Bucket.Explain(err))
	}
	if sum := sha256.Sum256(o.Bytes); !strings.HasSuffix(name, "-"+hex.EncodeToString(sum[:])+".json") {
		return Entry{}, fmt.Errorf("%s holds other bytes than keysmith wrote: their SHA-256 is %x, and the name has another. Somebody changed the copy; look at its versions in the bucket, and do not put it back", name, sum)
	}
	e := Entry{
		N: n, History: name, Until: until, Text: o.Bytes, Canonical: canonical(o.Bytes, k.Partition), Changes: []string{},
		ReplacedBy: Successor{Object: o.Metadata[replacedByObject], VersionID: o.Metadata[replacedByVersion], Canonical: o.Metadata[replacedByPolicy]},
	}
	if n < len(names) {
		if since, err := timeOf(names[n]); err == nil {
			e.Since = &since
		}
	}
	return e, nil
}

func timeOf(name string) (time.Time, error) {
	text, _, _ := strings.Cut(path.Base(name), "-")
	at, err := time.Parse(stamp, text)
	if err != nil {
		return time.Time{}, fmt.Errorf("%s is not a copy that keysmith wrote: its name does not begin with a time. Remove it from history/", name)
	}
	return at, nil
}

func canonical(text []byte, partition string) string {
	p, _ := keypolicy.Parse(text)
	return p.Canonical(partition).Text
}

// Entries reads the newest copies, at most most of them (0: all), and works out
// what changed from each to the next.
func (k *Key) Entries(ctx context.Context, names []string, most int, present *bucket.Object) ([]Entry, error) {
	if most == 0 || most > len(names) {
		most = len(names)
	}
	list := []Entry{}
	for n := 1; n <= most; n++ {
		e, err := k.Entry(ctx, names, n)
		if err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	var next []byte // the policy that came after
	if present != nil {
		next = present.Bytes
	}
	for i := range list {
		e := &list[i]
		if e.ChangesLost = canonical(next, k.Partition) != e.ReplacedBy.Canonical; !e.ChangesLost {
			e.Changes = changes(e.Text, next, k.Partition)
		}
		if i+1 < len(list) {
			e.ByOthers = list[i+1].ReplacedBy.Canonical != e.Canonical
		}
		next = e.Text
	}
	return list, nil
}

func changes(old, new []byte, partition string) []string {
	before, _ := keypolicy.Parse(old)
	after, _ := keypolicy.Parse(new)
	list := []string{}
	for _, c := range keypolicy.Diff(before, after, partition) {
		text := c.Kind + ": "
		if c.Sid != "" {
			text += c.Sid + ": "
		}
		list = append(list, text+c.Summary)
	}
	return list
}
