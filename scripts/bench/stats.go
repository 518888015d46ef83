package main

import (
	"math"
	"slices"
	"time"
)

// An estimate is a median with an interval that holds the true one with 95 %
// confidence, by the order of the values alone: nothing is assumed about how
// they scatter, because on a shared machine they scatter in every way.
type estimate struct {
	median, low, high float64
	n                 int
}

func estimateOf(values []float64) estimate {
	if len(values) == 0 {
		return estimate{median: math.NaN(), low: math.NaN(), high: math.NaN()}
	}
	sorted := slices.Sorted(slices.Values(values))
	n := float64(len(sorted))
	half := 1.96 * math.Sqrt(n) / 2
	low := max(int(math.Floor(n/2-half)), 0)
	high := min(int(math.Ceil(n/2+half)), len(sorted)-1)
	return estimate{median: median(sorted), low: sorted[low], high: sorted[high], n: len(sorted)}
}

func median(sorted []float64) float64 {
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

// ratios divides round by round: both of a pair met the same weather.
func ratios(of, to []float64) []float64 {
	quotients := make([]float64, min(len(of), len(to)))
	for i := range quotients {
		quotients[i] = of[i] / to[i]
	}
	return quotients
}

func medianDuration(values []time.Duration) time.Duration {
	return slices.Sorted(slices.Values(values))[len(values)/2]
}
