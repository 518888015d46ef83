package sweep

import (
	"context"
	"strings"

	"github.com/keysmith/keysmith/shared/bucket"
	"github.com/keysmith/keysmith/shared/objectkey"
)

// An item is one object key that the bucket has a policy or a status for.
type item struct {
	object    string
	exists    bool // there is an object
	described bool // there is a status
}

// A pages reads the keys under a prefix, one page of S3 at a time.
type pages struct {
	bucket *bucket.Bucket
	prefix string
	after  string // the last key that was read
	keys   []string
	ended  bool
}

// head is the next key; empty at the end.
func (p *pages) head(ctx context.Context) (string, error) {
	for len(p.keys) == 0 && !p.ended {
		keys, more, err := p.bucket.Page(ctx, p.prefix, p.after)
		if err != nil {
			return "", err
		}
		p.keys, p.ended = keys, !more || len(keys) == 0
		if len(keys) > 0 {
			p.after = keys[len(keys)-1]
		}
	}
	if len(p.keys) == 0 {
		return "", nil
	}
	return p.keys[0], nil
}

// A listing merges the list of objects with that of their statuses: both are
// sorted, so neither is ever held whole.
type listing struct{ objects, statuses pages }

// listAfter lists what comes after an object key.
func listAfter(b *bucket.Bucket, after string) *listing {
	l := &listing{
		objects:  pages{bucket: b, prefix: objectkey.Policies, after: after},
		statuses: pages{bucket: b, prefix: objectkey.Status(objectkey.Policies)},
	}
	if after != "" {
		l.statuses.after = objectkey.Status(after)
	}
	return l
}

// next returns up to most items. None means that the list has ended.
func (l *listing) next(ctx context.Context, most int) ([]item, error) {
	var items []item
	for len(items) < most {
		object, err := l.objects.head(ctx)
		if err != nil {
			return nil, err
		}
		status, err := l.statuses.head(ctx)
		if err != nil {
			return nil, err
		}
		about := strings.TrimPrefix(status, objectkey.Status(""))
		one := item{object: object}
		switch {
		case object == "" && about == "":
			return items, nil
		case object == "" || about != "" && about < object:
			one.object = about
		}
		if one.exists = object == one.object; one.exists {
			l.objects.keys = l.objects.keys[1:]
		}
		if one.described = about == one.object; one.described {
			l.statuses.keys = l.statuses.keys[1:]
		}
		items = append(items, one)
	}
	return items, nil
}
