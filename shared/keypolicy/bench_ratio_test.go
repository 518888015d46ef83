package keypolicy_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/keypolicy"
)

// BenchmarkOfJSON measures the validator in turns with json.Unmarshal into any,
// so that a busy machine slows both, and reports the median of the ratios.
func BenchmarkOfJSON(b *testing.B) {
	for _, size := range []int{2048, 8192, 32768} {
		laidOut := benchPolicy(b, size)
		b.Run(fmt.Sprint("laid-out/", size), func(b *testing.B) { reportRatio(b, laidOut) })
		var dense bytes.Buffer
		if err := json.Compact(&dense, laidOut); err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprint("dense/", size), func(b *testing.B) { reportRatio(b, dense.Bytes()) })
	}
}

func reportRatio(b *testing.B, text []byte) {
	var ratios []float64
	for b.Loop() {
		ours := turn(b, func() error { return validate(text) })
		theirs := turn(b, func() error {
			var v any
			return json.Unmarshal(text, &v)
		})
		ratios = append(ratios, float64(ours)/float64(theirs))
	}
	slices.Sort(ratios)
	b.ReportMetric(ratios[len(ratios)/2], "of-json")
	b.ReportMetric(0, "ns/op")
}

// validate is all that is to be said about a policy.
func validate(text []byte) error {
	r := keypolicy.Check(text, benchOptions)
	if c := r.Policy.Canonical("aws"); c.Text == "" || len(r.Findings) > 60 {
		return fmt.Errorf("checking the bench policy: %v", r.Findings)
	}
	return nil
}

// turn times enough runs to be measured, few enough to share the machine fairly.
func turn(b *testing.B, work func() error) time.Duration {
	const runs = 40
	start := time.Now()
	for range runs {
		if err := work(); err != nil {
			b.Fatal(err)
		}
	}
	return time.Since(start)
}
