package setspace

// A rule is something that our protocol keeps to; a set of them is an OR.
type rule uint32

const (
	waitsForAll        rule = 1 << iota // the result is that of every key, not of the primary key alone
	triesEach                           // a Region that fails keeps no other from its policy
	asksEachTime                        // which keys there are is asked for each message
	holdsEachView                       // and a key that names other members hands the message back
	keepsToTargets                      // a set with a key in a Region that is no target is refused
	callsAsTheAccount                   // a call is made with credentials of the key's account
	renews                              // credentials that have expired are replaced
	reportsFirst                        // the message is acknowledged after the report
	provesEach                          // a policy is proven by reads of that very key
	knowsThePrimary                     // a change of primary is no change of a policy
	tellsVersionsApart                  // a key that has another version of the object than the others is not called in sync
	tellsUnknownApart                   // nor one that could not be read
	coversDrift                         // a key that drifts is not taken for a new replica
	coversEach                          // and a new replica is one that the status says nothing good of
	retries                             // what may pass is tried again
	agreesFirst                         // what is refused for one key is put on none
	remembersEach                       // the status keeps the drift of each key
	keepsOpenDrift                      // an outcome of the version does not end the drift of another key
	reminds                             // the put of a reconcile, or of what comes again, is followed by one that repairs it

	allRules = 1<<iota - 1
)

// A protocol is ours, or ours with rules broken.
type protocol struct{ broken rule }

func (p protocol) keeps(r rule) bool { return p.broken&r == 0 }

// A promise is a property that is watched at every move and in every state at rest.
type promise uint32

const (
	tellsTrue promise = 1 << iota
	putsInTargets
	usesOwnCredentials
	answersEach
	leavesOthers
	heals
	describes
	leavesDrift
	putsTogether
	driftIsReal
	tellsOnce
	tellsDrift
	comesToRest

	servesLate // is not promised
)

func (p promise) String() string {
	return map[promise]string{
		tellsTrue:          "an event calls a key Applied or InSync only if the version could be read in its Region then",
		putsInTargets:      "nothing is put while a key of the set is outside of the targets",
		usesOwnCredentials: "each call is made with credentials of the key's account",
		answersEach:        "a message about an upload is acknowledged only after an event, or where the object is gone",
		leavesOthers:       "at rest, a Region that refuses has kept no other from the newest version",
		heals:              "at rest, the newest acceptable version is in force wherever nobody refuses it or has put something else",
		describes:          "at rest, the status says of each key whether it has the newest version",
		leavesDrift:        "what somebody has put is not replaced by a reconcile",
		putsTogether:       "what is refused for one key is put on none, unless a Region is in trouble",
		driftIsReal:        "drift is reported only where somebody has put something",
		tellsOnce:          "the same situation is reported once",
		tellsDrift:         "at rest, what somebody has put and is in force is open in the status, where it was reported",
		servesLate:         "a replica that appears after the newest version has failed for good gets that version, or is in the status",
		comesToRest:        "from every state there is a way to rest",
	}[p&-p]
}
