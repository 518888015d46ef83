package keypolicy_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// plainForm writes a policy without what makes no difference, by the list of what
// KMS rewrites and nothing else. It shares nothing with the package but the names of
// actions: two policies with one canonical form must have one plain form.
func plainForm(text string) string {
	var p struct {
		Version   *string
		Statement any
	}
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	if err := dec.Decode(&p); err != nil {
		return "unreadable: " + text
	}
	list, ok := p.Statement.([]any)
	if !ok {
		list = []any{p.Statement}
	}
	var statements []string
	for _, s := range list {
		written, _ := json.Marshal(plainOf(s.(map[string]any)))
		statements = append(statements, string(written))
	}
	version := "none"
	if p.Version != nil {
		version = *p.Version
	}
	return fmt.Sprintf("%q %q", version, distinct(statements))
}

func distinct(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}

func plainOf(s map[string]any) map[string]any {
	out := map[string]any{}
	for name, v := range s {
		switch name {
		case "Sid":
		case "Principal", "NotPrincipal":
			out[name] = plainPrincipals(v)
		case "Action", "NotAction":
			out[name] = plainActions(plainTexts(v))
		case "Resource", "NotResource":
			out[name] = distinct(plainTexts(v))
		case "Condition":
			if c := plainCondition(v.(map[string]any)); len(c) > 0 {
				out[name] = c
			}
		default:
			out[name] = v
		}
	}
	return out
}

func plainTexts(v any) []string {
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	out := []string{}
	for _, e := range list {
		out = append(out, fmt.Sprint(e))
	}
	return out
}

var (
	twelve    = regexp.MustCompile(`^[0-9]{12}$`)
	asSession = regexp.MustCompile(`^arn:[^:]*:iam::[0-9]{12}:(assumed-role|federated-user)/`)
)

func plainPrincipals(v any) map[string][]string {
	if v == "*" {
		return map[string][]string{"AWS": {"*"}}
	}
	out := map[string][]string{}
	for kind, names := range v.(map[string]any) {
		for _, name := range plainTexts(names) {
			if kind == "AWS" && twelve.MatchString(name) {
				name = "arn:aws:iam::" + name + ":root"
			}
			if kind == "AWS" && asSession.MatchString(name) {
				name = strings.Replace(name, ":iam:", ":sts:", 1)
			}
			out[kind] = append(out[kind], name)
		}
		out[kind] = distinct(out[kind])
		if len(out[kind]) == 0 {
			delete(out, kind)
		}
	}
	return out
}

func small(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// plainActions drops what another entry stands for as well: the other must be "*" or
// of kms, must match an action that there is, and so must what falls away.
func plainActions(list []string) []string {
	for i := range list {
		list[i] = small(list[i])
	}
	list = distinct(list)
	var kept []string
	for _, a := range list {
		if !grantsSomething(a) || !slices.ContainsFunc(list, func(b string) bool { return b != a && wider(b, a) && (!wider(a, b) || b < a) }) {
			kept = append(kept, a)
		}
	}
	return kept
}

func grantsSomething(entry string) bool {
	return (entry == "*" || strings.HasPrefix(entry, "kms:")) &&
		slices.ContainsFunc(actionsOfKMS(), func(name string) bool { return globbed(entry, name, true) })
}

// wider reports whether wide plainly matches all that narrow matches.
func wider(wide, narrow string) bool {
	if !strings.Contains(wide, "*") || strings.Contains(wide, "?") || !grantsSomething(wide) || !grantsSomething(narrow) {
		return false
	}
	return wide == "*" || !strings.Contains(narrow, "?") && globbed(wide, narrow, false)
}

func plainCondition(c map[string]any) map[string]map[string][]string {
	out := map[string]map[string][]string{}
	for operator, keys := range c {
		operator = small(operator)
		out[operator] = map[string][]string{}
		_, bare, found := strings.Cut(operator, ":")
		if !found {
			bare = operator
		}
		bare = strings.TrimSuffix(bare, "ifexists")
		for key, values := range keys.(map[string]any) {
			list := plainTexts(values)
			if bare == "bool" || bare == "null" {
				for i := range list {
					list[i] = small(list[i])
				}
			}
			out[operator][small(key)] = distinct(list)
		}
	}
	return out
}
