package pull

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/keysmith/keysmith/shared/keypolicy"
)

// sets brings the keys of multi-Region sets together. KMS keeps a policy for each
// key of a set; only where all of them are the same may one file stand for all.
type sets struct {
	p *puller

	mu   sync.Mutex
	open map[string][]found // by account and key id: keys whose set is not complete yet
	// differing are the sets whose keys have different policies.
	differing []string
}

// take puts a key into the tree, or holds it until the others of its set are
// there.
func (s *sets) take(k found) error {
	if len(k.others) == 0 {
		return s.p.alone(k, "")
	}
	for _, region := range k.others {
		if !slices.Contains(s.p.options.regions, region) {
			return s.p.alone(k, "its multi-Region set has a key in "+region+", which was not pulled")
		}
	}
	s.mu.Lock()
	name := k.arn.Account + "/" + k.arn.KeyID
	members := append(s.open[name], k)
	if len(members) <= len(k.others) {
		s.open[name] = members
		s.mu.Unlock()
		return nil
	}
	delete(s.open, name)
	s.mu.Unlock()
	return s.settle(members)
}

// settle puts a complete set into the tree.
func (s *sets) settle(members []found) error {
	slices.SortFunc(members, func(a, b found) int { return strings.Compare(a.arn.Region, b.arn.Region) })
	first, _ := keypolicy.Parse([]byte(members[0].policy))
	partition := members[0].arn.Partition
	for _, m := range members[1:] {
		p, _ := keypolicy.Parse([]byte(m.policy))
		if !first.Canonical(partition).Equal(p.Canonical(partition)) {
			return s.split(members)
		}
	}
	return s.p.together(members)
}

func (s *sets) split(members []found) error {
	var regions []string
	for _, m := range members {
		regions = append(regions, m.arn.Region)
	}
	k := members[0].arn
	s.mu.Lock()
	s.differing = append(s.differing, fmt.Sprintf("%s of account %s (%s)", k.KeyID, k.Account, strings.Join(regions, ", ")))
	s.mu.Unlock()
	for _, m := range members {
		if err := s.p.alone(m, "the keys of its multi-Region set have different policies"); err != nil {
			return err
		}
	}
	return nil
}

// rest puts the keys into the tree whose sets stayed incomplete, because another
// key could not be read.
func (s *sets) rest() error {
	for _, members := range s.open {
		for _, m := range members {
			if err := s.p.alone(m, "another key of its multi-Region set could not be read"); err != nil {
				return err
			}
		}
	}
	s.open = nil
	return nil
}
