package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/keysmith/keysmith/scripts/local/stack"
	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/samtemplate"
)

// pace is what the template makes of a quota, and how much faster than in
// earnest all of it runs.
type pace struct {
	scale            float64
	quota            float64 // PutKeyPolicy calls a second, not scaled
	puts             float64 // share of one instance, not scaled
	reads            float64 // keys a second that a sweep reads; never scaled
	instances, batch int
	memoryMB         int
	queue            string // the name of the function's queue
}

func readPace(set settings) (pace, error) {
	declared, err := samtemplate.Load(set.template, samtemplate.Options{Account: stack.Account, Region: stack.Region, Parameters: parameters(set)})
	if err != nil {
		return pace{}, err
	}
	f := declared.Functions[0]
	source := f.Sources[0]
	q, _ := declared.QueueByARN(source.QueueARN)
	p := pace{instances: source.MaximumConcurrency, batch: source.BatchSize, memoryMB: f.MemoryMB, queue: q.Name}
	if p.quota, err = strconv.ParseFloat(declared.Parameters["PutQuota"], 64); err != nil {
		return p, fmt.Errorf("reading the template's PutQuota: %w", err)
	}
	if p.puts, err = strconv.ParseFloat(f.Environment["PUTS_PER_SECOND"], 64); err != nil {
		return p, fmt.Errorf("reading the function's share of the quota: %w", err)
	}
	if p.reads, err = strconv.ParseFloat(f.Environment["SWEEP_READS_PER_SECOND"], 64); err != nil {
		return p, fmt.Errorf("reading the pace of a sweep: %w", err)
	}
	p.scale = p.floor(set).Seconds() / set.within.Seconds()
	p.scale = max(1, p.scale)
	if set.unchanged {
		p.scale = 1 // a sweep is measured in its own time
	}
	return p, nil
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

// floor is the time that the quota alone asks for, not scaled.
func (p pace) floor(set settings) time.Duration {
	return time.Duration(float64(set.keys) / float64(set.places()) / p.quota * float64(time.Second))
}

// second is how long a second of AWS's lasts here.
func (p pace) second() time.Duration { return time.Duration(float64(time.Second) / p.scale) }

// quotas are the documented ones, in scaled time.
func (p pace) quotas() []fakeaws.Quota {
	var list []fakeaws.Quota
	for _, q := range fakeaws.DocumentedQuotas() {
		if q.Action == "PutKeyPolicy" {
			q.PerSecond = p.quota
		}
		q.PerSecond *= p.scale
		list = append(list, q)
	}
	return list
}

func (p pace) words(set settings) string {
	return fmt.Sprintf(`%d keys, accounts: %d, Regions: %d; PutKeyPolicy quota %.0f/s in each, so %d instances with batches of %d and %.2f puts a second each
time runs at %.2f times its real speed: quotas, shares of them and pauses are scaled by that`,
		set.keys, set.accounts, set.regions, p.quota, p.instances, p.batch, p.puts, p.scale)
}
