package setspace

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
	third                      // of version 3
	foreign                    // put by somebody
	another                    // put by somebody else
)

func (p policy) String() string {
	return [...]string{"nothing", "the original", "A", "B", "C", "a policy by hand", "another policy by hand"}[p]
}

// wanted is the policy of a version of the object.
func wanted(version byte) policy { return policy(version) + original }

// A kind says why a message was sent.
type kind byte

const (
	upload    kind = iota + 1
	trail          // CloudTrail reports a put, a replica or a primary
	sweep          // also the reconcile that makes up for a lost status
	late           // the reconcile that follows a put which may have undone a newer one
	elsewhere      // an upload for a key of another account
)

// A message is a kind, and whether it was handed out before. The zero value is none.
type message struct {
	kind  kind
	again bool
}

func (m message) String() string {
	return [...]string{"", "an upload", "an event of CloudTrail", "a sweep's reconcile", "the reconcile after a put", "an upload for another account"}[m.kind]
}

// A Word is what a run for one key comes to.
type Word byte

// The words. The last four are no outcomes: what a run reports nothing of.
const (
	Applied  Word = iota + 1
	Failed        // and tried again
	Final         // failed for good
	Rejected      // by our check
	Drifted
	InSync
	Gone      // there is no object
	Ended     // the version has its outcome already, and is not put
	HandsBack // the message must come again, without an outcome
)

func (w Word) String() string {
	return [...]string{"", "Applied", "Failed", "Failed for good", "Rejected", "Drifted", "InSync", "Gone", "Ended", "HandsBack"}[w]
}

// good words say that the key has the version.
func (w Word) good() bool { return w == Applied || w == InSync }

const (
	regions = 3 // the first is the stack's own
	workers = 2

	mostMessages = 5
)

// A status is what the status object says.
type status struct {
	version byte // that its outcome is about; 0: no status
	outcome Word
	rows    [regions]Word
	found   [regions]policy // whose drift was reported and is open; 0: none
	primary byte            // only for a protocol that takes it for a property
}

// A region is one key of the set, if it is there.
type region struct {
	there, knew   bool // knew: what reads of the membership may still show
	now, before   policy
	down, refuses bool
	put           bool // the history holds a put
}

// An instance is what a worker keeps between messages.
type instance struct {
	credentials [2]age        // of each account
	members     [regions]bool // only for a protocol that keeps them
	knows       bool
}

// An age is that of credentials.
type age byte

const (
	none age = iota
	fresh
	expired
)

// A state is all there is. It is comparable, so that a map reports whether it was seen.
type state struct {
	keys    [regions]region
	primary byte
	version byte // the newest
	refused byte // bit r: our check refuses the newest version for the key in Region r
	gone    bool // the object is deleted
	next    byte // action of the scenario
	noRole  bool
	swept   bool
	sweeps  byte
	crashes byte
	expires byte
	losses  byte
	twice   byte

	queue     [mostMessages]message
	runs      [workers]run
	instances [workers]instance
	status    status

	// What only somebody knows who sees all:
	touched [regions]bool   // somebody has put something since keysmith's last put
	done    [regions]byte   // the version that an event last said the key has
	told    [regions]policy // the drift that the last event told of
}

func (s *state) add(m message) {
	if slices.Contains(s.queue[:], m) {
		return // it sees all that another one would
	}
	walk.Add(s.queue[:], m)
}

func (s *state) take(i int) message { return walk.Take(s.queue[:], i) }

// atRest reports whether nothing is going on and nothing is due.
func (s *state) atRest() bool {
	return s.queue[0] == message{} && s.runs == [workers]run{} && s.swept && s.sweeps == 0
}
