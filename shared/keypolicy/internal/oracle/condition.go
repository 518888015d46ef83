package oracle

import (
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

func (s *statement) conditionsHold(r *Request, variables bool) bool {
	for operator, keys := range s.Condition {
		for key, values := range keys {
			if !holds(strings.ToLower(operator), strings.ToLower(key), texts(values), r, variables) {
				return false
			}
		}
	}
	return true
}

// holds evaluates one key of one operator.
func holds(operator, key string, values []string, r *Request, variables bool) bool {
	have := r.Context[key]
	base, ifExists := strings.CutSuffix(operator, "ifexists")
	base, every := strings.CutPrefix(base, "forallvalues:")
	base, some := strings.CutPrefix(base, "foranyvalue:")
	if base == "null" {
		return slices.ContainsFunc(values, func(v string) bool { return strings.EqualFold(v, strconv.FormatBool(len(have) == 0)) })
	}
	positive := strings.Replace(base, "not", "", 1)
	negated := positive != base
	if len(have) == 0 {
		return ifExists || every || negated && !some
	}
	one := func(value string) bool {
		return slices.ContainsFunc(values, func(v string) bool { return compare(positive, v, value, r, variables) }) != negated
	}
	if every {
		return !slices.ContainsFunc(have, func(v string) bool { return !one(v) })
	}
	return slices.ContainsFunc(have, one)
}

// compare compares one value of the request with one of the policy.
func compare(operator, want, value string, r *Request, variables bool) bool {
	expr, plain, ok := expand(want, r, variables && (strings.HasPrefix(operator, "string") || strings.HasPrefix(operator, "arn")))
	switch {
	case !ok:
		return false
	case operator == "stringequals":
		return plain == value
	case operator == "stringequalsignorecase":
		return strings.EqualFold(plain, value)
	case operator == "bool":
		return (strings.EqualFold(want, "true") || strings.EqualFold(want, "false")) && strings.EqualFold(want, value)
	case operator == "stringlike":
		return expression("^(?s:" + expr + ")$").MatchString(value)
	case operator == "arnequals" || operator == "arnlike":
		return likeARN(expr, value)
	case operator == "ipaddress":
		return inRange(want, value)
	case strings.HasPrefix(operator, "date"):
		a, ok1 := seconds(value)
		b, ok2 := seconds(want)
		return ok1 && ok2 && ordered(strings.TrimPrefix(operator, "date"), a, b)
	case strings.HasPrefix(operator, "numeric"):
		a, err1 := strconv.ParseFloat(value, 64)
		b, err2 := strconv.ParseFloat(want, 64)
		return err1 == nil && err2 == nil && ordered(strings.TrimPrefix(operator, "numeric"), a, b)
	}
	panic("the oracle does not know the operator " + operator)
}

func ordered(relation string, a, b float64) bool {
	switch relation {
	case "equals":
		return a == b
	case "lessthan":
		return a < b
	case "lessthanequals":
		return a <= b
	case "greaterthan":
		return a > b
	}
	return a >= b
}

func seconds(s string) (float64, bool) {
	if n, err := strconv.ParseFloat(s, 64); err == nil && len(s) > 4 {
		return n, true
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02", "2006-01", "2006"} {
		if t, err := time.Parse(layout, s); err == nil {
			return float64(t.UnixNano()) / 1e9, true
		}
	}
	return 0, false
}

func inRange(want, value string) bool {
	ip := net.ParseIP(value)
	if !strings.Contains(want, "/") {
		return ip != nil && ip.Equal(net.ParseIP(want))
	}
	_, block, err := net.ParseCIDR(want)
	return err == nil && block.Contains(ip) // which is false of another family, and of no address
}

var wildcards = strings.NewReplacer(`\*`, ".*", `\?`, ".")

var variable = regexp.MustCompile(`\$\{([^}]*)\}`)

// expand replaces variables, and returns the value as a regular expression, in
// which wildcards count, and as plain text, in which they do not. It is false
// where a variable has no value.
func expand(want string, r *Request, variables bool) (expr, plain string, ok bool) {
	ok = true
	wild := func(s string) string { return wildcards.Replace(regexp.QuoteMeta(s)) }
	if !variables {
		return wild(want), want, true
	}
	at := 0
	for _, m := range variable.FindAllStringSubmatchIndex(want, -1) {
		value, found := replaced(want[m[2]:m[3]], r)
		ok = ok && found
		expr += wild(want[at:m[0]]) + regexp.QuoteMeta(value)
		plain += want[at:m[0]] + value
		at = m[1]
	}
	return expr + wild(want[at:]), plain + want[at:], ok
}

func replaced(name string, r *Request) (string, bool) {
	if name == "*" || name == "?" || name == "$" {
		return name, true
	}
	key, standby, hasStandby := strings.Cut(name, ",")
	if have := r.Context[strings.ToLower(strings.TrimSpace(key))]; len(have) == 1 {
		return have[0], true
	}
	return strings.Trim(strings.TrimSpace(standby), "'"), hasStandby
}

// likeARN compares the six parts of ARNs one by one.
func likeARN(expr, value string) bool {
	want, have := strings.SplitN(expr, ":", 6), strings.SplitN(value, ":", 6)
	if len(want) != 6 || len(have) != 6 {
		return false
	}
	for i := range want {
		if !expression("^(?s:" + want[i] + ")$").MatchString(have[i]) {
			return false
		}
	}
	return true
}

func matchesAny(patterns []string, text string, fold bool) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		flags := "(?s"
		if fold {
			flags = "(?is"
		}
		expr, _, _ := expand(p, nil, false)
		return expression(flags + ":^" + expr + "$)").MatchString(text)
	})
}

var expressions sync.Map // by text; tests ask for few, and often

func expression(text string) *regexp.Regexp {
	if e, known := expressions.Load(text); known {
		return e.(*regexp.Regexp)
	}
	e := regexp.MustCompile(text)
	expressions.Store(text, e)
	return e
}
