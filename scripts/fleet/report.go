package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/keysmith/keysmith/shared/capacity"
	"github.com/keysmith/keysmith/shared/fakeaws"
)

// leastShare is the part of a quota that a fleet must use.
const leastShare = 0.9

// leastAllowed is the part that many accounts and Regions must reach of the lower
// of what quotas and concurrency allow.
const leastAllowed = 0.8

// reportChange prints what came of uploads. Its error says which promises were
// broken.
func (f *fleet) reportChange() error {
	calls := f.stack.Cloud.Calls()
	quota := f.pace.stack.Quota * f.pace.scale // of each account and Region
	all := quota * float64(f.set.places())
	puts := usageOf(calls, "PutKeyPolicy", all)
	puts.ahead = mostAhead(calls, "PutKeyPolicy", quota)
	reached := float64(len(f.applied)) / f.took.Seconds()
	if !puts.first.IsZero() {
		reached = float64(len(f.applied)) / (f.took - puts.first.Sub(f.began)).Seconds()
	}
	f.print(calls, puts, quota, reached/f.pace.scale)
	memory, err := f.stack.PeakMemory("ApplyFunction")
	fmt.Printf("memory       %.1f MB at most for an instance\n", float64(memory)/1e6)
	return errors.Join(err,
		broken(f.wrong("after"), "keys do not have the policy of their object"),
		broken(len(f.ids)-len(f.applied), "keys were not reported as applied"),
		broken(puts.refused, "puts were throttled or refused"),
		f.lost(),
		f.enough(puts.share(all), reached/f.pace.scale),
	)
}

// enough holds one account and Region to the share of the quota that is promised, and
// several to that of what is allowed. reached is in keys a second.
func (f *fleet) enough(share, reached float64) error {
	switch places := f.set.places(); {
	case places == 1:
		return tooLittle("PutKeyPolicy", share)
	case f.set.order == "push":
		return tooSlow(f.pace.stack, places, reached)
	}
	return nil // nothing is promised of uploads in another order
}

// tooSlow allows a tenth less than the arithmetic expects where that is less than
// four fifths: near the point where quotas and concurrency allow the same.
func tooSlow(s capacity.Stack, places int, reached float64) error {
	allowed, by := s.Allowed(places)
	least := min(leastAllowed*allowed, leastShare*s.Reaches(places))
	if reached >= least {
		return nil
	}
	return fmt.Errorf("only %.1f keys a second were brought in force, which is %.0f %% of what %s allows, and keysmith promises %.1f; on a busy machine, give it more time with -within",
		reached, 100*reached/allowed, by, least)
}

func (f *fleet) print(calls []fakeaws.Call, u usage, quota, reached float64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	earnest := func(d time.Duration) float64 { return d.Seconds() * f.pace.scale }
	seconds := f.busy.Seconds() * f.pace.scale
	s, places := f.pace.stack, f.set.places()
	allowed, by := s.Allowed(places)
	fmt.Printf(`
time         %.1f s until the last is done, which is %.0f s in real time; quotas and concurrency alone take %.0f s
keys         allowed by quotas: %.1f/s; allowed by concurrency: %.1f/s; reached %.1f/s = %.0f %% of the lower (%s); at best %.1f/s (in real time)
processor    Lambda's allows about %.0f/s with %d MB, which is not part of this measurement
PutKeyPolicy %d answered, %d throttled or refused; %.1f %% of all quotas from the first to the last of them
             at most %.0f calls ahead of the steady quota of an account and Region, of the %.0f that the fake KMS allows in one second
outcomes     %v
invocations  %d, %.1f s in real time on average; %d AWS calls in all, %.1f for each key
on AWS       %s
`,
		f.took.Seconds(), earnest(f.took), f.pace.floor(f.set).Seconds(),
		s.ByQuotas(places), s.ByConcurrency(), reached, 100*reached/allowed, by, s.Reaches(places),
		s.ByProcessor(f.pace.memoryMB), f.pace.memoryMB,
		u.answered, u.refused, 100*u.share(quota*float64(places)),
		u.ahead, max(quota, s.Quota),
		f.outcomes, f.invocations, seconds/float64(max(1, f.invocations)), len(calls), float64(len(calls))/float64(len(f.ids)),
		billOf(calls, f.invocations, seconds*float64(f.pace.memoryMB)/1024))
}

// lost tells of messages that were given up, and of invocations that failed.
func (f *fleet) lost() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return errors.Join(broken(f.stack.GivenUp(), "messages are dead letters"), errors.Join(f.troubles...))
}

func broken(n int, what string) error {
	if n == 0 {
		return nil
	}
	return fmt.Errorf("%d %s", n, what)
}

func tooLittle(action string, share float64) error {
	if share >= leastShare {
		return nil
	}
	return fmt.Errorf("only %.1f %% of the quota of %s was used, and keysmith promises %.0f %%; on a busy machine, give it more time with -within", 100*share, action, 100*leastShare)
}
