package statespace

import (
	"fmt"
	"slices"
)

// A latePut is a put whose caller knows no result: it lands at any time, or never.
type latePut struct {
	flying    policy  // 0: landed or lost
	reconcile trigger // what will look at the key some time after that; 0: nothing
	quiet     bool    // nothing has changed the key since it landed or was lost
}

// A keyPolicy is the policy of the key as KMS keeps it. Reads are eventually
// consistent: each may return before instead of now, in any order.
type keyPolicy struct {
	now, before policy
}

// A state is all there is: the bucket, the key, the queue, two workers, and
// what may still go wrong. It is comparable and has no padding, so that a map
// tells quickly whether it was seen.
type state struct {
	object  [maxVersions]policy // object[i] is version i+1
	current version
	next    byte // the next action of the scenario

	key        keyPolicy
	late       [2]latePut
	queue      queue
	runs       [2]run
	status     record
	fence      version // for the protocol that keeps one
	kept       byte    // bit p: history/ holds p
	named      byte    // bit p: history/ names p as what was going to be put
	namedTwice byte    // bit p: in more than one copy
	told       byte    // bit v: an event has told of the put of version v (only where that is asked for); bit 0: of a put by hand
	crashes    byte
	dups       byte
	unknown    byte // puts that may still end without a known result
	silent     byte // times that S3 or KMS may still give no answer
	unwritten  byte // writes of the status that may still fail
	unlisted   byte // times that history/ may still not be read
}

func (s *state) content(v version) policy {
	if v == 0 {
		return gone
	}
	return s.object[v-1]
}

func (s *state) store(p policy) version {
	s.object[s.current] = p
	s.current++
	return s.current
}

// accepted reports whether the bucket has held p, and p can be put.
func (s *state) accepted(p policy) bool {
	return p.acceptable() && slices.Contains(s.object[:s.current], p)
}

// summary is the last line of a trace that ends in s.
func (s *state) summary() string {
	return fmt.Sprintf("%-22s version %d is the newest: %v; in force: %v", "in the end", s.current, s.content(s.current), s.key.now)
}

// freeLatePut returns a slot for another put with an unknown result.
func (s *state) freeLatePut() (int, bool) {
	i := slices.Index(s.late[:], latePut{})
	return i, i >= 0
}

// remind sends a reconcile because of a put that a killed worker had under way.
func (s *state) remind(reconcile trigger) {
	for i := range s.late {
		if l := &s.late[i]; l.flying != 0 && l.reconcile == 0 {
			l.reconcile = reconcile
		}
	}
}

// remindAgain makes a late-put reconcile due some time after now: the one that
// waits already, or another.
func (s *state) remindAgain() {
	i := slices.IndexFunc(s.late[:], func(l latePut) bool { return l.flying == 0 && l.reconcile == latePutReconcile })
	if i < 0 {
		i, _ = s.freeLatePut()
	}
	if i >= 0 {
		s.late[i] = latePut{reconcile: latePutReconcile, quiet: true}
	}
}

// atRest reports whether nothing is going on and nothing is due.
func (s *state) atRest() bool {
	return s.queue[0] == 0 && s.runs == [2]run{} && s.late == [2]latePut{}
}

// putLands makes p the policy in force and lets each run that waits for p know,
// as the ghost that watches knows it.
func (s *state) putLands(p policy) {
	if p != s.key.now {
		s.key = keyPolicy{now: p, before: s.key.now}
		for i := range s.late {
			s.late[i].quiet = false
		}
	}
	for i := range s.runs {
		if r := &s.runs[i]; r.putVersion != 0 && r.putPolicy == p {
			r.served = true
		}
		s.runs[i].hold(p)
	}
}

// order makes states that differ only in which worker is which the same. It
// reports whether the workers changed places.
func (s *state) order() bool {
	first, second := s.runs[0], s.runs[1]
	if first.rank() >= second.rank() {
		return false
	}
	s.runs = [2]run{second, first}
	return true
}
