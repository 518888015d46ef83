package verdict

import (
	"slices"
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/decide"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/grammar"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/phrase"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/rule"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/wildcard"
)

// hollowValues reports values that let in more than they seem to, or that decide
// nothing. A value that cannot be read has been reported already.
func (c *checker) hollowValues(s *document.Statement, cond *document.Condition) {
	if !cond.Operator.Known() {
		return
	}
	for _, v := range cond.Values {
		switch {
		case grammar.HoldsVariable(v.Text):
			if grammar.VariableFault(v.Text) == "" {
				c.variable(s, cond, v)
			}
		case cond.Operator.Compare != document.Null && wildcard.Has(v.Text) && grammar.Reads(cond, v.Text):
			c.wildcards(s, cond, v)
		}
	}
	if s.Effect == document.Allow && !cond.Operator.Negated {
		c.everyAddress(cond)
	}
	c.redundantValues(cond)
}

// variable judges a value that holds ${…}.
func (c *checker) variable(s *document.Statement, cond *document.Condition, v document.Item) {
	switch op := cond.Operator; {
	case op.Family != catalog.String && op.Family != catalog.ARN:
		c.Value(&rule.VariablePlace, v.Node, cond.OpText+" does not replace variables, so "+phrase.Quote(v.Text)+" is plain text. Write the value itself.")
	case c.p.Version != document.CurrentVersion:
		c.Value(&rule.VariablePlace, v.Node, "IAM replaces variables in Version 2012-10-17 only, so "+phrase.Quote(v.Text)+" is plain text. Write that Version.")
	case s.Effect != document.Allow || op.Negated || c.unfit(cond, carrying(cond), v.Text).Verdict != decide.Proven:
	case strings.EqualFold(v.Text, "${"+cond.Name+"}"):
		c.Value(&rule.Hollow, v.Node, cond.Label()+" is compared with itself, so every caller matches. Write the value itself.")
	default:
		c.Value(&rule.Hollow, v.Node, cond.Label()+" is compared with another name of the caller's own account, so every caller matches. Write the intended account, or ${aws:ResourceAccount} for the account of the key.")
	}
}

// carrying are the requests that carry the key of a condition. Whether those of
// services have an account of their own is not documented, so it does not count.
func carrying(cond *document.Condition) []decide.Condition {
	there := []decide.Condition{when("Null", cond.Name, "false")}
	if cond.Key.Is("aws:principalaccount") || cond.Key.Is("kms:calleraccount") {
		there = append(there, when("Null", "aws:PrincipalArn", "false"))
	}
	return there
}

// unfit looks for a request, whoever sends it, that is one of those and has no
// value that the operator matches with the texts.
func (c *checker) unfit(cond *document.Condition, those []decide.Condition, texts ...string) decide.Proof {
	return c.ask([]*decide.Policy{c.policy(allow(everybody, those...))}, []*decide.Policy{c.policy(allow(everybody, when(cond.OpText, cond.Name, texts...)))}, 0, decide.IAMAllows)
}

// everyAddress reports ranges that leave out no address of a kind, one by one or
// together. Several long prefixes are no such list.
func (c *checker) everyAddress(cond *document.Condition) {
	short := func(v document.Item) bool { return len(v.Text) > 1 && v.Text[len(v.Text)-2] == '/' }
	if cond.Operator.Compare != document.IPIn || !slices.ContainsFunc(cond.Values, short) {
		return
	}
	for _, all := range [...]string{"0.0.0.0/0", "::/0"} {
		holds := func(texts ...string) bool {
			return c.unfit(cond, []decide.Condition{when("IpAddress", cond.Name, all)}, texts...).Verdict == decide.Proven
		}
		texts := make([]string, len(cond.Values))
		for i, v := range cond.Values {
			texts[i] = v.Text
		}
		if !holds(texts...) {
			continue
		}
		if i := slices.IndexFunc(texts, func(text string) bool { return holds(text) }); i >= 0 {
			c.Value(&rule.Hollow, cond.Values[i].Node, "The range "+phrase.Quote(texts[i])+" contains every address. Write the intended addresses.")
		} else {
			c.Value(&rule.Hollow, cond.Node, "The ranges together contain every address of "+all+". Write the intended addresses.")
		}
	}
}

// wildcards checks what * and ? do in a value.
func (c *checker) wildcards(s *document.Statement, cond *document.Condition, v document.Item) {
	op, key := cond.Operator, cond.Key
	if op.Compare == document.Equals || op.Compare == document.EqualsIgnoreCase {
		return // a plain character there
	}
	// What a lone star means to the operators for ARNs is not documented.
	all, text := strings.Trim(v.Text, "*") == "", op.Family == catalog.String
	switch {
	case s.Effect == document.Allow && !op.Negated && c.fitsOthers(cond, v.Text):
		c.Value(&rule.Hollow, v.Node, "The wildcard in "+phrase.Quote(v.Text)+" matches more values of "+cond.Label()+" than it seems to. Write the whole value.")
	case all && text && (op.IfExists || op.Set == document.ForAll || presence(s, key) == catalog.Present): // it always holds, or never
	case all && op.Negated:
		c.Value(&rule.SameAsNull, v.Node, "“*” matches every value, so the condition only tests whether "+cond.Label()+" is absent. Write \"Null\": {\""+cond.Label()+"\": \"true\"}.")
	case all:
		c.Value(&rule.SameAsNull, v.Node, "“*” matches every value, so the condition only tests whether "+cond.Label()+" is present. Write \"Null\": {\""+cond.Label()+"\": \"false\"}.")
	case op.Family == catalog.String && key.Type == catalog.ARN:
		c.likeARN(s, cond, v)
	}
}

// fitsOthers reports whether a pattern for whose a request is fits more than one: for
// an ARN, every one there is; for an id, a second one beside that of some request,
// also where that is not decided.
func (c *checker) fitsOthers(cond *document.Condition, pattern string) bool {
	key := cond.Key
	switch {
	case key.Is("aws:principalarn"):
		return c.fitsEvery(cond, "iam::", pattern)
	case key.Is("aws:sourcearn"):
		return c.fitsEvery(cond, "*:*:", pattern)
	case !key.Has(catalog.Owner):
		return false
	}
	fits := when("StringLike", cond.Name, pattern)
	others := when("StringNotLike", cond.Name)
	if key.Has(catalog.Multi) {
		fits.Operator, others.Operator = "ForAnyValue:StringLike", "ForAllValues:StringNotLike"
	}
	proof := c.ask([]*decide.Policy{c.policy(allow(everybody, fits))}, nil, 0, decide.IAMAllows)
	if proof.Verdict == decide.Refuted {
		id := ownerIn(proof.Witness, key)
		others.Values = []string{id, id + ":*", id + "/*"}
		proof = c.ask([]*decide.Policy{c.policy(allow(everybody, fits, others))}, nil, 0, decide.IAMAllows)
		return proof.Verdict != decide.Proven
	}
	return proof.Verdict == decide.Undecided
}

// fitsEvery reports whether a pattern fits all ARNs of the key's partition: most do not
// fit that of some role. What a lone star is to the operators for ARNs is not
// documented, and it fits none less.
func (c *checker) fitsEvery(cond *document.Condition, service, pattern string) bool {
	partition := "arn:" + c.o.Key.PartitionName() + ":"
	if !wildcard.Match(pattern, partition+"iam::444455556666:role/some/role") {
		return false
	}
	all := []decide.Condition{when("ArnLike", cond.Name, partition+service+"*:*")}
	return strings.Trim(pattern, "*") == "" || c.unfit(cond, all, pattern).Verdict == decide.Proven
}

// ownerIn is whose a request is, by the value that it has of a key.
func ownerIn(w *decide.Witness, key *catalog.Key) string {
	value := ""
	switch v := w.Context[key.Name].(type) {
	case string:
		value = v
	case []string:
		value = v[0]
	}
	if i := strings.IndexAny(value, ":/"); i >= 0 {
		return value[:i]
	}
	return value
}

// likeARN reports StringLike on an ARN. A wildcard in the last part does what
// it seems to do; one before it may stand for several parts.
func (c *checker) likeARN(s *document.Statement, cond *document.Condition, v document.Item) {
	last := v.Text
	for range 5 {
		_, last, _ = strings.Cut(last, ":")
	}
	before := strings.TrimSuffix(v.Text, last)
	if s.Effect == document.Allow && !cond.Operator.Negated && !sourcePattern(cond) && (last == "" || wildcard.Has(before)) {
		c.Value(&rule.LikeCrossesARN, v.Node, "The wildcard of StringLike matches the colons of an ARN, so "+phrase.Quote(v.Text)+" also matches ARNs of other services or accounts. Write ArnLike, which compares part by part.")
		return
	}
	c.Value(&rule.LikeARN, v.Node, "The wildcard of StringLike matches the colons of an ARN. Write ArnLike, which compares part by part.")
}
