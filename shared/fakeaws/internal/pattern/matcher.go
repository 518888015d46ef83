package pattern

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
)

func compileMatcher(v any) (matcher, error) {
	object, ok := v.(map[string]any)
	if !ok {
		return func(got any, present bool) bool { return present && got == v }, nil
	}
	if len(object) != 1 {
		return nil, errors.New("a match expression has exactly one operator")
	}
	for name, arg := range object {
		return compileOperator(name, arg)
	}
	return nil, nil
}

func compileOperator(name string, arg any) (matcher, error) {
	switch name {
	case "anything-but":
		return anythingBut(arg)
	case "cidr":
		return cidr(arg)
	case "equals-ignore-case":
		return text(strings.EqualFold)(arg)
	case "exists":
		return exists(arg)
	case "numeric":
		return numeric(arg)
	case "prefix":
		return folding(strings.HasPrefix)(arg)
	case "suffix":
		return folding(strings.HasSuffix)(arg)
	case "wildcard":
		return text(wildcard)(arg)
	}
	return nil, fmt.Errorf("unrecognized match type %s", name)
}

// text makes an operator of a test on strings.
func text(test func(got, want string) bool) func(any) (matcher, error) {
	return func(arg any) (matcher, error) {
		want, ok := arg.(string)
		if !ok {
			return nil, errors.New("the match value must be a string")
		}
		return func(got any, _ bool) bool {
			s, ok := got.(string)
			return ok && test(s, want)
		}, nil
	}
}

// folding is text that also takes {"equals-ignore-case": "..."} as its value.
func folding(test func(got, want string) bool) func(any) (matcher, error) {
	return func(arg any) (matcher, error) {
		if object, ok := arg.(map[string]any); ok && len(object) == 1 {
			return text(func(got, want string) bool {
				return test(strings.ToLower(got), strings.ToLower(want))
			})(object["equals-ignore-case"])
		}
		return text(test)(arg)
	}
}

func exists(arg any) (matcher, error) {
	want, ok := arg.(bool)
	if !ok {
		return nil, errors.New("exists must be true or false")
	}
	return func(_ any, present bool) bool { return present == want }, nil
}

// anythingBut takes values, or one operator on strings.
func anythingBut(arg any) (matcher, error) {
	list, ok := arg.([]any)
	if !ok {
		list = []any{arg}
	}
	if object, ok := arg.(map[string]any); ok {
		list = spread(object)
	}
	var not []matcher
	for _, v := range list {
		m, err := compileMatcher(v)
		if err != nil {
			return nil, err
		}
		not = append(not, m)
	}
	return func(got any, present bool) bool {
		for _, m := range not {
			if m(got, present) {
				return false
			}
		}
		return present
	}, nil
}

// spread turns {"prefix": ["a", "b"]} into one operator for each value.
func spread(object map[string]any) []any {
	var out []any
	for name, arg := range object {
		values, ok := arg.([]any)
		if !ok {
			values = []any{arg}
		}
		for _, v := range values {
			out = append(out, map[string]any{name: v})
		}
	}
	return out
}

func cidr(arg any) (matcher, error) {
	s, _ := arg.(string)
	prefix, err := netip.ParsePrefix(s)
	if err != nil {
		return nil, err
	}
	return func(got any, _ bool) bool {
		s, _ := got.(string)
		addr, err := netip.ParseAddr(s)
		return err == nil && prefix.Contains(addr)
	}, nil
}

// numeric takes pairs of an operator and a number, all of which must hold.
func numeric(arg any) (matcher, error) {
	list, _ := arg.([]any)
	if len(list) == 0 || len(list)%2 != 0 {
		return nil, errors.New("numeric needs pairs of an operator and a number")
	}
	for i := 0; i < len(list); i += 2 {
		op, _ := list[i].(string)
		if _, ok := list[i+1].(float64); !ok || !strings.Contains(" < <= = >= > ", " "+op+" ") {
			return nil, errors.New("numeric needs pairs of an operator and a number")
		}
	}
	return func(got any, _ bool) bool {
		n, ok := got.(float64)
		for i := 0; ok && i < len(list); i += 2 {
			ok = compare(n, list[i].(string), list[i+1].(float64))
		}
		return ok
	}, nil
}

func compare(n float64, op string, want float64) bool {
	switch op {
	case "<":
		return n < want
	case "<=":
		return n <= want
	case ">=":
		return n >= want
	case ">":
		return n > want
	}
	return n == want
}

// wildcard matches a pattern in which * stands for any characters and a
// backslash takes a star's meaning away.
func wildcard(got, want string) bool {
	const literal = "\x00"
	parts := strings.Split(strings.ReplaceAll(want, `\*`, literal), "*")
	for i := range parts {
		parts[i] = strings.ReplaceAll(parts[i], literal, "*")
	}
	first, last := parts[0], parts[len(parts)-1]
	if len(parts) == 1 {
		return got == first
	}
	if !strings.HasPrefix(got, first) || !strings.HasSuffix(got[len(first):], last) {
		return false
	}
	got = got[len(first) : len(got)-len(last)]
	for _, part := range parts[1 : len(parts)-1] {
		_, after, found := strings.Cut(got, part)
		if !found {
			return false
		}
		got = after
	}
	return true
}
