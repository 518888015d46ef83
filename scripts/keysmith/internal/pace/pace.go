// Package pace keeps to AWS's request quotas.
//
// KMS counts the calls of each API for each account and Region, and everybody in
// the account shares that count. A command that reads thousands of keys keeps
// below it, and becomes slower where AWS throttles all the same: others are
// calling too, or the account's quota is lower than the documented one.
package pace

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Quotas are what AWS documents as the default, in calls a second for each
// account and Region.
// https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html
var quotas = map[string]float64{"GetKeyPolicy": 1000, "DescribeKey": 2000, "ListKeys": 500, "ListAliases": 500}

// DefaultReads is how many key policies are read a second in each account and
// Region: nine tenths of the quota.
const DefaultReads = 900

// Paces are the paces of all APIs of KMS, accounts and Regions.
type Paces struct {
	// Reads is how often GetKeyPolicy may be called a second in each account and
	// Region. The other APIs get the same share of their quota.
	Reads float64
	// Throttled reports whether an error asks for a slower pace.
	Throttled func(error) bool

	mu    sync.Mutex
	paces map[[3]string]*Pace
}

// Of returns the pace of an API in an account and Region.
func (p *Paces) Of(account, region, api string) *Pace {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := [3]string{account, region, api}
	if p.paces == nil {
		p.paces = map[[3]string]*Pace{}
	}
	if p.paces[at] == nil {
		p.paces[at] = New(p.Reads/quotas["GetKeyPolicy"]*quotas[api], p.Throttled)
	}
	return p.paces[at]
}

// A Pace is how often one API may be called.
type Pace struct {
	most      float64
	throttled func(error) bool
	limiter   *rate.Limiter

	mu      sync.Mutex
	changed time.Time // when the rate was last changed
	slowed  int       // how often it was lowered
}

// New returns a pace of at most so many calls a second.
func New(most float64, throttled func(error) bool) *Pace {
	most = max(most, 0.1)
	return &Pace{most: most, throttled: throttled, limiter: rate.NewLimiter(rate.Limit(most), max(1, int(most/10)))}
}

// Rate is how many calls a second are allowed now.
func (p *Pace) Rate() float64 { return float64(p.limiter.Limit()) }

// Slowed is how often the rate was lowered because AWS throttled.
func (p *Pace) Slowed() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.slowed
}

// patience is how long one call is repeated that is throttled each time.
const patience = time.Minute

// Do calls when it is time to, and again where AWS throttles. It gives up with
// AWS's error after a minute of that, and with the context's when that ends.
func (p *Pace) Do(ctx context.Context, call func(context.Context) error) error {
	begin := time.Now()
	for {
		if err := p.limiter.Wait(ctx); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return err
		}
		asked := time.Now()
		err := call(ctx)
		if err == nil || !p.throttled(err) {
			p.quicken()
			return err
		}
		p.slow(asked)
		if time.Since(begin) > patience {
			return err
		}
	}
}

// How the rate changes. A step down is larger than many steps up, so that the
// rate settles just below what AWS takes.
const (
	slower = 0.7  // of the rate, when AWS throttles
	faster = 0.05 // of the highest rate, for each second without that
	least  = 0.02 // of the highest rate
)

// slow lowers the rate, once for all calls that were under way when it was last
// changed.
func (p *Pace) slow(asked time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if asked.Before(p.changed) {
		return
	}
	p.changed = time.Now()
	p.slowed++
	p.limiter.SetLimit(rate.Limit(max(p.Rate()*slower, p.most*least, 0.1)))
}

func (p *Pace) quicken() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now := p.Rate(); now < p.most && time.Since(p.changed) >= time.Second {
		p.changed = time.Now()
		p.limiter.SetLimit(rate.Limit(min(now+p.most*faster, p.most)))
	}
}
