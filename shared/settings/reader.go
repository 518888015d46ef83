package settings

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/keysmith/keysmith/shared/keypolicy"
)

// reader reads variables and collects every fault.
type reader struct {
	getenv func(string) string
	faults []error
}

func (r *reader) fault(name, format string, args ...any) {
	r.faults = append(r.faults, fmt.Errorf("%s: "+format, append([]any{name}, args...)...))
}

func (r *reader) required(name string) string {
	v := r.getenv(name)
	if v == "" {
		r.fault(name, "is not set")
	}
	return v
}

func (r *reader) text(name, unset string) string {
	if v := r.getenv(name); v != "" {
		return v
	}
	return unset
}

func (r *reader) oneOf(name string, words ...string) string {
	v := r.text(name, words[0])
	for _, w := range words {
		if v == w {
			return v
		}
	}
	r.fault(name, "%q; want one of %s", v, strings.Join(words, ", "))
	return words[0]
}

func (r *reader) boolean(name string, unset bool) bool {
	switch v := r.getenv(name); v {
	case "":
		return unset
	case "true":
		return true
	case "false":
		return false
	default:
		r.fault(name, "%q; want true or false", v)
		return unset
	}
}

func (r *reader) count(name string, unset int) int {
	v := r.getenv(name)
	if v == "" {
		return unset
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 || n > 100 {
		r.fault(name, "%q; want a whole number from 1 to 100", v)
		return unset
	}
	return n
}

func (r *reader) rate(name string, unset float64) float64 {
	v := r.getenv(name)
	if v == "" {
		return unset
	}
	f, err := strconv.ParseFloat(v, 64)
	if err != nil || !(f > 0 && f <= 10_000) {
		r.fault(name, "%q; want a number above 0, such as 1.8", v)
		return unset
	}
	return f
}

func (r *reader) duration(name string, unset, least time.Duration) time.Duration {
	v := r.getenv(name)
	if v == "" {
		return unset
	}
	d, err := time.ParseDuration(v)
	if err != nil || d < least || d > 15*time.Minute {
		r.fault(name, "%q; want a duration from %s to 15m, such as 1s or 500ms", v, least)
		return unset
	}
	return d
}

func (r *reader) severity(name string, unset keypolicy.Severity) keypolicy.Severity {
	v := r.getenv(name)
	if v == "" {
		return unset
	}
	s, err := ParseSeverity(v)
	if err != nil {
		r.fault(name, "%v", err)
		return unset
	}
	return s
}

// one reads a value that has a form; "" where it is not set or wrong.
func (r *reader) one(name string, check func(string) error) string {
	v := r.getenv(name)
	if v == "" {
		return ""
	}
	if err := check(v); err != nil {
		r.fault(name, "%v", err)
		return ""
	}
	return v
}

// list reads values with commas between them.
func (r *reader) list(name string, check func(string) error) []string {
	var list []string
	for v := range strings.SplitSeq(r.getenv(name), ",") {
		v = strings.TrimSpace(v)
		if v == "" {
			continue
		}
		if err := check(v); err != nil {
			r.fault(name, "%v", err)
			continue
		}
		list = append(list, v)
	}
	return list
}
