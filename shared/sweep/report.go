package sweep

import (
	"time"

	"github.com/keysmith/keysmith/shared/status"
)

// Schema is the version of the contract that status/sweep.json follows. Its
// JSON Schema is schema/sweep.json.
const Schema = "keysmith.sweep/1"

// A Report is what a sweep did and what it found.
type Report struct {
	Started time.Time `json:"started"`
	Ended   time.Time `json:"ended,omitzero"`
	Seconds float64   `json:"seconds"`
	Parts   int       `json:"parts"`          // invocations that it took
	From    string    `json:"from,omitempty"` // the object key after which it was asked to begin

	Complete bool `json:"complete"` // all objects were listed
	Counts
	Failed []string `json:"failed"` // what could not be done, and why
}

// Counts are what a sweep counts while it runs.
type Counts struct {
	Objects    int            `json:"objects"`    // under policies/
	Sent       int            `json:"sent"`       // reconcile messages
	Removed    int            `json:"removed"`    // statuses whose object is gone
	Unparsable List           `json:"unparsable"` // names that no key can have; each was rejected when it was uploaded
	Drifted    List           `json:"drifted"`    // in force is not what was last applied, as of the status
	Unreadable List           `json:"unreadable"` // keysmith may not read or change the key, as of the status
	Outcomes   map[string]int `json:"outcomes"`   // of the latest versions, as of the statuses; "none" for an object without one
}

// A List counts names and holds the first of them.
type List struct {
	Count   int      `json:"count"`
	Objects []string `json:"objects"`
}

// What a List holds. The report is read back, so it must stay small whatever
// names people upload.
const (
	listed      = 100
	listedBytes = 8 << 10
)

func (l *List) add(name string) {
	l.Count++
	size := len(name)
	for _, held := range l.Objects {
		size += len(held)
	}
	if len(l.Objects) < listed && size <= listedBytes {
		l.Objects = append(l.Objects, name)
	}
}

// fail notes what could not be done.
func (r *Report) fail(what string) {
	const most, longest = 20, 500
	if len(r.Failed) < most {
		r.Failed = append(r.Failed, what[:min(len(what), longest)])
	}
}

// tally counts what a status says; nil stands for an object without one.
func (c *Counts) tally(object string, s *status.Status) {
	if c.Outcomes == nil {
		c.Outcomes = map[string]int{}
	}
	if s == nil {
		c.Outcomes[none]++
		return
	}
	c.Outcomes[string(s.Outcome)]++
	if s.Drift != nil {
		c.Drifted.add(object)
	}
	if s.Outcome == status.Failed && s.Error != nil && s.Error.Code.Blind() {
		c.Unreadable.add(object)
	}
}

// described reports whether any object has a status. Without one, a sweep does not
// know what has drifted, and no number must end an alarm.
func (c *Counts) described() bool {
	for outcome := range c.Outcomes {
		if outcome != none {
			return true
		}
	}
	return false
}

// none stands for the outcome of an object without a status.
const none = "none"

// noNulls makes every list of a report one, also where it is empty.
func (r *Report) noNulls() {
	for _, l := range []*List{&r.Unparsable, &r.Drifted, &r.Unreadable} {
		if l.Objects == nil {
			l.Objects = []string{}
		}
	}
	if r.Failed == nil {
		r.Failed = []string{}
	}
	if r.Outcomes == nil {
		r.Outcomes = map[string]int{}
	}
}
