package meaning

import (
	"errors"
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/decide"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/facts"
)

// Claim is what an assertion says.
type Claim uint8

const (
	Can    Claim = iota // all of these are allowed it, by a request with exactly these values
	Cannot              // none of these is allowed it, by any request with these values
	Only                // nobody but these is allowed it
)

// Assertion says what must be possible or impossible for whom.
type Assertion struct {
	Claim   Claim
	Who     []string // ARNs with wildcards, accounts, {account}, service:NAME, org:o-…, anyone
	Actions []string
	When    map[string][]string // values of condition keys; unused by Only
}

// Assert asks whether a policy is as an assertion says. The error names what in
// the assertion is not understood. An assertion about requests that nobody can
// send says nothing, so it is undecided.
func Assert(a *Assertion, p *document.Policy, k facts.Key, b *decide.Budget) (decide.Proof, error) {
	if faults := a.Faults(); len(faults) > 0 {
		return decide.Proof{}, errors.New(faults[0].Message)
	}
	if p.Opaque() {
		return unreadable("the policy"), nil
	}
	s := decide.NewSpace(Facts(k), b)
	t := asserted{Assertion: a, space: s, policy: s.Compile(Policy(p)), key: k}
	for _, text := range a.Actions {
		set, _ := catalog.Match(text)
		t.actions |= set &^ catalog.Ineffective
	}
	if a.Claim == Only {
		return t.only(), nil
	}
	return t.each(), nil
}

// asserted is an assertion while it is compared with a policy.
type asserted struct {
	*Assertion
	space   *decide.Space
	policy  *decide.Compiled
	actions catalog.Set
	key     facts.Key
}

// only asks for a request of somebody else.
func (t *asserted) only() decide.Proof {
	var who []decide.Statement
	for _, text := range t.Who {
		who = append(who, t.subject(text))
	}
	return t.space.Ask(&decide.Question{
		Allowed: []*decide.Compiled{t.policy}, Refused: []*decide.Compiled{t.space.Compile(&decide.Policy{Statements: who})},
		Actions: t.actions, Callers: decide.IAMAllows,
	})
}

// each asks for each of who by itself: one that nobody can be must not hide
// behind the others.
func (t *asserted) each() decide.Proof {
	worst := decide.Proof{Verdict: decide.Proven}
	for _, text := range t.Who {
		q := decide.Question{
			Allowed: []*decide.Compiled{t.space.Compile(&decide.Policy{Statements: []decide.Statement{t.subject(text)}})},
			Actions: t.actions, Context: t.When, Closed: t.Claim == Can, Callers: decide.IAMAllows,
		}
		p := t.space.Ask(&q)
		switch {
		case p.Verdict == decide.Proven:
			p = decide.Proof{Verdict: decide.Undecided, Reason: "no request of " + text + " to this key is possible with these values, so the assertion says nothing"}
		case t.Claim == Can:
			p = t.can(q, text)
		default:
			q.Allowed = append(q.Allowed, t.policy)
			p = t.space.Ask(&q)
		}
		if p.Verdict == decide.Refuted {
			t.complete(p.Witness)
			return p
		}
		if p.Verdict == decide.Undecided {
			worst = p
		}
	}
	return worst
}

// complete adds the values that the assertion is about and that no statement
// tests.
func (t *asserted) complete(w *decide.Witness) {
	for key, values := range t.When {
		known := false
		for has := range w.Context {
			known = known || strings.EqualFold(has, key)
		}
		switch {
		case known || len(values) == 0:
		case len(values) == 1 && !catalog.LookupKey(key).Has(catalog.Multi):
			w.Context[key] = values[0]
		default:
			w.Context[key] = values
		}
	}
}

// can asks whether all requests are allowed. Who is named by an ARN must be
// allowed by name in the key's own account, since nothing is known of IAM; an
// account as a whole cannot.
func (t *asserted) can(q decide.Question, who string) decide.Proof {
	q.Refused = []*decide.Compiled{t.policy}
	p := t.space.Ask(&q)
	if p.Verdict != decide.Proven || !strings.HasPrefix(who, "arn:") {
		return p
	}
	if q.Callers = decide.IAMSilent; t.space.Ask(&q).Verdict != decide.Proven {
		return decide.Proof{Verdict: decide.Undecided, Reason: "the policy names the account and not " + resolve(who, t.key) + ", so it depends on IAM"}
	}
	return p
}

// subject is a set of callers. In a Cannot the root stands for its account, as it
// does in a key policy.
func (t *asserted) subject(who string) decide.Statement {
	st := Who(who, t.key)
	if parts := strings.SplitN(who, ":", arnParts); t.Claim == Cannot && len(parts) == arnParts && parts[5] == "root" {
		st.Conditions = []decide.Condition{{Operator: "ArnLike", Key: "aws:PrincipalArn", Values: []string{
			strings.Replace(strings.TrimSuffix(resolve(who, t.key), "root"), ":iam:", ":*:", 1) + "*",
		}}}
	}
	return st
}
