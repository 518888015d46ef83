package grammar

import (
	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/phrase"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/rule"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/value"
)

// expired reports a condition that asks for a time before one that has passed.
func (c *checker) expired(cond *document.Condition, v document.Item) {
	if c.o.Now.IsZero() || cond.Operator.Compare != document.LessThan && cond.Operator.Compare != document.LessOrEqual ||
		!cond.Key.Is("aws:currenttime") && !cond.Key.Is("aws:epochtime") {
		return
	}
	if t, ok := value.ParseDate(v.Text); ok && t.Before(c.o.Now) {
		c.Value(&rule.Expired, v.Node, "The date "+phrase.Quote(v.Text)+" has passed, so the statement no longer applies. Delete the statement, or write a later date.")
	}
}
