package status

import (
	"cmp"
	"slices"
	"time"

	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/outcome"
	statusobject "github.com/keysmith/keysmith/shared/status"
)

// A State says in a word how a key is.
type State string

// The states, the worst first.
const (
	Contested  State = "contested"
	Drifted    State = "drifted"
	Unreadable State = "unreadable"
	Failed     State = "failed"
	Rejected   State = "rejected"
	Held       State = "held"
	Removed    State = "removed"
	Unmanaged  State = "unmanaged"
	Pending    State = "pending"
	InSync     State = "in sync"
)

// States are all of them, the worst first.
var States = []State{Contested, Drifted, Unreadable, Failed, Rejected, Held, Removed, Unmanaged, Pending, InSync}

// A Key is one key of the fleet.
type Key struct {
	Object      string               `json:"object,omitempty"` // absent for an unmanaged key
	Key         *outcome.Key         `json:"key,omitempty"`
	State       State                `json:"state"`
	Since       time.Time            `json:"since,omitzero"` // when the state was first seen
	Author      *outcome.Author      `json:"author,omitempty"`
	Code        outcome.Code         `json:"code,omitempty"`
	Message     string               `json:"message,omitempty"`
	VersionID   string               `json:"versionId,omitempty"` // of the object
	Commit      string               `json:"commit,omitempty"`
	LastApplied time.Time            `json:"lastApplied,omitzero"`
	Hold        *Hold                `json:"hold,omitempty"`
	Outcome     statusobject.Outcome `json:"outcome,omitempty"`  // of the newest version
	Replicas    []outcome.Replica    `json:"replicas,omitempty"` // of a multi-Region set: how each of its keys is

	text  []byte // of the policy in the bucket
	facts keypolicy.Key
}

// A Hold keeps keysmith from changing anything for an object.
type Hold struct {
	Reason string    `json:"reason,omitempty"`
	Until  time.Time `json:"until,omitzero"`
	Fault  string    `json:"fault,omitempty"` // why it cannot be read; it holds all the same
}

// judge finds the state of an object that exists. Said is its status, current tells
// whether it is about the newest version.
func (k *Key) judge(said *statusobject.Status, current bool) {
	if said == nil {
		k.State, k.Message = Pending, "no status has been written for the object"
		return
	}
	k.Outcome, k.Since, k.Replicas = said.Outcome, said.Time, said.Replicas
	if said.LastApplied != nil {
		k.LastApplied = said.LastApplied.Time
	}
	if said.Error != nil {
		k.Code, k.Message = said.Error.Code, said.Error.Message
	}
	switch {
	case said.Drift != nil:
		k.drift(said.Drift)
	case !current:
		k.State, k.Code, k.Message = Pending, "", "the newest version of the object has no outcome yet"
	default:
		k.outcome(said)
	}
	if k.Hold == nil {
		return
	}
	switch k.State {
	case InSync:
		k.State, k.Message = Held, "the policy in force is the desired policy"
	case Drifted, Contested, Pending:
		k.State = Held
	}
}

func (k *Key) drift(d *outcome.Drift) {
	k.State, k.Since, k.Author = Drifted, d.Since, d.Author
	switch d.Repair {
	case outcome.RepairHeld:
		k.State = Held
		k.Message = "the policy in force was changed to give less access, or by a break-glass principal; keysmith leaves it"
	case outcome.RepairContested:
		k.State = Contested
		k.Message = "others keep changing the key; keysmith has stopped repairing it"
	case outcome.RepairPending:
		k.Message = "the policy in force is not the one that was last applied; keysmith waits for CloudTrail to name the author, and then repairs the key"
	default:
		k.Message = "the policy in force is not the one that was last applied"
	}
}

// held is the code of a version that was rejected because of a hold.
const held outcome.Code = "HELD"

func (k *Key) outcome(said *statusobject.Status) {
	switch said.Outcome {
	case statusobject.Applied:
		k.State, k.Message = InSync, ""
	case statusobject.Rejected:
		k.State = Rejected
		if k.Code == held {
			k.State = Held
		}
	case statusobject.Failed:
		k.State = Failed
		if said.Error != nil && said.Error.Code.Blind() {
			k.State = Unreadable
		}
		if !said.Final() {
			k.Message += " (keysmith tries again)"
		}
	case statusobject.Planned:
		k.State, k.Message = Pending, "it was planned only"
	case statusobject.Removed:
		k.State, k.Message = Pending, "the object was deleted and uploaded again; it has no outcome yet"
	}
}

// Schema is the version of the contract that the JSON report follows. Its JSON
// Schema is schema/fleet.json.
const Schema = "keysmith.fleet/1"

// A Fleet is all that is known of the keys of a bucket, the worst first.
type Fleet struct {
	Schema  string        `json:"schema"`
	Bucket  string        `json:"bucket"`
	Time    time.Time     `json:"time"`
	Summary map[State]int `json:"summary"`
	Sweep   *Sweep        `json:"sweep,omitempty"` // the last one; absent where none has reported
	Notes   []string      `json:"notes"`           // what could not be found out
	Keys    []*Key        `json:"keys"`
}

// Sweep is what the last sweep said.
type Sweep struct {
	Ended    time.Time `json:"ended,omitzero"`
	Complete bool      `json:"complete"`
	Objects  int       `json:"objects"`
	Failed   []string  `json:"failed"`
}

// settle sorts and counts the keys.
func (f *Fleet) settle() {
	slices.SortStableFunc(f.Keys, func(a, b *Key) int {
		return cmp.Or(
			cmp.Compare(slices.Index(States, a.State), slices.Index(States, b.State)),
			cmp.Compare(a.Object, b.Object), cmp.Compare(a.name(), b.name()))
	})
	f.Summary = map[State]int{}
	for _, k := range f.Keys {
		f.Summary[k.State]++
	}
}

// others are the keys of a multi-Region set that are not as the object wants them,
// each in words.
func (k *Key) others() (list []string) {
	for _, r := range k.Replicas {
		switch r.Outcome {
		case string(statusobject.Applied), outcome.InSync, string(statusobject.Planned):
			continue
		}
		text := r.Region + ": " + r.Outcome
		if r.Error != nil {
			text += ": " + string(r.Error.Code) + ": " + r.Error.Message
		}
		list = append(list, text)
	}
	return list
}

// name is how a key is called in reports.
func (k *Key) name() string {
	if k.Key != nil && k.Key.ARN != "" {
		return k.Key.ARN
	}
	return k.Object
}
