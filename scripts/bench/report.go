package main

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"
)

// A result is one quantity of every contestant.
type result struct {
	name   string // such as Warm/size=2KiB
	unit   string // ns/op or B
	values series
}

// writeBenchmarks writes the values as `go test -bench` does, so that benchstat
// can compare them with those of another day.
func writeBenchmarks(w io.Writer, field []contestant, results []result) error {
	for _, r := range results {
		for _, c := range field {
			for _, value := range r.values[c.name] {
				if _, err := fmt.Fprintf(w, "Benchmark%s/program=%s 1 %.0f %s\n", r.name, c.name, value, r.unit); err != nil {
					return fmt.Errorf("writing the benchmark file: %w", err)
				}
			}
		}
	}
	return nil
}

// writeTable quotes ratios. Absolute values belong to the machine and the hour,
// and only give them a scale.
func writeTable(w io.Writer, field []contestant, results []result) error {
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	_, _ = fmt.Fprint(t, "\t")
	for _, c := range field {
		_, _ = fmt.Fprintf(t, "%s\t", c.name)
	}
	for _, c := range field[1:] {
		_, _ = fmt.Fprintf(t, "%s ÷ %s (95 %%)\t", field[0].name, c.name)
	}
	_, _ = fmt.Fprintln(t)
	for _, r := range results {
		_, _ = fmt.Fprintf(t, "%s\t", r.name)
		for _, c := range field {
			_, _ = fmt.Fprintf(t, "%s\t", scaled(estimateOf(r.values[c.name]).median, r.unit))
		}
		for _, c := range field[1:] {
			_, _ = fmt.Fprintf(t, "%s\t", ratio(estimateOf(ratios(r.values[field[0].name], r.values[c.name]))))
		}
		_, _ = fmt.Fprintln(t)
	}
	return t.Flush()
}

func scaled(value float64, unit string) string {
	if unit == "B" {
		return fmt.Sprintf("%.1f MiB", value/(1<<20))
	}
	return fmt.Sprintf("%.2f ms", value/float64(time.Millisecond))
}

func ratio(e estimate) string {
	if e.n < 2 {
		return fmt.Sprintf("%.2f", e.median)
	}
	return fmt.Sprintf("%.3f (%.3f–%.3f)", e.median, e.low, e.high)
}
