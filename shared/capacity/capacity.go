// Package capacity says how fast a stack brings policies in force, and what bounds
// it: KMS's quotas, the number of keys that the stack has in work at once, or the
// processor that Lambda gives its instances.
//
// A quota is of one account and Region, so that more of them allow more puts. The
// instances of the function and their batches are of the whole stack, and stay the
// same. The template's numbers, what `make fleet` asks for and the table in
// shared/docs/many-accounts.md all come from this arithmetic; tests hold them
// together.
package capacity

import (
	"math"
	"time"
)

// A Stack is what the template makes of a quota.
type Stack struct {
	Quota     float64       // PutKeyPolicy calls a second of each account and Region
	Instances int           // that read the queue at once
	Batch     int           // keys that an instance has in work at once
	Puts      float64       // a second of one instance, in each account and Region
	Proof     time.Duration // from the put of a key until its place is free again
}

// calls is the time of a key beside the pauses between its proving reads: all its
// calls, and the next batch on its way.
const calls = 400 * time.Millisecond

// Proof is how long it takes to prove a policy by so many equal reads.
func Proof(reads int, interval time.Duration) time.Duration {
	return time.Duration(reads-1)*interval + calls
}

// ByQuotas is how many puts a second the quotas of so many places allow. A place is
// an account in a Region.
func (s Stack) ByQuotas(places int) float64 { return s.Quota * float64(places) }

// ByConcurrency is how many keys a second can be proven by what is in work at once.
func (s Stack) ByConcurrency() float64 {
	return float64(s.Instances*s.Batch) / s.Proof.Seconds()
}

// Allowed is the lower of the two, and which it is.
func (s Stack) Allowed(places int) (perSecond float64, by string) {
	quotas, concurrency := s.ByQuotas(places), s.ByConcurrency()
	if quotas <= concurrency {
		return quotas, "quotas"
	}
	return concurrency, "concurrency"
}

// processorTime is what a key takes of a processor, for all its calls: measured with
// `make fleet` on one of 2026, so an estimate of Lambda's.
const processorTime = 7 * time.Millisecond

// wholeProcessor is the memory in MB with which Lambda gives a function one.
const wholeProcessor = 1769

// ByProcessor is about how many keys a second the instances can compute with so much
// memory each. Lambda gives a function a processor in proportion to its memory.
func (s Stack) ByProcessor(memoryMB int) float64 {
	return float64(s.Instances) * min(1, float64(memoryMB)/wholeProcessor) / processorTime.Seconds()
}

// Reaches is how many keys a second are brought in force while full batches wait
// whose keys are spread evenly over the places, as "keysmith push" uploads them.
func (s Stack) Reaches(places int) float64 {
	return s.ReachesWith(int(math.Ceil(float64(s.Batch) / float64(places))))
}

// ReachesWith is the same of batches in which fullest keys are of one place. They
// wait for that place's share of the quota one after the other, and a batch ends
// with its last key: Lambda gives the instance no other before.
func (s Stack) ReachesWith(fullest int) float64 {
	waits := float64(fullest-1) / s.Puts
	return float64(s.Instances*s.Batch) / (waits + s.Proof.Seconds())
}
