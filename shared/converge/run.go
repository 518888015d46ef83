package converge

import (
	"strings"
	"time"

	"github.com/keysmith/keysmith/shared/brake"
	"github.com/keysmith/keysmith/shared/bucket"
	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/kmskey"
	"github.com/keysmith/keysmith/shared/objectkey"
	"github.com/keysmith/keysmith/shared/status"
	"github.com/keysmith/keysmith/shared/target"
)

// run is one attempt to converge one key.
//
// A step gets what it needs as arguments and returns what it leaves; round shows
// the way from step to step. The fields of run hold what outlives a round: the
// key, what was read, what was put, and what is still owed.
type run struct {
	c      *Converger
	job    Job
	budget time.Time // the moment at which all waiting ends
	at     *target.Target
	set    *set           // of keys that the run is one of; nil: none
	waited bucket.Version // for which the run has waited for the others of the set
	left   bool           // the run has ended, as the others of the set know

	subject // the key, once it is known
	reads   reads
	puts    puts
	debts   debts
	begun   begun
	trouble trouble

	status    *status.Status // as a reconcile has read it; nil: none that can be relied on
	described bool           // there is a status, of whatever content
	mending   *repairError   // the drift that the run repairs; nil: none
	stood     standing       // of the version that was read last
	failed    bool           // its last outcome is a failure, which was reported and stands
	version   bucket.Version // that was read last
	found     found
}

// found is what a run that reports nothing of it has found in force, for the result of
// the set that its key is one of.
type found struct {
	inSync *bucket.Version // the version that is in force; nil: none, or it is not known
	drift  *verdict        // drift that lasts and was reported already, or is not looked for
}

// subject is the key that the job names. It is zero until Check has found it.
type subject struct {
	key kmskey.Key
	arn objectkey.ARN
}

// reads is what the run has read of the policy in force.
type reads struct {
	first *served  // what was in force when the run began
	ids   []string // of all policies that were in force before a put of this run
	last  served   // KMS mostly returns the same text again, which then need not be parsed
	want  served   // and often the very text that is wanted

	noHistory error // why the history may not be read; nil: it may, or it was not asked
}

// puts is what the run has put.
type puts struct {
	calls      int         // PutKeyPolicy calls
	released   time.Time   // when nothing held the key
	paid       bool        // a token of the put quota is taken and not used yet
	ids        []string    // of the policies that were put, or may have been
	token      brake.Token // of the brake
	brakedFor  string      // id of the policy that it is for; empty: there is none
	tokenUsed  bool        // a put with it has changed something, or may have
	unverified *sent       // the last put, until an event reports its outcome
	copy       string      // object key of the copy of reads.first in the history
	copied     []string    // what was copied to the history since the last put, and for which policy
}

// debts is what the run owes before its trigger can be acknowledged.
type debts struct {
	unread    bool    // the object was not read again since the last put
	queued    bool    // a later reconcile is queued
	reconcile bool    // a later reconcile is needed and not queued yet
	lookAgain bool    // the drift is looked at again in a while
	removed   bool    // the status must say that the object is gone
	earlier   []Draft // outcomes that come before the run's own
	again     error   // why the trigger must come again because of them
}

// desired is a policy that somebody wants in force.
type desired struct {
	object    bucket.Object
	text      []byte
	report    keypolicy.Report
	canonical keypolicy.Canonical
	bypass    bool
	notes     []keypolicy.Finding // about the object rather than its text
}

// sent is one put that may have taken effect.
type sent struct {
	want      desired
	confirmed bool      // KMS answered that it was done
	recalled  *recalled // nil if this very run has put it
}

// served is a policy as KMS returned it.
type served struct {
	text      string
	policy    *keypolicy.Policy
	canonical keypolicy.Canonical
}

// served parses text, a policy that KMS returned.
func (r *run) served(text string) served {
	if r.reads.last.policy != nil && r.reads.last.text == text {
		return r.reads.last
	}
	if w := r.reads.want; w.policy != nil && trimmed(text) == trimmed(w.text) {
		return served{text, w.policy, w.canonical}
	}
	s := served{text: text}
	s.policy, _ = keypolicy.Parse([]byte(text))
	s.canonical = s.policy.Canonical(r.arn.Partition)
	r.reads.last = s
	return s
}

func trimmed(text string) string { return strings.Trim(text, " \t\r\n") }

// id tells served policies apart: by their canonical form, or, where a
// document cannot be judged, by its bytes.
func (s served) id() string {
	if s.canonical != (keypolicy.Canonical{}) {
		return s.canonical.Text
	}
	return "opaque " + digest([]byte(s.text))
}

// unverifiedOf returns the last put, if it was of version v and no event has told
// yet its outcome.
func (p *puts) unverifiedOf(v bucket.Version) *sent {
	if p.unverified != nil && p.unverified.want.object.Version == v {
		return p.unverified
	}
	return nil
}
