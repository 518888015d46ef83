package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws"
)

// leastShare is the part of a quota that a fleet must use.
const leastShare = 0.9

// reportChange prints what came of uploads. Its error says which promises were
// broken.
func (f *fleet) reportChange() error {
	calls := f.stack.Cloud.Calls()
	quota := f.pace.quota * f.pace.scale * float64(f.set.places()) // of all accounts and Regions together
	puts := usageOf(calls, "PutKeyPolicy", quota)
	f.print(calls, puts, "PutKeyPolicy", quota)
	return errors.Join(
		broken(f.wrong("after"), "keys do not have the policy of their object"),
		broken(len(f.ids)-len(f.applied), "keys were not reported as applied"),
		broken(puts.refused, "puts were throttled or refused"),
		f.lost(),
		f.enough(puts.share(quota)),
	)
}

// enough holds one account and Region to the share that is promised. Of many, the
// number of instances bounds what is put before the quotas do.
func (f *fleet) enough(share float64) error {
	if f.set.places() > 1 {
		return nil
	}
	return tooLittle("PutKeyPolicy", share)
}

func (f *fleet) print(calls []fakeaws.Call, u usage, action string, quota float64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	earnest := func(d time.Duration) float64 { return d.Seconds() * f.pace.scale }
	seconds := f.busy.Seconds() * f.pace.scale
	fmt.Printf(`
time         %.1f s until the last is done, which is %.0f s in real time; the quota alone takes %.0f s
%s %d answered, %d throttled or refused; %.1f %% of the quota from the first to the last of them
             at most %.0f calls ahead of the steady quota, of the %.0f that the fake KMS allows in one second
outcomes     %v
invocations  %d, %.1f s in real time on average; %d AWS calls in all, %.1f for each key
on AWS       %s
`,
		f.took.Seconds(), earnest(f.took), f.pace.floor(f.set).Seconds(),
		action, u.answered, u.refused, 100*u.share(quota),
		u.ahead, quota,
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
