package authz

import (
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws/internal/jsontree"
)

// conditionsHold reports whether each operator of each condition block holds.
func conditionsHold(s *jsontree.Node, context map[string][]string) bool {
	for _, block := range s.All("Condition") {
		for _, op := range block.Members {
			for _, key := range op.Value.Members {
				values, present := context[strings.ToLower(key.Name)]
				if !holds(op.Name, key.Value.Strings(), values, present) {
					return false
				}
			}
		}
	}
	return true
}

// holds judges one operator on one key. A missing key satisfies an IfExists,
// a negated and a ForAllValues operator, and no other. A negated ForAnyValue asks
// for one value that is none of those that the policy lists.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
func holds(operator string, want, got []string, present bool) bool {
	op := strings.ToLower(operator)
	op, forAll := strings.CutPrefix(op, "forallvalues:")
	op, forAny := strings.CutPrefix(op, "foranyvalue:")
	op, ifExists := strings.CutSuffix(op, "ifexists")
	if op == "null" {
		return len(want) == 1 && strings.EqualFold(want[0], strconv.FormatBool(!present))
	}
	op, negated := cutNot(op)
	test, known := tests[op]
	switch {
	case !known:
		return false
	case !present:
		return ifExists || negated && !forAny || forAll
	}
	matched := 0
	for _, g := range got {
		if anyHolds(test, want, g) {
			matched++
		}
	}
	if negated && forAny {
		return matched < len(got)
	}
	if negated {
		return matched == 0
	}
	return matched > 0 && (!forAll || matched == len(got))
}

func anyHolds(test func(want, got string) bool, want []string, got string) bool {
	for _, w := range want {
		if test(w, got) {
			return true
		}
	}
	return false
}

// cutNot turns a negated operator into the one it negates.
func cutNot(op string) (string, bool) {
	if op == "notipaddress" {
		return "ipaddress", true
	}
	before, after, found := strings.Cut(op, "not")
	return before + after, found
}

// tests are the operators that are not a negation of another.
var tests = map[string]func(want, got string) bool{
	"stringequals":             func(w, g string) bool { return w == g },
	"stringequalsignorecase":   strings.EqualFold,
	"stringlike":               Like,
	"arnequals":                Like,
	"arnlike":                  Like,
	"bool":                     strings.EqualFold,
	"binaryequals":             func(w, g string) bool { return w == g },
	"ipaddress":                inPrefix,
	"numericequals":            byNumber(func(c int) bool { return c == 0 }),
	"numericlessthan":          byNumber(func(c int) bool { return c < 0 }),
	"numericlessthanequals":    byNumber(func(c int) bool { return c <= 0 }),
	"numericgreaterthan":       byNumber(func(c int) bool { return c > 0 }),
	"numericgreaterthanequals": byNumber(func(c int) bool { return c >= 0 }),
	"dateequals":               byDate(func(c int) bool { return c == 0 }),
	"datelessthan":             byDate(func(c int) bool { return c < 0 }),
	"datelessthanequals":       byDate(func(c int) bool { return c <= 0 }),
	"dategreaterthan":          byDate(func(c int) bool { return c > 0 }),
	"dategreaterthanequals":    byDate(func(c int) bool { return c >= 0 }),
}

func byNumber(accept func(int) bool) func(want, got string) bool {
	return func(want, got string) bool {
		w, err := strconv.ParseFloat(want, 64)
		if err != nil {
			return false
		}
		g, err := strconv.ParseFloat(got, 64)
		switch {
		case err != nil:
			return false
		case g < w:
			return accept(-1)
		case g > w:
			return accept(1)
		}
		return accept(0)
	}
}

func byDate(accept func(int) bool) func(want, got string) bool {
	return func(want, got string) bool {
		w, err := time.Parse(time.RFC3339, want)
		if err != nil {
			return false
		}
		g, err := time.Parse(time.RFC3339, got)
		return err == nil && accept(g.Compare(w))
	}
}

func inPrefix(want, got string) bool {
	addr, err := netip.ParseAddr(got)
	if err != nil {
		return false
	}
	if !strings.Contains(want, "/") {
		return want == got
	}
	prefix, err := netip.ParsePrefix(want)
	return err == nil && prefix.Contains(addr)
}
