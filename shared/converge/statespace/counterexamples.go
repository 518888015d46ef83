package statespace

// A counterexample is a protocol and a small scenario in which it breaks a
// promise.
type counterexample struct {
	protocol
	scenario
	against promise
	// wide says that the scenario is too large to walk through to its end for the
	// protocol that keeps the rule; a smaller bound holds it.
	wide bool
}

func without(name string, r rule, sc scenario, p promise) counterexample {
	return counterexample{protocol: protocol{name: name, broken: r}, scenario: sc, against: p}
}

// wrongProtocols are the obvious protocols, then the whole one without one of
// its rules.
func wrongProtocols() []counterexample {
	ab := scenario{actions: uploadsOf(policyA, policyB)}
	aba := scenario{actions: uploadsOf(policyA, policyB, policyA), workers: 1, stale: true}
	late := scenario{actions: uploadsOf(policyA, policyB), unknown: 1}
	killed := scenario{actions: uploadsOf(policyA, policyB), crashes: 1, unknown: 1}
	crashed := scenario{actions: uploadsOf(policyA, policyB), crashes: 1}
	silent := scenario{actions: uploadsOf(policyA, policyB), stale: true, silent: 1}
	lateStale := scenario{actions: uploadsOf(policyA, policyB), stale: true, unknown: 1}
	byHand := scenario{actions: []action{{putsByHand, foreign}, put(policyA)}, long: policyA, stale: true, unknown: 1}
	reminded := scenario{actions: []action{put(policyA), {do: reminds}, put(policyB)}, stale: true}
	remindedTwice := reminded
	remindedTwice.crashes = 1
	swept := scenario{actions: []action{put(policyA), {do: sweeps}, put(policyB)}, stale: true}

	return []counterexample{
		without("put the version that the event names", readsTheNewest|reReads, ab, converges),
		without("the same behind a highest-version-seen fence", readsTheNewest|reReads|needsNoFence, ab, converges),
		without("read the object, put, acknowledge", reReads, ab, converges),
		without("skip the put where what is in force looks equal", uploadsAlwaysPut, aba, converges),
		without("no reconcile after a put that timed out", reconcilesAfterLatePuts, late, converges),
		without("no reconcile after a worker was killed in its put", reconcilesWhenHandedBack, killed, converges),
		without("let the SDK send a put again", sendsOnce, late, converges),
		without("a reconcile that has put compares again", putsAfterPut, reminded, converges),
		without("a reconcile that was handed back compares again", putsWhenHandedBack, remindedTwice, converges),
		without("acknowledge though the object could not be read again", comesBackUnread, silent, converges),
		without("prove the newer object where it could not be put", provesItsPut, silent, converges),
		without("count equal reads that are not in a row", countsInARow, aba, provesApplied),
		without("believe reads after a put with an unknown result", putsUntilConfirmed|doubtsUnknownResults, lateStale, appliedWasInForce),
		without("believe them where history/ does not say that the policy was in force before", putsUntilConfirmed, byHand, appliedWasInForce),
		without("keep no copy of what the run itself has put", recordsEachPut, ab, mismatchIsForeign),
		without("keep no copy of what the run itself has put", recordsEachPut, swept, driftIsReal),
		without("take what history/ tells of for somebody else's", knowsThePast, ab, mismatchIsForeign),
		without("take for somebody else's what history/ may not be asked for", silentWithoutPast,
			scenario{actions: uploadsOf(policyA, policyB), unlisted: 1}, mismatchIsForeign),
		without("acknowledge before the event", acknowledgesLast, crashed, answersEach),
		without("put without keeping history", keepsHistoryFirst, ab, keepsHistory),
	}
}

// wrongStatuses are those that make wrong use of the status.
func wrongStatuses() []counterexample {
	handed := scenario{actions: []action{put(policyA), {putsByHand, foreign}}, workers: 1, statuses: true}
	older := scenario{actions: uploadsOf(policyA, policyB), statuses: true}
	lost := scenario{actions: []action{{loses, policyA}, {do: sweeps}}, statuses: true}
	killed := scenario{actions: []action{{loses, policyA}, {do: sweeps}, put(policyB)}, stale: true, crashes: 1, statuses: true}

	unreminded := without("send no reconcile before a reconcile of the sweep puts", remindsBeforeASweepPuts, killed, converges)
	unreminded.wide = true
	return []counterexample{
		without("believe the status about what is in force", readsWhatIsInForce, handed, tellsDrift),
		without("let an older version's status win", recordsTheNewest, older, describes),
		without("compare a version that was never handled", handlesTheUnhandled, lost, converges),
		unreminded,
		without("take what history/ tells of for somebody else's", knowsThePast,
			scenario{actions: []action{put(policyA), {do: sweeps}, put(policyB)}, statuses: true, stale: true}, driftIsReal),
		without("take for somebody else's what history/ may not be asked for", silentWithoutPast,
			scenario{actions: []action{put(policyA), put(policyB), {do: sweeps}}, workers: 1, statuses: true, stale: true, unlisted: 1}, driftIsReal),
	}
}

// wrongEndings are those that refuse badly.
func wrongEndings() []counterexample {
	bad := scenario{actions: uploadsOf(policyA, typo)}
	removed := scenario{actions: []action{put(policyA), {do: deletes}}}
	handed := scenario{actions: []action{put(policyA), put(typo), {putsByHand, foreign}}}
	asked := scenario{actions: []action{put(policyA), {requests, policyC}, put(policyB)}, coarse: true}
	unfit := scenario{actions: []action{put(policyA), {requests, typo}}}
	copied := scenario{actions: []action{{requests, policyC}, put(policyB), put(policyC)}}
	deleted := scenario{actions: []action{put(policyA), {requests, policyC}, {do: deletes}}}

	return []counterexample{
		without("refuse the newer object before telling what was put", provesBeforeRefusal, bad, tellsInOrder),
		without("pass over a deletion before telling what was put", tellsBeforeEveryEnd, removed, tellsInOrder),
		without("look for the superseded version while it is proven", comparesWithTheRefused, handed, tellsInOrder),
		without("check only the object that was read first", checksEachTime, bad, putsAcceptable),
		without("store a request without a check", checksRequests, unfit, storesAcceptable),
		without("store a request whatever the object has become", storesIfUnchanged, asked, overwritesNothing),
		without("store a request that comes late", knowsReplays, asked, overwritesNothing),
		without("store a request that is as old as the object", doubtsEqualTimes, asked, overwritesNothing),
		without("leave each upload with a request's content to the request", knowsTheRequests, copied, converges),
		without("store a request over a deletion", knowsDeletions, deleted, overwritesNothing),
	}
}

// A limit is what no rule here would make a promise, with the proof that it is
// none.
type limit struct {
	counterexample
	why string
}

func limits() []limit {
	tags := []action{put(policyA), {requests, policyC}, put(policyB), put(policyA)}
	return []limit{
		{
			without("", 0, scenario{actions: uploadsOf(policyA, typo), crashes: 1, told: true}, inForceIsTold),
			"the worker was killed between the put and its event; whoever comes next finds only an object that it has to refuse",
		},
		{
			without("", 0, scenario{actions: uploadsOf(policyA, policyB, typo), told: true}, lastToldStays),
			"a slow worker puts an older version over the newest acceptable one and then finds an object that it has to refuse",
		},
		{
			without("", 0, scenario{actions: []action{put(policyA), {putsByHand, foreign}}}, keepsWhatOthersPut),
			"KMS has no compare-and-swap: between the read and the put somebody else may put",
		},
		{
			without("", 0, scenario{actions: []action{{putsByHand, foreign}, put(policyA), put(policyB)}, long: policyA, stale: true}, mismatchIsForeign),
			"a run that reads, stale, what it is going to put has nothing to keep, so history/ does not name its put",
		},
		{
			without("If-Match on the ETag", tagsTellVersions, scenario{actions: tags}, overwritesNothing),
			"where equal content has an equal ETag, A, then B, then A again looks like A all the time",
		},
	}
}
