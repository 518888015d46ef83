package guardrails

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/keysmith/keysmith/shared/keypolicy"
)

// Set is what the folder requires. A nil Set requires nothing. It is safe for
// concurrent use.
type Set struct {
	// Lists are additions to settings of the same names, such as break-glass.
	Lists map[string][]string

	required   []Required
	exceptions []exception
}

// Required is one baseline or assertion and the keys that it is for.
type Required struct {
	keypolicy.Requirement
	keys []*regexp.Regexp // none: all keys
}

// exception is an exception for some objects.
type exception struct {
	keypolicy.Exception
	object string // an object name, or a folder with a slash at the end
}

// For returns what is required of the policy of an object, such as
// policies/1234abcd-….json. A plan is judged as the object that it is for. Of an
// object whose name is not known, pass "": then only what is for all keys counts.
func (s *Set) For(object string, now time.Time) keypolicy.Guardrails {
	g := keypolicy.Guardrails{Now: now}
	if s == nil {
		return g
	}
	object = desired(object)
	for i := range s.required {
		if r := &s.required[i]; r.Covers(object) {
			g.Required = append(g.Required, r.Requirement)
		}
	}
	for _, e := range s.exceptions {
		if e.object == object || object != "" && strings.HasSuffix(e.object, "/") && strings.HasPrefix(object, e.object) {
			g.Exceptions = append(g.Exceptions, e.Exception)
		}
	}
	return g
}

// Named reports whether some baseline or assertion is for named keys only, so that
// nothing is known of an object without a name.
func (s *Set) Named() bool {
	return s != nil && slices.ContainsFunc(s.required, func(r Required) bool { return len(r.keys) > 0 })
}

// Covers reports whether the requirement is for an object.
func (r *Required) Covers(object string) bool {
	return len(r.keys) == 0 || slices.ContainsFunc(r.keys, func(k *regexp.Regexp) bool { return k.MatchString(desired(object)) })
}

// ForAll reports whether the requirement is for all keys.
func (r *Required) ForAll() bool { return len(r.keys) == 0 }

// desired is the object that a plan is for.
func desired(object string) string {
	rest, planned := strings.CutPrefix(object, "plans/")
	if !planned {
		return object
	}
	if _, inRun, found := strings.Cut(rest, "/policies/"); found {
		rest = inRun
	}
	return policies + rest
}
