package main

import (
	"fmt"
	"time"
)

// Prices of AWS Lambda on arm64 in us-east-1, as published in 2026, in dollars.
// https://aws.amazon.com/lambda/pricing/
const (
	perGBSecond = 0.0000133334
	perRequest  = 0.0000002
	memoryGB    = 0.25
)

// report prints what came of it. Its error says that a promise was broken.
func (f *fleet) report() error {
	throttled, calls := 0, 0
	for _, c := range f.stack.Cloud.Calls() {
		calls++
		if c.Action == "PutKeyPolicy" && c.Error != "" {
			throttled++
		}
	}
	puts := f.stack.Cloud.KMS.Puts()
	first, last := puts[0].Time, puts[len(puts)-1].Time
	floor := time.Duration(float64(len(f.ids)) / (quotaOfPuts * f.scale) * float64(time.Second))
	rate := float64(len(puts)-1) / last.Sub(first).Seconds()
	gbSeconds := f.busy.Seconds() * f.scale * memoryGB
	fmt.Printf(`
time            %.1f s; the quota alone asks for %.1f s (unscaled: %.0f s)
puts            %d for %d keys, %d of them refused or throttled; %.1f %% of the quota while they lasted
outcomes        %v
invocations     %d of %d AWS calls in all
cost            about %.0f GB-seconds unscaled at %.0f MB, so $%.2f with the requests ($%g a GB-second, $%g a request)
`, f.took.Seconds(), floor.Seconds(), float64(len(f.ids))/quotaOfPuts,
		len(puts), len(f.ids), throttled, 100*rate/(quotaOfPuts*f.scale),
		f.outcomes, f.invocations, calls,
		gbSeconds, memoryGB*1024, gbSeconds*perGBSecond+float64(f.invocations)*perRequest, perGBSecond, perRequest)
	if wrong := f.wrong(); wrong > 0 {
		return fmt.Errorf("%d keys do not have the policy of their object", wrong)
	}
	fmt.Println("every key has the policy of its object")
	return nil
}
