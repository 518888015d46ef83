package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// words reads Name=value pairs with white space between them. Quotes, single or
// double, hold a value with spaces together, as in a shell.
func words(text string) (map[string]string, error) {
	values := map[string]string{}
	var word strings.Builder
	quote, open := rune(0), false
	end := func() error {
		if !open {
			return nil
		}
		name, value, ok := strings.Cut(word.String(), "=")
		if !ok || name == "" {
			return fmt.Errorf("%q is not Name=value", word.String())
		}
		values[name] = value
		word.Reset()
		open = false
		return nil
	}
	for _, r := range text {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && (r == '\'' || r == '"'):
			quote, open = r, true
		case quote == 0 && strings.ContainsRune(" \t\r\n", r):
			if err := end(); err != nil {
				return nil, err
			}
		default:
			word.WriteRune(r)
			open = true
		}
	}
	if quote != 0 {
		return nil, errors.New("a closing quotation mark is missing")
	}
	return values, end()
}

// samWords writes parameters as SAM reads them: a value in quotation marks may
// hold spaces.
func samWords(values map[string]string) []string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		value := values[name]
		if value == "" || strings.ContainsAny(value, " \t\"\\") {
			value = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value) + `"`
		}
		list = append(list, name+"="+value)
	}
	return list
}

// questions are what matters first in a new stack.
var questions = []struct{ name, suggestion, means string }{
	{"Mode", "plan", "plan changes nothing, apply changes keys"},
	{"KeyArns", "", "ARNs of the keys that it may change"},
	{"ManagedByTag", "", "or the value of their tag managed-by"},
	{"BreakGlassPrincipals", "", "ARNs that no policy may lock out"},
	{"WriterPrincipals", "", "ARNs of the principals that may write policies to the bucket; Mode=apply requires it"},
	{"PlanPrincipals", "", "ARNs that may only upload plans"},
	{"HoldPrincipals", "", "ARNs that may only write holds, which freeze single keys"},
	{"RequestPrincipals", "", "ARNs that may send requests"},
	{"OperatorPrincipals", "", "ARNs that may send and receive messages of the queue"},
	{"TrustedAccounts", "", "accounts that a policy may name beside the key's own"},
	{"PutQuota", "15", "PutKeyPolicy calls a second that it may use, of 15 unless AWS raised the quota"},
}

func (d *deployment) askAll(given map[string]string) error {
	for _, q := range questions {
		if _, set := given[q.name]; set {
			continue
		}
		fmt.Fprintf(d.out, "%s: %s [%s] ", q.name, q.means, fallback(q.suggestion, "none"))
		answer, err := d.in.ReadString('\n')
		if err != nil {
			return fmt.Errorf("reading your answer: %w", err)
		}
		if answer = fallback(strings.TrimSpace(answer), q.suggestion); answer != "" {
			given[q.name] = answer
		}
	}
	return nil
}
