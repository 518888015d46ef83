package decide_test

import (
	"encoding/json"
	"fmt"
	"sort"
	"testing"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/decide"
)

// document is a policy as encoding/json reads it. The tests read policies by
// themselves, so that the procedure is tried without the package's own reader.
type document struct {
	Version   string
	Statement []map[string]any
}

// readPolicy turns text into what the procedure is given.
func readPolicy(t testing.TB, text string) *decide.Policy {
	t.Helper()
	var d document
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		t.Fatalf("reading %s: %v", text, err)
	}
	return d.policy()
}

func (d *document) policy() *decide.Policy {
	p := &decide.Policy{Variables: d.Version == "2012-10-17"}
	for i, s := range d.Statement {
		st := statementOf(s)
		st.Number = i
		p.Statements = append(p.Statements, st)
	}
	return p
}

func statementOf(s map[string]any) decide.Statement {
	out := decide.Statement{Deny: s["Effect"] == "Deny"}
	who, not := s["NotPrincipal"]
	if out.NotPrincipal = not; !not {
		who = s["Principal"]
	}
	out.Principals = principalsOf(who)
	for _, a := range stringsOf(s["Action"]) {
		set, _ := catalog.Match(a)
		out.Actions |= set
	}
	if others, not := s["NotAction"]; not {
		out.Actions = catalog.All
		for _, a := range stringsOf(others) {
			set, _ := catalog.Match(a)
			out.Actions &^= set
		}
	}
	out.Resources = stringsOf(s["Resource"])
	if others, not := s["NotResource"]; not {
		out.NotResource, out.Resources = true, stringsOf(others)
	}
	conditions, _ := s["Condition"].(map[string]any)
	for _, op := range sortedKeys(conditions) {
		keys := conditions[op].(map[string]any)
		for _, key := range sortedKeys(keys) {
			out.Conditions = append(out.Conditions, decide.Condition{Operator: op, Key: key, Values: stringsOf(keys[key])})
		}
	}
	return out
}

func principalsOf(v any) []decide.Principal {
	if v == "*" {
		return []decide.Principal{{Kind: decide.AWS, Text: "*"}}
	}
	var out []decide.Principal
	members, _ := v.(map[string]any)
	for _, name := range sortedKeys(members) {
		kind := map[string]decide.PrincipalKind{"AWS": decide.AWS, "Service": decide.Service, "Federated": decide.Federated, "CanonicalUser": decide.CanonicalUser}[name]
		for _, text := range stringsOf(members[name]) {
			out = append(out, decide.Principal{Kind: kind, Text: text})
		}
	}
	return out
}

func stringsOf(v any) []string {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		var out []string
		for _, e := range v {
			out = append(out, stringsOf(e)...)
		}
		return out
	}
	return []string{fmt.Sprint(v)}
}

func sortedKeys(m map[string]any) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}
