package metrics

import (
	"maps"
	"slices"
)

// Sweep writes what a sweep found, each number a metric of its own.
func (w *Writer) Sweep(found map[string]float64) {
	values, list := map[string]any{}, []metric{}
	for _, name := range slices.Sorted(maps.Keys(found)) {
		unit := "Count"
		if name == "SweepSeconds" {
			unit = "Seconds"
		}
		values[name] = found[name]
		list = append(list, metric{name, unit})
	}
	w.write(values, list, [][]string{{"Stack"}})
}

// SweepOverdue counts that a sweep was still running when the next one was due.
func (w *Writer) SweepOverdue() {
	w.count("SweepsOverdue")
}
