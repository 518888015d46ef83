package statespace

// A policy stands for the content of an object and for what is in force. What
// counts is only which of them are equal and which are acceptable.
type policy byte

const (
	gone     policy = iota // no object
	original               // what was in force before keysmith came
	policyA
	policyB
	policyC
	foreign // put by hand
	typo    // refused by our own check
	refused // R passes our check and is refused by KMS itself
)

func (p policy) String() string {
	return [...]string{"nothing", "the original", "A", "B", "C", "a policy of somebody else", "a typo", "R"}[p]
}

// acceptable reports whether a put of p can succeed.
func (p policy) acceptable() bool { return policyA <= p && p <= policyC }

// passes reports whether our own check accepts p.
func (p policy) passes() bool { return p.acceptable() || p == refused }

// A version numbers what the bucket held, in order; 0 is before the first upload.
type version byte

// maxVersions bounds the history of the object, requests that were stored included.
const maxVersions = 4

// A verdict is what Report is going to say.
type verdict byte

const (
	none verdict = iota
	applied
	rejected   // by our own check
	refusedKMS // by KMS
	mismatch
	unverified
	trouble // AWS did not answer in time
	drift
	nothing // there is no object: the run ends in silence
)

func (v verdict) String() string {
	return [...]string{"", "Applied", "Rejected", "Failed (refused by KMS)", "Failed (VERIFY_MISMATCH)", "Failed (UNVERIFIED)", "Failed (INTERNAL)", "Drift Detected", ""}[v]
}

// ofPut reports whether v is about what the run has put.
func (v verdict) ofPut() bool { return v == applied || v == mismatch || v == unverified }
