package statespace

// A protocol is the way a worker goes about a message: ours, or ours with rules
// broken.
type protocol struct {
	name   string
	broken rule
}

func (p protocol) keeps(r rule) bool  { return p.broken&r == 0 }
func (p protocol) breaks(r rule) bool { return !p.keeps(r) }

// ours is the protocol of package converge: it keeps every rule.
func ours() protocol { return protocol{name: "ours"} }

// A rule is something that our protocol keeps to; a set of them is an OR.
type rule uint64

const (
	readsTheNewest           rule = 1 << iota // it puts the object as it is, not the version that the trigger names
	needsNoFence                              // no "highest version seen" decides who may put
	reReads                                   // the object is read again after each put
	uploadsAlwaysPut                          // an upload never trusts a read that says "already in force"
	reconcilesAfterLatePuts                   // a put with an unknown result is followed by a reconcile
	reconcilesWhenHandedBack                  // so is the put of a worker that was killed: the worker that gets its message again sends a reconcile before it puts
	sendsOnce                                 // the SDK does not send a put again by itself
	putsAfterPut                              // a reconcile that has put does not compare any more
	putsWhenHandedBack                        // nor does one that comes again: it may have put before
	provesBeforeRefusal                       // what was put is reported before a newer object is refused
	tellsBeforeEveryEnd                       // and before any other end, such as finding that the object is deleted
	comparesWithTheRefused                    // what was put is proven while the refused version is the newest
	knowsThePast                              // what history/ holds is nobody else's policy
	silentWithoutPast                         // where history/ may not be read, nothing is anybody's
	recordsEachPut                            // each put leaves a copy of what it replaces in history/, with the name of what it puts
	comesBackUnread                           // a run that could not read the object again after its put is handed back
	putsUntilConfirmed                        // a put with an unknown result is followed by another until KMS confirms one: no read proves it
	doubtsUnknownResults                      // where reads may prove it, they do not prove a policy that history/ says was in force before
	provesItsPut                              // only what the run has put is proven, also where KMS stops answering in between
	checksEachTime                            // the newer object of a re-read is checked like the first
	countsInARow                              // a different read starts the proof again
	acknowledgesLast                          // the message is kept until the event is out
	keepsHistoryFirst                         // what is about to be replaced is stored before the put
	checksRequests                            // a request is checked before it is stored
	storesIfUnchanged                         // a request is stored only over the version that was seen
	knowsReplays                              // a request that is older than the object only reconciles
	doubtsEqualTimes                          // so does one that is as old, as far as the clock can tell
	knowsDeletions                            // a deletion counts as a newer version
	knowsTheRequests                          // only the very version that a request stored is left to the request, not each one with its content
	readsWhatIsInForce                        // what the status says takes the place of no read of KMS
	recordsTheNewest                          // the status is written only of the newest version
	handlesTheUnhandled                       // a version without an outcome is handled by a reconcile like its upload
	remindsBeforeASweepPuts                   // the put of a sweep's reconcile is followed by a late-put reconcile, as its message only compares when it comes again
	tagsTellVersions                          // the condition of the store tells two versions with equal content apart

	allRules = 1<<iota - 1
)
