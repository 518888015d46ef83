package statespace

import "slices"

// A Step is one step of a run. The names are those of the code that really runs.
type Step byte

// The steps, and the places between them.
const (
	idle Step = iota
	ReadObject
	Check
	ReadInForce
	KeepHistory
	Put
	ReReadObject
	Prove
	Report
	Acknowledge
	StoreRequest
	Compare
	ReadStatus
	RecordStatus

	// These have no name of their own:
	readBack         // what follows a put with an unknown result
	watch            // the rest of a Compare that found something else
	reReadOnDrift    // a ReReadObject out of Compare
	checkRequest     // a Check before StoreRequest
	storeNow         // the second half of StoreRequest
	reReadOnMismatch // a ReReadObject out of Prove
	handBack         // Acknowledge's counterpart
	raiseFence       // only where a protocol keeps a fence
)

var stepNames = [...]string{
	"", "ReadObject", "Check", "ReadInForce", "KeepHistory", "Put", "ReReadObject",
	"Prove", "Report", "Acknowledge", "StoreRequest", "Compare", "ReadStatus", "RecordStatus",
}

func (s Step) String() string {
	if int(s) < len(stepNames) {
		return stepNames[s]
	}
	return ""
}

// local reports whether s never touches what another worker's steps depend on.
func (s Step) local() bool {
	switch s {
	case Check, checkRequest, Compare, Report, Acknowledge, handBack:
		return true
	}
	return false
}

// Steps names every step: first the way of an upload in order, then what only
// requests and only reconciles do.
func Steps() []string { return slices.Clone(stepNames[1:]) }
