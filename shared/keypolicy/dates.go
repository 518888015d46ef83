package keypolicy

import (
	"github.com/keysmith/keysmith/shared/keypolicy/internal/rule"
)

// expired reports a condition that asks for a time before one that has passed.
func (c *grammarChecker) expired(cond *condition, v item) {
	if c.o.Now.IsZero() || cond.operator.compare != lessThan && cond.operator.compare != lessOrEqual ||
		!cond.key.Is("aws:currenttime") && !cond.key.Is("aws:epochtime") {
		return
	}
	if t, ok := parseDate(v.text); ok && t.Before(c.o.Now) {
		c.value(&rule.Expired, v.node, quote(v.text)+" has passed, so the statement no longer applies; take it away, or write a later date.")
	}
}
