// Package converge is the protocol that brings one key's policy to what the
// policy bucket says, without a lock.
//
// PutKeyPolicy has no compare-and-swap, triggers come at least once and in any
// order, and KMS reads may be stale. So a run never believes the trigger: it
// reads the object now, checks it, reads what is in force, keeps that in the
// history, puts once, reads the object again and starts over if it changed,
// proves the policy by consecutive equal reads, and reports. The subpackage
// statespace is a model of this protocol, and of the obvious wrong ones, that
// tries everything that can happen to them.
package converge

// A Step is one step of the protocol. The log (at debug level) and the model
// use these words.
type Step string

const (
	StoreRequest Step = "StoreRequest" // an inline request becomes the key's object
	ReadStatus   Step = "ReadStatus"   // reconciles only: what is known of the newest version
	ReadObject   Step = "ReadObject"
	Check        Step = "Check"
	ReadInForce  Step = "ReadInForce"
	Compare      Step = "Compare" // reconciles only: what equals the bucket is passed over
	KeepHistory  Step = "KeepHistory"
	Put          Step = "Put"
	ReReadObject Step = "ReReadObject"
	Prove        Step = "Prove"
	Report       Step = "Report"
	RecordStatus Step = "RecordStatus" // the result beside the object, for readers of the bucket
	Acknowledge  Step = "Acknowledge"
)
