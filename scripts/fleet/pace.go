package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/keysmith/keysmith/scripts/local/stack"
	"github.com/keysmith/keysmith/shared/capacity"
	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/samtemplate"
)

// pace is what the template makes of a quota, and how much faster than in
// earnest all of it runs.
type pace struct {
	scale    float64
	stack    capacity.Stack // not scaled
	pause    time.Duration  // between two proving reads, not scaled
	reads    float64        // keys a second that a sweep reads; never scaled
	timeout  string         // of a proof; faster time leaves it as it is
	memoryMB int
	queue    string // the name of the function's queue
}

func readPace(set settings) (pace, error) {
	declared, err := samtemplate.Load(set.template, samtemplate.Options{Account: stack.Account, Region: stack.Region, Parameters: parameters(set)})
	if err != nil {
		return pace{}, err
	}
	f := declared.Functions[0]
	source := f.Sources[0]
	q, _ := declared.QueueByARN(source.QueueARN)
	p := pace{memoryMB: f.MemoryMB, queue: q.Name, timeout: f.Environment["VERIFY_TIMEOUT"]}
	if p.stack, p.pause, err = capacityOf(declared); err != nil {
		return p, err
	}
	if p.reads, err = strconv.ParseFloat(f.Environment["SWEEP_READS_PER_SECOND"], 64); err != nil {
		return p, fmt.Errorf("reading the pace of a sweep: %w", err)
	}
	p.scale = p.floor(set).Seconds() / set.within.Seconds()
	if set.places() == 1 {
		p.scale = max(1, p.scale)
	}
	if set.unchanged {
		p.scale = 1 // a sweep is measured in its own time
	}
	return p, nil
}

// capacityOf is what the template makes of its parameters.
func capacityOf(declared *samtemplate.Stack) (s capacity.Stack, pause time.Duration, err error) {
	f := declared.Functions[0]
	s = capacity.Stack{Instances: f.Sources[0].MaximumConcurrency, Batch: f.Sources[0].BatchSize}
	if s.Quota, err = strconv.ParseFloat(declared.Parameters["PutQuota"], 64); err != nil {
		return s, 0, fmt.Errorf("reading the template's PutQuota: %w", err)
	}
	if s.Puts, err = strconv.ParseFloat(f.Environment["PUTS_PER_SECOND"], 64); err != nil {
		return s, 0, fmt.Errorf("reading the function's share of the quota: %w", err)
	}
	reads, err := strconv.Atoi(f.Environment["VERIFY_READS"])
	if err != nil {
		return s, 0, fmt.Errorf("reading how many reads prove a policy: %w", err)
	}
	if pause, err = time.ParseDuration(f.Environment["VERIFY_INTERVAL"]); err != nil {
		return s, 0, fmt.Errorf("reading the pause between them: %w", err)
	}
	s.Proof = capacity.Proof(reads, pause)
	return s, pause, nil
}

// longestProof is the longest time-out that the template allows, for pauses that
// are longer than in real time.
const longestProof = "90s"

// scaled are the function's variables in scaled time.
func (p pace) scaled() map[string]string {
	if p.scale == 1 {
		return nil
	}
	timeout := longestProof
	if p.scale > 1 {
		timeout = p.timeout
	}
	return map[string]string{
		"VERIFY_TIMEOUT":  timeout,
		"PUTS_PER_SECOND": strconv.FormatFloat(p.stack.Puts*p.scale, 'f', 3, 64),
		"VERIFY_INTERVAL": time.Duration(float64(p.pause) / p.scale).Round(time.Microsecond).String(),
	}
}

func parameters(set settings) map[string]string {
	return map[string]string{
		"Mode":             "apply",
		"WriterPrincipals": "*",
		"KeyArns":          "arn:aws:kms:*:" + stack.Account + ":key/*",
		"TargetAccounts":   strings.Join(set.others(), ","),
		"TargetRegions":    strings.Join(regionNames[:set.regions], ","),
		"PutQuota":         set.quota,
		// A faster sweep than the default is over sooner.
		"SweepReadsPerSecond": set.reads,
	}
}

// floor is the time that quotas and concurrency ask for, not scaled.
func (p pace) floor(set settings) time.Duration {
	allowed, _ := p.stack.Allowed(set.places())
	return time.Duration(float64(set.keys) / allowed * float64(time.Second))
}

// quotas are the documented ones, in scaled time.
func (p pace) quotas() []fakeaws.Quota {
	var list []fakeaws.Quota
	for _, q := range fakeaws.DocumentedQuotas() {
		if q.Action == "PutKeyPolicy" {
			q.PerSecond = p.stack.Quota
		}
		if p.scale < 1 {
			q.AtOnce = int(q.PerSecond)
		}
		q.PerSecond *= p.scale
		list = append(list, q)
	}
	return list
}

func (p pace) words(set settings) string {
	return fmt.Sprintf(`%d keys, accounts: %d, Regions: %d; PutKeyPolicy quota %.0f/s in each, so %d instances with batches of %d and %.2f puts a second each
time runs at %.2f times its real speed: quotas, shares of them and pauses are scaled by that`,
		set.keys, set.accounts, set.regions, p.stack.Quota, p.stack.Instances, p.stack.Batch, p.stack.Puts, p.scale)
}
