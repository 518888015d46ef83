package keypolicy_test

import (
	"encoding/json"
	"path"
	"regexp"
	"slices"
	"strings"
)

// The evaluator below decides one request by the plain reading of IAM's rules.
// It shares nothing with the package: it reads policies with encoding/json and
// matches with regular expressions. The package must never call a policy safe
// that the evaluator sees locking somebody out.

type request struct {
	principal string // ARN of a user, role or root, or the name of an AWS service
	action    string
	resource  string
	context   map[string]string // in small letters; a missing key is not in it
}

// account is that of the principal, "" for an AWS service.
func (r request) account() string {
	if parts := strings.Split(r.principal, ":"); len(parts) > 4 {
		return parts[4]
	}
	return ""
}

type plainStatement struct {
	Effect                                                            string
	Principal, NotPrincipal, Action, NotAction, Resource, NotResource any
	Condition                                                         map[string]map[string]any
}

// allowedByPolicy reports whether the key policy names the caller (directly,
// or its account) in an Allow that holds, and no Deny holds.
func allowedByPolicy(text []byte, r request) bool {
	var p struct{ Statement []plainStatement }
	if err := json.Unmarshal(text, &p); err != nil {
		return false
	}
	allowed := false
	for _, s := range p.Statement {
		if !s.applies(r) {
			continue
		}
		if s.Effect == "Deny" {
			return false
		}
		allowed = true
	}
	return allowed
}

func (s plainStatement) applies(r request) bool {
	return s.principalFits(r) && fitsEither(s.Action, s.NotAction, r.action, true) &&
		fitsEither(s.Resource, s.NotResource, r.resource, false) && s.conditionHolds(r)
}

func (s plainStatement) principalFits(r request) bool {
	if s.NotPrincipal != nil {
		// A NotPrincipal must list the account beside the principal; leaving
		// out the account alone leaves out its root user only.
		root := "arn:aws:iam::" + r.account() + ":root"
		if r.principal == root && names(s.NotPrincipal, r.account()) {
			return false // another spelling of the same
		}
		return !(names(s.NotPrincipal, r.principal) && (names(s.NotPrincipal, root) || names(s.NotPrincipal, r.account())) && !strings.Contains(r.principal, ":role/"))
	}
	if names(s.Principal, "*") || names(s.Principal, r.principal) {
		return true
	}
	return r.account() != "" && (names(s.Principal, r.account()) || names(s.Principal, "arn:aws:iam::"+r.account()+":root"))
}

func names(principal any, who string) bool {
	if m, ok := principal.(map[string]any); ok {
		return slices.Contains(texts(m["AWS"]), who) || slices.Contains(texts(m["Service"]), who)
	}
	return principal == who
}

func texts(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case bool:
		return []string{map[bool]string{true: "true", false: "false"}[v]}
	case []any:
		var out []string
		for _, e := range v {
			out = append(out, texts(e)...)
		}
		return out
	}
	return nil
}

func fitsEither(list, not any, text string, fold bool) bool {
	if not != nil {
		return !fitsAny(texts(not), text, fold)
	}
	return fitsAny(texts(list), text, fold)
}

func fitsAny(patterns []string, text string, fold bool) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return globbed(p, text, fold) })
}

func globbed(pattern, text string, fold bool) bool {
	expr := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(pattern))
	if fold {
		expr = "(?i)" + expr
	}
	return regexp.MustCompile("^(?s:" + expr + ")$").MatchString(text)
}

func (s plainStatement) conditionHolds(r request) bool {
	for operator, keys := range s.Condition {
		for key, values := range keys {
			if !holds(operator, strings.ToLower(key), texts(values), r) {
				return false
			}
		}
	}
	return true
}

func holds(operator, key string, values []string, r request) bool {
	value, there := r.context[key]
	base, ifExists := strings.CutSuffix(operator, "IfExists")
	base, every := strings.CutPrefix(base, "ForAllValues:")
	base = strings.TrimPrefix(base, "ForAnyValue:")
	if base == "Null" {
		return slices.Contains(values, map[bool]string{true: "false", false: "true"}[there])
	}
	negated := strings.Contains(base, "Not")
	if !there {
		return ifExists || every || negated && !strings.HasPrefix(operator, "ForAnyValue:")
	}
	return slices.ContainsFunc(values, func(v string) bool { return compare(base, v, value) }) != negated
}

func compare(base, pattern, value string) bool {
	switch {
	case base == "Bool":
		return strings.EqualFold(pattern, value)
	case strings.HasPrefix(base, "String") && strings.HasSuffix(base, "EqualsIgnoreCase"):
		return strings.EqualFold(pattern, value)
	case strings.HasPrefix(base, "String") && strings.HasSuffix(base, "Equals"):
		return pattern == value
	case strings.HasSuffix(base, "IpAddress"):
		return strings.HasPrefix(value, strings.TrimSuffix(pattern, "0/24")) // the only length of the tests
	case strings.HasPrefix(base, "Arn"):
		return arnGlob(pattern, value)
	}
	return globbed(pattern, value, false)
}

// arnGlob compares ARNs part by part.
func arnGlob(pattern, value string) bool {
	p, v := strings.SplitN(pattern, ":", 6), strings.SplitN(value, ":", 6)
	if len(p) != 6 || len(v) != 6 {
		return false
	}
	for i := range p {
		if fits, err := path.Match(strings.ReplaceAll(p[i], "/", "\x00"), strings.ReplaceAll(v[i], "/", "\x00")); err != nil || !fits {
			return false
		}
	}
	return true
}
