package keypolicy

import (
	"github.com/keysmith/keysmith/shared/keypolicy/internal/phrase"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/rule"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/value"
)

// expired reports a condition that asks for a time before one that has passed.
func (c *grammarChecker) expired(cond *condition, v item) {
	if c.o.Now.IsZero() || cond.operator.compare != lessThan && cond.operator.compare != lessOrEqual ||
		!cond.key.Is("aws:currenttime") && !cond.key.Is("aws:epochtime") {
		return
	}
	if t, ok := value.ParseDate(v.text); ok && t.Before(c.o.Now) {
		c.Value(&rule.Expired, v.node, phrase.Quote(v.text)+" has passed, so the statement no longer applies; take it away, or write a later date.")
	}
}
