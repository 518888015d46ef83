package keypolicy

import (
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
)

// variable checks a value that holds ${…}.
func (c *checker) variable(s *statement, cond *condition, v item) {
	for rest := v.text; ; {
		_, after, found := strings.Cut(rest, "${")
		if !found {
			break
		}
		name, tail, closed := strings.Cut(after, "}")
		if message := variableFault(name, closed); message != "" {
			c.value(&ruleVariable, v.node, message)
			return
		}
		rest = tail
	}
	switch op := cond.operator; {
	case s.effect == allow && !op.negated && ownAccount(cond.key, v.text):
		c.value(&ruleHollow, v.node, cond.label()+" is compared with another word for the caller's own account, which every caller fits; write the account that is meant, or ${aws:ResourceAccount} for the key's.")
	case s.effect == allow && !op.negated && strings.EqualFold(v.text, "${"+cond.name+"}"):
		c.value(&ruleHollow, v.node, cond.label()+" is compared with itself, which every caller fits; write the value out.")
	case op.family != catalog.String && op.family != catalog.ARN:
		c.value(&ruleVariablePlace, v.node, cond.opText+" does not replace variables, so "+quote(v.text)+" is compared as it stands; write the value out.")
	case c.p.version != currentVersion:
		c.value(&ruleVariablePlace, v.node, "Variables are replaced in Version 2012-10-17 only, so "+quote(v.text)+" is compared as it stands; write that Version.")
	}
}

// ownAccount reports whether one key for the caller's account is compared with
// the other.
func ownAccount(key *catalog.Key, text string) bool {
	switch strings.ToLower(text) {
	case "${aws:principalaccount}":
		return key.Is("kms:calleraccount")
	case "${kms:calleraccount}":
		return key.Is("aws:principalaccount")
	}
	return false
}

// variableFault says what is wrong with a variable, "" where nothing is.
func variableFault(name string, closed bool) string {
	bare, fallback, hasDefault := strings.Cut(name, ",")
	fallback = strings.TrimSpace(fallback)
	switch {
	case !closed:
		return "The variable “${" + name + "” lacks its closing brace."
	case strings.TrimSpace(name) == "":
		return "The variable is empty; write which key is meant, such as ${aws:username}, or take it away."
	case hasDefault && (len(fallback) < 2 || fallback[0] != '\'' || fallback[len(fallback)-1] != '\''):
		return "The default in “${" + name + "}” must stand in single quotes: ${" + bare + ", 'text'}."
	case strings.ContainsAny(bare, " \t"):
		return "A space stands in the variable “${" + name + "}”, so it is none; take it away."
	}
	return ""
}

// variableSlip reports what looks like a variable without its dollar sign.
func (c *checker) variableSlip(v item, open int) {
	name, _, closed := strings.Cut(v.text[open+1:], "}")
	if closed && (strings.HasPrefix(name, "aws:") || strings.HasPrefix(name, "kms:")) {
		c.value(&ruleVariable, v.node, "“{"+name+"}” lacks its dollar sign; write ${"+name+"}.")
	}
}
