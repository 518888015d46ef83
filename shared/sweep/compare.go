package sweep

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/keysmith/keysmith/shared/kmskey"
	"github.com/keysmith/keysmith/shared/objectkey"
	"github.com/keysmith/keysmith/shared/target"
)

// objects is what the bucket has policies for.
type objects struct {
	keys map[target.Place]map[string]string // names of objects, by place and key id
	sets map[string]map[string]string       // and those of multi-Region sets, by account and key id
}

// named lists the objects of the bucket.
func (s *Sweeper) named(ctx context.Context) (objects, error) {
	o := objects{map[target.Place]map[string]string{}, map[string]map[string]string{}}
	list := pages{bucket: s.Bucket, prefix: objectkey.Policies}
	for {
		object, err := list.head(ctx)
		if err != nil || object == "" {
			return o, err
		}
		list.keys = list.keys[1:]
		p, err := s.placed(object)
		switch {
		case err != nil: // it has its place among the names that cannot be parsed
		case p.name.MultiRegion:
			add(o.sets, p.place.Account, p.name.KeyID, object)
		default:
			add(o.keys, p.place, p.name.KeyID, object)
		}
	}
}

func add[K comparable](m map[K]map[string]string, at K, id, object string) {
	if m[at] == nil {
		m[at] = map[string]string{}
	}
	m[at][id] = object
}

// places are those whose keys are listed: what the settings name, and what objects
// are in.
func (s *Sweeper) places(o objects) []target.Place {
	accounts, regions := map[string]bool{s.Own.Account: true}, map[string]bool{}
	for _, account := range s.Targets.Accounts {
		accounts[account] = account != target.Any
	}
	for account := range o.sets {
		accounts[account] = true
	}
	for _, region := range s.Targets.Regions {
		regions[region] = region != target.Any
	}
	all := map[target.Place]bool{s.Own: true}
	for p := range o.keys {
		all[p] = true
		regions[p.Region], accounts[p.Account] = true, true
	}
	for account, is := range accounts {
		for region, known := range regions {
			p := target.Place{Partition: s.Own.Partition, Account: account, Region: region}
			if is && known && s.Targets.Has(s.Own, p) {
				all[p] = true
			}
		}
	}
	return slices.SortedFunc(maps.Keys(all), func(a, b target.Place) int {
		return strings.Compare(a.Account+" "+a.Region, b.Account+" "+b.Region)
	})
}

// A troubled is an account that could not be looked at in some Regions.
type troubled struct{ account, why string }

// lookEverywhere lists the keys of all places. Those that cannot be listed are
// noted, and the others are done.
func (p *part) lookEverywhere(ctx context.Context, all []target.Place) (map[target.Place]*inventory, error) {
	found := map[target.Place]*inventory{}
	regions := map[troubled][]string{}
	var own error
	var mu sync.Mutex
	var looking sync.WaitGroup
	slots := make(chan struct{}, side)
	for _, place := range all {
		slots <- struct{}{}
		looking.Go(func() {
			defer func() { <-slots }()
			keys, err := p.look(ctx, p.Reach.At(p.Own, place))
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				found[place] = keys
			case place == p.Own:
				own = err
			default:
				t := troubled{place.Account, kmskey.Message(err)}
				regions[t] = append(regions[t], place.Region)
			}
		})
	}
	looking.Wait()
	for t, in := range regions {
		slices.Sort(in)
		p.running.fail(fmt.Sprintf("the keys of account %s in %s cannot be listed: %s", t.account, strings.Join(in, ", "), t.why))
	}
	return found, own
}

// compareKeys holds the keys of all accounts and Regions against the objects, and
// writes status/unmanaged.json.
func (p *part) compareKeys(ctx context.Context, unreadable []string) (*Unmanaged, error) {
	p.Scope.own = p.Own.Account
	o, err := p.named(ctx)
	if err != nil {
		return nil, err
	}
	found, err := p.lookEverywhere(ctx, p.places(o))
	if err != nil {
		return nil, err
	}
	u := &Unmanaged{Schema: UnmanagedSchema, Time: time.Now().UTC(), Unmanaged: []string{}, Gone: o.gone(found), Unreadable: append([]string{}, unreadable...)}
	for place, keys := range found {
		for _, key := range keys.managed {
			if o.keys[place][key.KeyID] == "" && o.sets[place.Account][key.KeyID] == "" {
				u.Unmanaged = append(u.Unmanaged, key.String())
			}
		}
	}
	slices.Sort(u.Unmanaged)
	return u, p.writeUnmanaged(ctx, u)
}

// gone are the objects whose key does not exist, as far as its account and Region
// could be listed. A set is gone where no Region of its account has a key of it.
func (o objects) gone(found map[target.Place]*inventory) []string {
	gone := []string{}
	for place, names := range o.keys {
		for id, object := range names {
			if keys := found[place]; keys != nil && !keys.exist[id] {
				gone = append(gone, object)
			}
		}
	}
	listed, exist := map[string]bool{}, map[string]map[string]string{}
	for place, keys := range found {
		listed[place.Account] = true
		for id := range keys.exist {
			add(exist, place.Account, id, id)
		}
	}
	for account, names := range o.sets {
		for id, object := range names {
			if listed[account] && exist[account][id] == "" {
				gone = append(gone, object)
			}
		}
	}
	slices.Sort(gone)
	return gone
}
