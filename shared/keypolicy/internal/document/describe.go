package document

import (
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/phrase"
)

// Describe says in one line what a statement does.
func (s *Statement) Describe(partition string) string {
	var b strings.Builder
	b.WriteString([...]string{"?", "Allow ", "Deny "}[s.Effect])
	if s.NotAction {
		b.WriteString("everything but ")
	}
	b.WriteString(phrase.Some(s.ActionTexts()))
	b.WriteString(" to ")
	if s.NotPrincipal {
		b.WriteString("everybody but ")
	}
	b.WriteString(phrase.Some(s.PrincipalTexts(partition)))
	if w := s.When(); w != "" {
		b.WriteString(" when " + w)
	}
	return phrase.Shorten(b.String())
}

// ActionTexts lists the actions, single ones as AWS spells them.
func (s *Statement) ActionTexts() []string {
	texts := make([]string, len(s.Actions))
	for i, a := range s.Actions {
		texts[i] = a.Text
		if a.Set.Len() == 1 {
			texts[i] = a.Set.First().Name
		}
	}
	return texts
}

// PrincipalTexts lists the principals as KMS would write them.
func (s *Statement) PrincipalTexts(partition string) []string {
	texts := make([]string, len(s.Principals))
	for i := range s.Principals {
		texts[i] = s.Principals[i].Canonical(partition)
	}
	return texts
}

// When says in words under which conditions the statement applies.
func (s *Statement) When() string {
	parts := make([]string, len(s.Conditions))
	for i := range s.Conditions {
		parts[i] = s.Conditions[i].Words()
	}
	return strings.Join(parts, " and ")
}

// Words says one condition in words.
func (cond *Condition) Words() string {
	name, op := cond.Name, cond.Operator
	if cond.Key != nil {
		name = cond.Label()
	}
	values := make([]string, len(cond.Values))
	for i, v := range cond.Values {
		values[i] = v.Text
	}
	if op.Compare == Null && len(values) == 1 {
		return name + map[bool]string{true: " is missing", false: " is present"}[strings.EqualFold(values[0], "true")]
	}
	text := name + " " + op.verb() + " " + phrase.Some(values)
	if op.IfExists {
		text = "(" + text + ", or is missing)"
	}
	return [...]string{"", "every ", "some "}[op.Set] + text
}

func (o Operator) verb() string {
	if o.Negated {
		return [...]string{"fits not", "is not", "is not", "is not like", "", "", "", "", "is not", "is not in", "is not missing:", "is not"}[o.Compare]
	}
	return [...]string{"fits", "is", "is", "is like", "<", "≤", ">", "≥", "is", "is in", "is missing:", "is"}[o.Compare]
}
