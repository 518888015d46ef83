package repairspace

// A rule is something that our protocol keeps to; a set of them is an OR.
type rule uint16

const (
	comparesFirst     rule = 1 << iota // what is in sync is not put
	knowsThePast                       // what keysmith has replaced since the event may be a stale read
	countsRounds                       // after so many rounds a key is contested
	keepsContested                     // and stays that, however long it takes
	tellsRoundsApart                   // a run that was killed is no round of a fight
	readsHoldsLast                     // a hold is read right before the put
	appliesAfterHolds                  // a version that a hold refused is applied when that ends
	leavesRemovals                     // a policy that only removes access is left
	expects                            // a version that expects another policy is refused
	expectsOnce                        // it does not count once the version was applied
	doubtsOneRead                      // nor does a read that shows what keysmith has just replaced
	handsBackBraked                    // a message without a token comes again
	takesTokens                        // each change takes one

	allRules = 1<<iota - 1
)

// A protocol is ours, or ours with rules broken.
type protocol struct{ broken rule }

func (p protocol) keeps(r rule) bool { return p.broken&r == 0 }

// A promise is a property that is watched at every move and in every state at rest.
type promise uint16

const (
	leavesSync promise = 1 << iota
	endsFights
	staysContested
	fightsBack
	keepsToHolds
	leavesTheRest
	refusesOnce
	refusesTruly
	replacesTheExpected
	converges
	tellsDrift
	keepsToTheBrake
)

func (p promise) String() string {
	return map[promise]string{
		leavesSync:          "a reconcile puts nothing unless somebody else has put something since keysmith's last put",
		endsFights:          "a version is repaired in so many rounds within a day, and no more",
		staysContested:      "what was reported as contested is not repaired until the object is uploaded again",
		fightsBack:          "contested is reported only after so many rounds of puts by somebody else",
		keepsToHolds:        "no put is let go while there is a hold",
		leavesTheRest:       "a policy that only removes access is not repaired",
		refusesOnce:         "a version that was applied is never refused as stale",
		refusesTruly:        "no version is refused as stale because of a read that is",
		replacesTheExpected: "a version that expects a policy replaces no other one that it could have read",
		converges:           "at rest and without a hold, the newest version was applied, or refused as stale",
		tellsDrift:          "at rest, another policy in force was reported as held or contested",
		keepsToTheBrake:     "no change is put without a token",
	}[p&-p]
}
