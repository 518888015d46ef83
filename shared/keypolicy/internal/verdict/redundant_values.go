package verdict

import (
	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/phrase"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/rule"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/wildcard"
)

// maxPairs bounds the search for values that others cover.
const maxPairs = 1 << 12

// redundantValues reports values that another one of the list covers.
func (c *checker) redundantValues(cond *document.Condition) {
	n := len(cond.Values)
	if n > 1 && cond.Operator.Orders() {
		c.Value(&rule.ValueRedundant, cond.Node, "Of several values for "+cond.Operator.Name()+", only the outermost has an effect. Keep that one.")
		return
	}
	if cond.Operator.Compare == document.Null || cond.Operator.Compare == document.BoolIs || c.Full(&rule.ValueRedundant) {
		return
	}
	again := repeated(n, func(i int) string { return cond.Values[i].Text })
	for _, i := range again {
		c.Value(&rule.ValueRedundant, cond.Values[i].Node, "The list already has this value. Keep one.")
	}
	if cond.Operator.Compare != document.Like || cond.Operator.Family != catalog.String || n*n > maxPairs || !briefly(cond) {
		return
	}
	for i, v := range cond.Values {
		for j, w := range cond.Values {
			if v.Text != w.Text && wildcard.Has(w.Text) && wildcard.Covers(w.Text, v.Text) && (!wildcard.Covers(v.Text, w.Text) || j < i) {
				c.Value(&rule.ValueRedundant, v.Node, phrase.Quote(v.Text)+" is covered by "+phrase.Quote(w.Text)+" in the same list. Delete it.")
				break
			}
		}
	}
}

// briefly reports whether the patterns of a list are compared with its values in a
// short time.
func briefly(cond *document.Condition) bool {
	const most = 1 << 20
	patterns, all := 0, 0
	for _, v := range cond.Values {
		all += len(v.Text)
		if wildcard.Has(v.Text) {
			patterns += len(v.Text)
		}
	}
	return patterns*all <= most
}
