package statespace

// A scenario bounds an exploration. What it does not bound happens in every
// order and at every time.
type scenario struct {
	actions []action // in this order

	workers    int  // 2 if not said
	stale      bool // reads may return what was in force before the last change
	coarse     bool // a version and a request may look as old as each other
	crashes    byte
	duplicates byte   // messages that are delivered once more
	unknown    byte   // puts whose result nobody gets to know
	silent     byte   // times that S3 or KMS does not answer for as long as a run waits
	statuses   bool   // a status is kept beside the object, and read by reconciles
	unwritten  byte   // writes of the status that fail
	unlisted   byte   // times that history/ may not be read where it would tell of what was read
	told       bool   // keep in mind of which versions an event told
	long       policy // in force from the beginning, in place of the original: put so long ago that history/ tells nothing of it
}

// An action is one thing that somebody does, at any time.
type action struct {
	do     deed
	policy policy
}

type deed byte

const (
	uploads deed = iota
	deletes
	requests
	sweeps
	reminds    // a late-put reconcile that somebody else's put has left
	putsByHand // straight to the key, past the bucket
	loses      // an upload whose event nobody gets
	forges     // the status then says that the newest version was applied
	erases     // the status
)

// first is what is in force at the beginning.
func (sc *scenario) first() policy {
	if sc.long != gone {
		return sc.long
	}
	return original
}

// proofReads is how many equal reads in a row prove a policy here. With more
// there would be more states, but no other ways to go wrong.
const proofReads = 2

func put(p policy) action { return action{do: uploads, policy: p} }

func uploadsOf(ps ...policy) []action {
	as := make([]action, len(ps))
	for i, p := range ps {
		as[i] = put(p)
	}
	return as
}

// requested returns the policy of the scenario's only request.
func (sc *scenario) requested() policy {
	for _, a := range sc.actions {
		if a.do == requests {
			return a.policy
		}
	}
	return gone
}
