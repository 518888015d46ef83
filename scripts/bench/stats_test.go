package main

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestTheIntervalHoldsTheMedianAndTheMedianHalvesTheValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Float64Range(0, 1e9), 1, 200).Draw(t, "values")
		e := estimateOf(values)
		if e.low > e.median || e.median > e.high {
			t.Fatalf("%v is not within %v–%v", e.median, e.low, e.high)
		}
		below, above := 0, 0
		for _, v := range values {
			if v < e.median {
				below++
			}
			if v > e.median {
				above++
			}
		}
		if below > len(values)/2 || above > len(values)/2 {
			t.Fatalf("%d below and %d above, of %d", below, above, len(values))
		}
	})
}

func TestTheIntervalIsThatOfTheOrderStatistics(t *testing.T) {
	var values []float64
	for i := range 100 {
		values = append(values, float64(i))
	}
	// The 41st and the 61st of 100 values, by the normal approximation.
	if e := estimateOf(values); e.low != 40 || e.high != 60 || e.median != 49.5 {
		t.Errorf("got %+v", e)
	}
}

func TestNothingMeasuredIsNoNumber(t *testing.T) {
	if e := estimateOf(nil); !math.IsNaN(e.median) {
		t.Errorf("got %+v", e)
	}
}

func TestRatiosAreTakenRoundByRound(t *testing.T) {
	got := ratios([]float64{2, 9}, []float64{1, 3, 5})
	if len(got) != 2 || got[0] != 2 || got[1] != 3 {
		t.Errorf("got %v", got)
	}
}
