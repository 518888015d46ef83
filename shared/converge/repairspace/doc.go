// Package repairspace is the part of the protocol of package converge that repairs
// drift, small enough to try everything that can happen to it: what package statespace
// leaves out, so that each of the two stays small.
//
// # The world
//
// One object with up to two versions, of which the second may expect a policy in
// force. Somebody puts policies by hand, one that gives access or one that only
// removes some; CloudTrail tells of each put at any time, in any order, one of them
// twice. A sweep comes when all else is at rest. Somebody puts the key on hold and ends
// that. The brake has a number of tokens, and gets another when time has passed. A
// worker may be killed at any step, upon which its message comes again. Equal reads of
// the policy in force may be stale: they show what is in force or what was before.
// "A quarter of an hour passes" lets reads settle and makes what waits for it due; "a
// day passes" lets rounds of a fight grow old.
//
// That a put is verified, and what becomes of puts without an answer, is not looked at
// here: package statespace does that.
//
// # What is promised
//
// The constants of type promise say it. Each has a protocol without one of the rules
// that breaks it, with a trace.
package repairspace
