package model

// A counterexample is a protocol and the smallest scenario in which it breaks
// a promise.
type counterexample struct {
	protocol
	scenario
	against promise
}

// wrongProtocols are the obvious protocols, then ours without one of its rules.
func wrongProtocols() []counterexample {
	without := func(name string, r rule, sc scenario, p promise) counterexample {
		return counterexample{protocol{name: name, broken: r}, sc, p}
	}
	ab := scenario{actions: uploadsOf(policyA, policyB)}
	aba := scenario{actions: uploadsOf(policyA, policyB, policyA), workers: 1, stale: true}
	stale := scenario{actions: uploadsOf(policyA, policyB), stale: true}
	late := scenario{actions: uploadsOf(policyA, policyB), unknown: 1}
	killed := scenario{actions: uploadsOf(policyA, policyB), crashes: 1, unknown: 1}
	crashed := scenario{actions: uploadsOf(policyA, policyB), crashes: 1}
	bad := scenario{actions: uploadsOf(policyA, typo)}
	swept := scenario{actions: []action{put(policyA), {do: sweeps}, put(policyB)}, stale: true}
	sweptTwice := swept
	sweptTwice.crashes = 1
	asked := scenario{actions: []action{put(policyA), {requests, policyC}, put(policyB)}, coarse: true}
	unfit := scenario{actions: []action{put(policyA), {requests, typo}}}
	deleted := scenario{actions: []action{put(policyA), {requests, policyC}, {do: deletes}}}

	return []counterexample{
		without("put the version that the event names", readsTheNewest|reReads, ab, converges),
		without("the same behind a highest-version-seen fence", readsTheNewest|reReads|needsNoFence, ab, converges),
		without("read the object, put, acknowledge", reReads, ab, converges),
		without("skip the put where what is in force looks equal", uploadsAlwaysPut, aba, converges),
		without("no look after a put that timed out", looksAfterLatePuts, late, converges),
		without("no look after a worker was killed in its put", sweepsLater, killed, converges),
		without("let the SDK send a put again", sendsOnce, late, converges),
		without("a look that has put compares again", putsAfterPut, swept, converges),
		without("a look that was handed back compares again", putsWhenHandedBack, sweptTwice, converges),
		without("refuse the newer object before telling what was put", provesBeforeRefusal, bad, tellsInOrder),
		without("prove the newer object where it could not be put", provesItsPut, stale, converges),
		without("check only the object that was read first", checksEachTime, bad, putsAcceptable),
		without("count equal reads that are not in a row", countsInARow, aba, provesApplied),
		without("acknowledge before the event", acknowledgesLast, crashed, answersEach),
		without("put without keeping history", keepsHistoryFirst, ab, keepsHistory),
		without("store a request without a check", checksRequests, unfit, storesAcceptable),
		without("store a request whatever the object has become", storesIfUnchanged, asked, overwritesNothing),
		without("store a request that comes late", knowsReplays, asked, overwritesNothing),
		without("store a request that is as old as the object", doubtsEqualTimes, asked, overwritesNothing),
		without("store a request over a deletion", knowsDeletions, deleted, overwritesNothing),
	}
}

// A limit is what our protocol does not promise, with the proof that it cannot,
// and with what would change that, if anything here does.
type limit struct {
	counterexample
	why    string
	remedy addition
}

func limits() []limit {
	ours := func(sc scenario, p promise) counterexample { return counterexample{ours(), sc, p} }
	tags := protocol{name: "If-Match on the ETag", broken: tagsTellVersions}
	return []limit{
		{
			ours(scenario{actions: uploadsOf(policyA, policyB), stale: true, unknown: 1}, appliedWasInForce),
			"stale reads can show the wanted policy from an earlier time while the put itself was lost",
			putsUntilAnswered,
		},
		{
			ours(scenario{actions: uploadsOf(policyA), stale: true, duplicates: 1}, mismatchIsForeign),
			"the read before the put was fresh, those after it are stale: what a second worker replaced looks like somebody else's",
			knowsThePast,
		},
		{
			ours(scenario{actions: uploadsOf(policyA, typo), crashes: 1, told: true}, inForceIsTold),
			"the worker was killed between the put and its event; whoever comes next finds only an object that it has to refuse",
			0,
		},
		{
			ours(scenario{actions: uploadsOf(policyA, policyB, typo), told: true}, lastToldStays),
			"a slow worker puts an older version over the newest acceptable one and then finds an object that it has to refuse",
			0,
		},
		{
			ours(scenario{actions: []action{put(policyA), {putsByHand, foreign}}}, keepsWhatOthersPut),
			"KMS has no compare-and-swap: between the read and the put somebody else may put",
			0,
		},
		{
			counterexample{tags, scenario{actions: []action{put(policyA), {requests, policyC}, put(policyB), put(policyA)}}, overwritesNothing},
			"where equal content has an equal ETag, A, then B, then A again looks like A all the time",
			0,
		},
	}
}
