package grammar

import (
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/phrase"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/rule"
)

// HoldsVariable reports whether a value holds ${…}.
func HoldsVariable(text string) bool {
	return strings.Contains(text, "${")
}

// variable checks how a value is written that holds ${…}.
func (c *checker) variable(v document.Item) {
	if message := VariableFault(v.Text); message != "" {
		c.Value(&rule.Variable, v.Node, message)
	}
}

// VariableFault says what is wrong with the first wrong variable of a text, ""
// where none is.
func VariableFault(text string) string {
	for {
		_, after, found := strings.Cut(text, "${")
		if !found {
			return ""
		}
		name, rest, closed := strings.Cut(after, "}")
		if message := nameFault(name, closed); message != "" {
			return message
		}
		text = rest
	}
}

// nameFault says what is wrong with a variable, "" where nothing is.
func nameFault(name string, closed bool) string {
	bare, fallback, hasDefault := strings.Cut(name, ",")
	fallback = strings.TrimSpace(fallback)
	switch {
	case !closed:
		return "The variable " + phrase.Quote("${"+name) + " has no closing brace, so IAM takes it for plain text or refuses the policy. Add the brace."
	case strings.TrimSpace(name) == "":
		return "The variable ${} names no condition key. Write a key, such as ${aws:username}, or delete the variable."
	case hasDefault && (len(fallback) < 2 || fallback[0] != '\'' || fallback[len(fallback)-1] != '\''):
		return "The default value in " + phrase.Quote("${"+name+"}") + " is not in single quotes. Write ${" + bare + ", 'text'}."
	case strings.ContainsAny(bare, " \t"):
		return "The variable " + phrase.Quote("${"+name+"}") + " has a space in it, so IAM does not replace it. Delete the space."
	}
	return ""
}

// variableSlip reports what looks like a variable without its dollar sign.
func (c *checker) variableSlip(v document.Item) {
	open := strings.IndexByte(v.Text, '{')
	if open < 0 {
		return
	}
	name, _, closed := strings.Cut(v.Text[open+1:], "}")
	if closed && (strings.HasPrefix(name, "aws:") || strings.HasPrefix(name, "kms:")) {
		c.Value(&rule.Variable, v.Node, phrase.Quote("{"+name+"}")+" has no dollar sign, so IAM takes it for plain text. Write ${"+name+"}.")
	}
}
