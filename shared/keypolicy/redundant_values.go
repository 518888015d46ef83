package keypolicy

import (
	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/phrase"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/rule"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/wildcard"
)

// maxPairs bounds the search for values that others cover.
const maxPairs = 1 << 12

// redundantValues reports values that another one of the list covers.
func (c *verdictChecker) redundantValues(cond *condition) {
	n := len(cond.values)
	if n > 1 && cond.operator.orders() {
		c.Value(&rule.ValueRedundant, cond.node, "Of several values for "+cond.operator.name()+" only the outermost decides; keep that one.")
		return
	}
	if n < 2 || cond.operator.compare == null || cond.operator.compare == boolIs || c.Full(&rule.ValueRedundant) {
		return
	}
	again := repeated(n, func(i int) string { return cond.values[i].text })
	for _, i := range again {
		c.Value(&rule.ValueRedundant, cond.values[i].node, "The value stands in the list already; keep one.")
	}
	if cond.operator.compare != like || cond.operator.family != catalog.String || n*n > maxPairs {
		return
	}
	for i, v := range cond.values {
		for j, w := range cond.values {
			if i != j && v.text != w.text && wildcard.Has(w.text) && wildcard.Covers(w.text, v.text) && (!wildcard.Covers(v.text, w.text) || j < i) {
				c.Value(&rule.ValueRedundant, v.node, phrase.Quote(v.text)+" is covered by "+phrase.Quote(w.text)+" in the same list; take it away.")
				break
			}
		}
	}
}
