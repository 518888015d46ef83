// Package model is the protocol of package converge, small enough to try
// everything that can happen to it.
//
// KMS has no compare-and-swap, messages come twice and out of order, reads are
// stale, puts land late and workers are killed. Whether workers without a lock
// still end with the right policy cannot be seen by thinking about it, and
// hardly by testing real code: the bad orders are rare. So here the steps of a
// run, named like those of the code, are moves of a machine, and the tests walk
// through every state that the moves can reach. The obvious protocols, and ours
// without one of its rules, have counterexamples there, which the tests print;
// ours has none.
//
// # The world
//
// One object, two workers, and up to three uploads, deletions, requests, looks
// of the sweep or puts by hand, in their order but at any time. Messages come
// in any order; one may come twice, and one worker (in one scenario two) may be
// killed at any step, upon which its message comes again. A read of the key
// policy returns what is in force or what was before the last change, as it
// likes, and changes its mind freely. A put may end without a known result: it
// then lands at any later time or never. An upload may be one that our check
// refuses, or one that only KMS refuses. Two equal reads in a row are the proof.
//
// What is assumed: reads of the bucket are never stale. When the look after a
// late put comes, that put has landed or never will, and reads show what has
// been in force since: the look is sent with a delay of 15 minutes. A look
// comes as well some time after a worker was killed while its put was under
// way: from the sweep, if nothing else sends one.
//
// # What is promised
//
// The constants of type promise say it, and the tests hold ours to it. "At
// rest" means: every message is acknowledged, no put is under way, and the look
// after each put with an unknown result has been.
//
//   - At rest the last acceptable upload is in force. Where the newest object is
//     not acceptable or is gone, a policy that was accepted before is in force,
//     and no message has removed anything.
//   - "Applied v" follows N equal reads of v in a row by the same run, after its
//     last put, which was of v. If KMS confirmed that put, v was in force
//     then. It may have been replaced when the event arrives: for good by a
//     newer version, for a while by a slow worker with an older one.
//   - What a run has put is told before the run refuses a newer object.
//   - No document that the check refuses is put, and what was in force before
//     keysmith came is in history/ first.
//   - Every trigger is answered by an event, except a look that finds what it
//     should, and whoever finds that there is no object.
//   - A request that the check refuses is not stored, and none ever overwrites
//     an object that is newer than it.
//   - There is a way to rest from every state.
//
// What is not promised has a counterexample as well, in limits.
//
// # How
//
// States are comparable values in a map, walked through nearest first, so that
// a trace is a shortest one. Steps that touch nothing shared are taken at once,
// and the workers are not told apart; a test compares with the long way. All of
// bounds is 800,000 states and takes half a second; go test -deep walks through
// some 14 million more.
package model
