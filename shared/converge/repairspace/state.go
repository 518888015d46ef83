package repairspace

import (
	"slices"

	"github.com/keysmith/keysmith/shared/converge/walk"
)

// A policy is what is in force, or in a version of the object.
type policy byte

const (
	original policy = iota + 1 // in force before keysmith came
	first                      // of version 1
	second                     // of version 2
	wider                      // put by hand: it gives access
	narrower                   // put by hand: it only removes access
)

func (p policy) String() string {
	return [...]string{"nothing", "the original", "A", "B", "a wider policy", "a narrower policy"}[p]
}

// wanted is the policy of a version of the object.
func wanted(version byte) policy { return policy(version) + original }

// A kind says why a message was sent.
type kind byte

const (
	upload kind = iota + 1
	trail
	sweep
)

// A message is a kind, the time of the call that CloudTrail tells of, and whether it
// was handed out before. The zero value is none.
type message struct {
	kind  kind
	time  byte
	again bool
}

func (m message) String() string {
	return [...]string{"", "an upload", "an event of CloudTrail", "a sweep's reconcile"}[m.kind]
}

// An answer is what is done about a drift.
type answer byte

const (
	none answer = iota
	pending
	held
	contested
	repair // at once
)

func (a answer) String() string {
	return [...]string{"no drift", "pending", "held", "contested", "repaired"}[a]
}

// A status is what the status object says.
type status struct {
	version byte // that its outcome is about; 0: no status
	outcome outcome
	applied byte // the version that was last applied; 0: none
	at      byte // when that was verified
	drift   answer
	found   policy // whose drift was reported
	aged    bool   // a quarter of an hour ago
}

type outcome byte

const (
	applied outcome = iota + 1
	heldBack
	stale
	braked
)

// A copy in the history tells what was replaced, when, and by a repair of which round.
type replaced struct {
	was     policy
	at      byte
	round   byte // 0: by an upload
	version byte
}

const (
	mostMessages = 7
	mostCopies   = 9
)

// A state is all there is. It is comparable, so that a map reports whether it was seen.
type state struct {
	now, before policy
	clock       byte // counts what happens to the key
	version     byte // the newest
	next        byte // action of the scenario
	onHold      bool
	swept       bool
	tokens      byte
	crashes     byte
	twice       byte
	days        byte

	queue   [mostMessages]message
	runs    [2]run
	status  status
	history [mostCopies]replaced
	copies  byte
	old     byte // copies that are older than reads can be stale
	ancient byte // and those that are older than a day

	// What only somebody knows who sees all:
	touched  bool // somebody has put something since keysmith's last put
	fought   byte // puts by hand of this version's time
	repaired byte // puts of repairs of this version
	excused  byte // of runs that were killed or could not verify
	lost     bool // contested was reported of this version
	done     byte // bit v: version v was applied and reported
}

func (s *state) add(m message) {
	if m.kind != upload && slices.Contains(s.queue[:], m) {
		return // it sees all that another one would
	}
	walk.Add(s.queue[:], m)
}

func (s *state) take(i int) message { return walk.Take(s.queue[:], i) }

// atRest reports whether nothing is going on and nothing is due.
func (s *state) atRest() bool {
	return s.queue[0] == message{} && s.runs == [2]run{} && s.swept && s.status.drift != pending
}
