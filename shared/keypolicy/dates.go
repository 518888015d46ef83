package keypolicy

import (
	"strconv"
	"time"
)

// expired reports a condition that asks for a time before one that has passed.
func (c *checker) expired(cond *condition, v item) {
	if c.o.Now.IsZero() || cond.operator.compare != lessThan && cond.operator.compare != lessOrEqual ||
		!cond.key.Is("aws:currenttime") && !cond.key.Is("aws:epochtime") {
		return
	}
	if t, ok := parseDate(v.text); ok && t.Before(c.o.Now) {
		c.value(&ruleExpired, v.node, quote(v.text)+" has passed, so the statement no longer applies; take it away, or write a later date.")
	}
}

// parseDate reads what isDate accepts.
func parseDate(s string) (time.Time, bool) {
	if seconds, err := strconv.ParseInt(s, 10, 64); err == nil && len(s) > len("2026") {
		return time.Unix(seconds, 0), true
	}
	for _, layout := range [...]string{time.RFC3339Nano, "2006-01-02T15:04:05-0700", time.DateOnly, "2006-01", "2006"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
