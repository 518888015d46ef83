package statespace

// A promise is a property that is watched in every state and at every move; a
// set of them is an OR.
type promise uint32

const (
	converges promise = 1 << iota
	keepsHistory
	provesApplied
	tellsInOrder
	putsAcceptable
	answersEach
	overwritesNothing
	storesAcceptable
	movesOn

	tellsDrift
	describes

	comesToRest // promised too, but it takes twice the time to see

	// These need each rule:
	appliedWasInForce
	mismatchIsForeign
	driftIsReal

	// What is not promised: see limits.
	inForceIsTold
	lastToldStays
	keepsWhatOthersPut
)

const promised = converges | keepsHistory | provesApplied | tellsInOrder | putsAcceptable |
	answersEach | overwritesNothing | storesAcceptable | movesOn | tellsDrift | describes

// tellsTrue is what an event says about KMS, as somebody sees it who sees all.
const tellsTrue = appliedWasInForce | mismatchIsForeign | driftIsReal

func (p promise) String() string {
	return map[promise]string{
		converges:          "at rest the last acceptable upload is in force; where the newest object is not acceptable, one that was accepted before",
		keepsHistory:       "what was in force before keysmith came is in history/ before it is replaced",
		provesApplied:      "Applied follows N equal reads in a row after the put",
		tellsInOrder:       "what a run has put is told before the run ends in another way, unless yet another version has come",
		putsAcceptable:     "no document that the check refuses is put",
		answersEach:        "every trigger is answered by an event; only a reconcile, or who finds no object, may pass in silence",
		overwritesNothing:  "a request never overwrites an object that is newer than it",
		storesAcceptable:   "no request that the check refuses becomes the object",
		movesOn:            "there is always a next step until everything is at rest",
		comesToRest:        "from every state there is a way to rest",
		appliedWasInForce:  "what is told Applied was in force at some time after the put was sent",
		mismatchIsForeign:  "VERIFY_MISMATCH is told only of a policy that somebody else put",
		driftIsReal:        "drift is told only of what is not the object, and was in force after the reconcile began or was put by somebody else",
		describes:          "at rest, the status says what became of the newest version",
		tellsDrift:         "at rest, drift was told if what somebody put by hand is still in force",
		inForceIsTold:      "at rest behind an unacceptable object, an event has told of the put that is in force",
		lastToldStays:      "at rest behind an unacceptable object, the newest version that an event told of is in force",
		keepsWhatOthersPut: "what somebody put by hand is in history/ before it is replaced",
	}[p&-p]
}

// brokenBy returns what s breaks by being as it is; stuck says that no move
// leads out of it.
func (m *machine) brokenBy(s *state, stuck bool) promise {
	if !s.atRest() {
		if stuck {
			return m.promises & movesOn
		}
		return 0
	}
	if m.losesEvents() && int(s.next) < len(m.actions) {
		return 0 // the next sweep is still to come
	}
	var broken promise
	newest := s.content(s.current)
	switch {
	case s.key.now == foreign: // this is reported, not repaired
		if newest.acceptable() && s.told&1 == 0 {
			broken |= tellsDrift
		}
	case newest.acceptable() && s.key.now != newest:
		broken |= converges
	case !newest.acceptable() && s.key.now != m.first() && !s.accepted(s.key.now):
		broken |= converges
	}
	if broken == 0 && m.statuses && !m.edits() && !s.described(newest) {
		broken |= describes
	}
	return (broken | m.untold(s)) & m.promises
}

// untold returns what the events hide of a state at rest.
func (m *machine) untold(s *state) promise {
	if !m.told || s.content(s.current).acceptable() {
		return 0
	}
	last, told := m.first(), s.key.now == m.first()
	for v := version(1); v <= s.current; v++ {
		if s.told&(1<<v) != 0 {
			last = s.content(v)
			told = told || last == s.key.now
		}
	}
	var broken promise
	if !told {
		broken |= inForceIsTold
	}
	if last != s.key.now {
		broken |= lastToldStays
	}
	return broken
}

func (m *machine) brokenByPut(s *state, r *run) promise {
	var broken promise
	if !r.policy.acceptable() {
		broken |= putsAcceptable
	}
	if s.kept&(1<<s.key.now) == 0 {
		switch s.key.now {
		case original:
			broken |= keepsHistory
		case foreign:
			broken |= keepsWhatOthersPut
		}
	}
	return broken & m.promises
}

func (m *machine) brokenByReport(r *run) promise {
	var broken promise
	switch r.verdict {
	case applied:
		if r.row < proofReads {
			broken |= provesApplied
		}
		if !r.served {
			broken |= appliedWasInForce
		}
	case mismatch:
		if r.lastRead != foreign {
			broken |= mismatchIsForeign
		}
	case drift:
		if r.lastRead != foreign && r.held&(1<<r.lastRead) == 0 {
			broken |= driftIsReal
		}
	case rejected, refusedKMS, trouble:
		if r.putVersion != 0 {
			broken |= tellsInOrder
		}
	}
	return broken & m.promises
}
