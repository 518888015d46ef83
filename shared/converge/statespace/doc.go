// Package statespace is the protocol of package converge, small enough to try
// everything that can happen to it.
//
// KMS has no compare-and-swap, messages come twice and out of order, reads are
// stale, puts land late and workers are killed. Whether workers without a lock
// still end with the right policy cannot be seen by thinking about it, and
// hardly by testing real code: the bad orders are rare. So here the steps of a
// run, named like those of the code, are moves of a machine, and the tests walk
// through every state that the moves can reach. The obvious protocols, and the
// right one without any of its rules, have counterexamples there, which the
// tests print; ours has none for what it promises.
//
// # The world
//
// One object, two workers, and up to three uploads, deletions, requests, reconciles
// or puts by hand, in their order but at any time. Messages come in any order;
// one may come twice, and one worker (in one scenario two) may be killed at any
// step, upon which its message comes again and says so. A read of the key
// policy returns what is in force or what was before the last change, as it
// likes, and changes its mind freely; one that is asked for beside a read of the
// object is answered before it or after it. A put may end without a known result: it
// then lands at any later time or never. S3 or KMS may give no answer for as
// long as a run waits, or S3 may refuse to show history/. An upload may be one that our check refuses, or one that
// only KMS refuses. Two equal reads in a row are the proof.
//
// What is assumed: reads of the bucket are never stale. A reconcile that is sent
// because of a put comes when that put has landed or never will, and when reads
// show what has been in force since: its delay is 15 minutes. What history/
// tells of does not grow too old within a scenario. A message comes again until
// it is acknowledged. The sweep needs no part in this: its reconciles tell of drift
// and put nothing.
//
// # What is promised
//
// The constants of type promise say it, and the tests hold ours to it. "At
// rest" means: every message is acknowledged, no put is under way, and the reconcile
// after each put with an unknown result has been.
//
//   - At rest the last acceptable upload is in force, unless somebody has put
//     something by hand since; then drift was reported. Where the newest object is
//     not acceptable or is gone, a policy that was accepted before is in force,
//     and no message has removed anything.
//   - "Applied v" follows N equal reads of v in a row by the same run, after its
//     last put, which was of v and which KMS confirmed: v was in force then. It
//     may have been replaced when the event arrives: for good by a newer version,
//     for a while by a slow worker with an older one.
//   - What a run has put is reported before the run ends in any other way, such as
//     refusing a newer object; unless yet another version has come, and what is
//     read is nobody's that the run knows.
//   - No document that the check refuses is put, and what was in force before
//     keysmith came is in history/ first.
//   - Every trigger is answered by an event, except a reconcile that finds what it
//     should, and a worker that finds that there is no object.
//   - A request that the check refuses is not stored, and none ever overwrites
//     an object that is newer than it.
//   - There is a way to rest from every state.
//
// The events also tell the truth about KMS: Applied is reported only of what was in
// force after the put was sent; VERIFY_MISMATCH only of somebody else's policy;
// drift only of what was really in force. What no rule here would help is in
// limits.
//
// # How
//
// States are comparable values in a map, walked through nearest first, so that
// a trace is a shortest one. Steps that touch nothing shared are taken at once,
// what nobody will ask for is forgotten, and the workers are not told apart; a
// test compares with the long way. All of it is five million states and takes
// some seconds; make test-full walks through far more.
package statespace
