// Package setspace is what package converge does for the keys of a multi-Region set,
// perhaps of another account, small enough to try everything that can happen to it: what
// packages statespace and repairspace leave out, so that each of them stays small.
//
// # The world
//
// One object, up to three versions of it, and a set of two or three keys, each in a Region
// of its own. A replica may appear, also in a Region that is no target; another key may
// become the primary one. A Region may be down for a while, or refuse for good. Somebody
// puts policies by hand on one key or on two. A version may be one that our check refuses
// for one key only. The set may be in another account: its role vanishes and comes back,
// credentials expire at any time, and a worker has those of a third account as well.
//
// Up to two workers have a message each. One may come twice, and a worker may be killed at
// any step, upon which its message comes again. Within a worker, the runs for the keys
// take their steps in any order; each reads the object for itself. Reads of a policy, and
// of which keys there are, may be stale until "a quarter of an hour passes". A status may
// not be written. A sweep comes when all else is at rest.
//
// Puts without an answer, the proof by equal reads, and repairs are not looked at here:
// packages statespace and repairspace do that.
//
// # What is promised
//
// The constants of type promise say it, and each has a protocol without one of the rules
// that breaks it, with a trace. In short: a set ends with the newest version in each
// Region, or its status says of each key what it has instead. No event calls a key Applied
// or InSync that was not proven in its own Region. A Region that fails keeps no other from
// its policy, and what may pass is tried again until it has. No call is made with
// credentials of another account, and nothing is put while a key of the set is known to be
// outside of the targets. What somebody has put stays drift, is reported once for each
// situation, and is open in the status. No message is lost. From every state there is a
// way to rest.
//
// Not promised: a replica that appears after the newest version has failed for good waits
// for the next upload.
//
// # The code
//
// Function Combine makes one result of those of the keys. A test in package converge tries
// every combination of two and of three keys, and compares it with what the code makes of
// them.
package setspace
