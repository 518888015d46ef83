package statespace

import (
	"slices"

	"github.com/keysmith/keysmith/shared/effort"
)

// A bound is a scenario that is explored to its end.
type bound struct {
	name string
	scenario
}

// affordable leaves out of bs what takes long, where a run is to be brief.
func affordable(bs []bound) []bound {
	return slices.DeleteFunc(bs, func(b bound) bool { return effort.Brief() && b.large() })
}

// large says that there are some hundred thousand states.
func (sc *scenario) large() bool {
	return sc.unknown > 0 || sc.silent > 1 || sc.coarse || sc.crashes+sc.duplicates > 1 || slices.Contains(sc.actions, action{putsByHand, foreign})
}

// bounds are explored in each run of the tests.
func bounds() []bound {
	ab := uploadsOf(policyA, policyB)
	aba := uploadsOf(policyA, policyB, policyA)
	request := []action{put(policyA), {requests, policyC}, put(policyB)}
	return []bound{
		{"three uploads, a crash and a duplicate", scenario{actions: aba, crashes: 1, duplicates: 1}},
		{"the third upload is the first again, reads are stale", scenario{actions: aba, stale: true}},
		{"two crashes and a duplicate", scenario{actions: ab, stale: true, crashes: 2, duplicates: 1}},
		{"a typo in between", scenario{actions: uploadsOf(policyA, typo, policyB), stale: true, crashes: 1}},
		{"a typo at the end", scenario{actions: uploadsOf(policyA, policyB, typo), stale: true, crashes: 1}},
		{"KMS refuses what the check accepts", scenario{actions: uploadsOf(policyA, refused, policyB), stale: true, crashes: 1}},
		{"KMS and the check refuse after a late put", scenario{actions: uploadsOf(policyA, refused, typo), unknown: 1}},
		{"the object is deleted", scenario{actions: []action{put(policyA), put(policyB), {do: deletes}}, stale: true, crashes: 1}},
		{"a put lands late or never, reads are stale", scenario{actions: ab, stale: true, unknown: 1}},
		{"a put lands late or never, and a crash", scenario{actions: ab, crashes: 1, unknown: 1}},
		{"a reconcile from the sweep", scenario{actions: []action{put(policyA), {do: sweeps}, put(policyB)}, stale: true}},
		{"somebody puts by hand", scenario{actions: []action{put(policyA), {putsByHand, foreign}}, stale: true, crashes: 1}},
		{"a request among uploads", scenario{actions: request, coarse: true}},
		{"a request, a crash and a duplicate", scenario{actions: request[:2], coarse: true, crashes: 1, duplicates: 1}},
		{"a request that the check refuses", scenario{actions: []action{put(policyA), {requests, typo}, put(policyB)}, crashes: 1, duplicates: 1}},
		{"statuses and a sweep", scenario{actions: []action{put(policyA), {do: sweeps}}, stale: true, statuses: true}},
		{"statuses, a typo, a sweep and a write that fails", scenario{actions: []action{put(policyA), put(typo), {do: sweeps}}, workers: 1, statuses: true, unwritten: 1}},
		{"a lost event, a sweep and a crash", scenario{actions: []action{{loses, policyA}, {do: sweeps}}, stale: true, crashes: 1, statuses: true}},
		{"somebody writes into the status", scenario{actions: []action{put(policyA), {do: forges}, {do: sweeps}}, statuses: true}},
		{"somebody deletes the status", scenario{actions: []action{put(policyA), {do: erases}, {do: sweeps}}, statuses: true}},
		{"a request and a deletion", scenario{actions: []action{put(policyA), {requests, policyA}, {do: deletes}}, crashes: 1}},
	}
}

// strictBounds are explored in each run for what needs every rule.
func strictBounds() []bound {
	ab := uploadsOf(policyA, policyB)
	aba := uploadsOf(policyA, policyB, policyA)
	swept := []action{put(policyA), put(policyB), {do: sweeps}}
	handed := []action{put(policyA), {putsByHand, foreign}, put(policyB)}
	return []bound{
		{"a put lands late or never", scenario{actions: ab, stale: true, unknown: 1}},
		{"the third upload is the first again", scenario{actions: aba, stale: true}},
		{"a crash and a duplicate", scenario{actions: ab, stale: true, crashes: 1, duplicates: 1}},
		{"a typo at the end", scenario{actions: uploadsOf(policyA, policyB, typo), stale: true, crashes: 1}},
		{"a reconcile from the sweep", scenario{actions: swept, stale: true, crashes: 1}},
		{"somebody puts by hand", scenario{actions: handed, stale: true}},
		{"somebody puts by hand, with statuses", scenario{actions: []action{put(policyA), {putsByHand, foreign}, put(typo)}, workers: 1, stale: true, statuses: true, unwritten: 1}},
		{"a put is lost after a change by hand", scenario{actions: []action{{putsByHand, foreign}, put(policyA)}, long: policyA, stale: true, unknown: 1}},
		{"S3 and KMS do not answer", scenario{actions: ab, stale: true, crashes: 1, silent: 2}},
		{"S3 or KMS does not answer, and a deletion", scenario{actions: []action{put(policyA), put(policyB), {do: deletes}}, stale: true, silent: 1}},
	}
}

// deepStrictBounds are explored on demand.
func deepStrictBounds() []bound {
	ab := uploadsOf(policyA, policyB)
	aba := uploadsOf(policyA, policyB, policyA)
	return []bound{
		{"two puts land late or never", scenario{actions: ab, stale: true, unknown: 2}},
		{"a put is lost after a change by hand, and a crash", scenario{actions: []action{{putsByHand, foreign}, put(policyA)}, long: policyA, stale: true, crashes: 1, unknown: 1}},
		{"a late put, a crash", scenario{actions: ab, stale: true, crashes: 1, unknown: 1}},
		{"a late put and a duplicate", scenario{actions: ab, stale: true, duplicates: 1, unknown: 1}},
		{"a late put among three uploads", scenario{actions: aba, stale: true, unknown: 1}},
		{"a late put and a typo", scenario{actions: uploadsOf(policyA, policyB, typo), stale: true, unknown: 1}},
		{"a late put, and S3 and KMS do not answer", scenario{actions: ab, stale: true, unknown: 1, silent: 2}},
	}
}

// deepBounds are explored on demand: a minute or two, a few gigabytes.
func deepBounds() []bound {
	ab := uploadsOf(policyA, policyB)
	aba := uploadsOf(policyA, policyB, policyA)
	swept := []action{put(policyA), {do: sweeps}, put(policyB)}
	handed := []action{put(policyA), {putsByHand, foreign}, put(policyB)}
	request := []action{put(policyA), {requests, policyC}, put(policyB)}
	return []bound{
		{"three uploads, a crash, a duplicate, reads are stale", scenario{actions: aba, stale: true, crashes: 1, duplicates: 1}},
		{"two puts land late or never", scenario{actions: ab, stale: true, unknown: 2}},
		{"a late put, a crash and a duplicate", scenario{actions: ab, stale: true, crashes: 1, duplicates: 1, unknown: 1}},
		{"a late put among three uploads", scenario{actions: aba, stale: true, unknown: 1}},
		{"a late put and a deletion", scenario{actions: []action{put(policyA), put(policyB), {do: deletes}}, stale: true, crashes: 1, unknown: 1}},
		{"a sweep, a crash and a duplicate", scenario{actions: swept, stale: true, crashes: 1, duplicates: 1}},
		{"a late put and a sweep", scenario{actions: swept, stale: true, crashes: 1, unknown: 1}},
		{"a crash and a put by hand", scenario{actions: handed, stale: true, crashes: 1}},
		{"a late put and one by hand", scenario{actions: handed, stale: true, unknown: 1}},
		{"a request with everything", scenario{actions: request, stale: true, coarse: true, crashes: 1, duplicates: 1}},
	}
}
