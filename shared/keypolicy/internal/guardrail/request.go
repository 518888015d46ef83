package guardrail

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/decide"
)

// Request says a witness in one line.
func Request(w *decide.Witness) string {
	if w == nil {
		return "one that is not known"
	}
	text := w.Principal + " calls " + w.Action
	for i, line := range Context(w) {
		text += [...]string{" with ", ", "}[min(i, 1)] + line
	}
	return text
}

// Context lists the condition keys of a witness with their values, sorted.
func Context(w *decide.Witness) []string {
	var out []string
	for _, key := range slices.Sorted(maps.Keys(w.Context)) {
		value := fmt.Sprint(w.Context[key])
		if list, ok := w.Context[key].([]string); ok {
			value = "[" + strings.Join(list, ", ") + "]"
		}
		out = append(out, key+" = "+value)
	}
	return out
}
