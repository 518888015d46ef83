package keypolicy

import (
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/phrase"
)

// describe says in one line what a statement does.
func (s *statement) describe(partition string) string {
	var b strings.Builder
	b.WriteString([...]string{"?", "Allow ", "Deny "}[s.effect])
	if s.notAction {
		b.WriteString("everything but ")
	}
	b.WriteString(phrase.Some(s.actionTexts()))
	b.WriteString(" to ")
	if s.notPrincipal {
		b.WriteString("everybody but ")
	}
	b.WriteString(phrase.Some(s.principalTexts(partition)))
	if w := s.when(); w != "" {
		b.WriteString(" when " + w)
	}
	return phrase.Shorten(b.String())
}

func (s *statement) actionTexts() []string {
	texts := make([]string, len(s.actions))
	for i, a := range s.actions {
		texts[i] = a.text
		if a.set.Len() == 1 {
			texts[i] = a.set.First().Name
		}
	}
	return texts
}

func (s *statement) principalTexts(partition string) []string {
	texts := make([]string, len(s.principals))
	for i := range s.principals {
		texts[i] = s.principals[i].canonical(partition)
	}
	return texts
}

// when says in words under which conditions the statement applies.
func (s *statement) when() string {
	parts := make([]string, len(s.conditions))
	for i := range s.conditions {
		parts[i] = s.conditions[i].words()
	}
	return strings.Join(parts, " and ")
}

// words says one condition in words.
func (cond *condition) words() string {
	name, op := cond.name, cond.operator
	if cond.key != nil {
		name = cond.label()
	}
	values := make([]string, len(cond.values))
	for i, v := range cond.values {
		values[i] = v.text
	}
	if op.compare == null && len(values) == 1 {
		return name + map[bool]string{true: " is missing", false: " is present"}[strings.EqualFold(values[0], "true")]
	}
	text := name + " " + op.verb() + " " + phrase.Some(values)
	if op.ifExists {
		text = "(" + text + ", or is missing)"
	}
	return [...]string{"", "every ", "some "}[op.set] + text
}

func (o operator) verb() string {
	if o.negated {
		return [...]string{"fits not", "is not", "is not", "is not like", "", "", "", "", "is not", "is not in", "is not missing:", "is not"}[o.compare]
	}
	return [...]string{"fits", "is", "is", "is like", "<", "≤", ">", "≥", "is", "is in", "is missing:", "is"}[o.compare]
}
