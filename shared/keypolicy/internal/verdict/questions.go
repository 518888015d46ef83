package verdict

import (
	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/decide"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/facts"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/meaning"
)

// questions puts questions about the requests of one policy. Most policies raise
// none that their text does not answer, so what it takes to ask is made when the
// first one comes.
type questions struct {
	p      *document.Policy
	key    facts.Key
	budget *decide.Budget // of all questions about the policy
	space  *decide.Space
}

// ask looks for a request that all of allowed allow, and none of refused.
func (q *questions) ask(allowed, refused []*decide.Policy, actions catalog.Set, callers decide.Callers, how ...func(*decide.Question)) decide.Proof {
	if q.space == nil {
		q.space = decide.NewSpace(meaning.Facts(q.key), q.budget)
	}
	question := decide.Question{Allowed: q.compile(allowed), Refused: q.compile(refused), Actions: actions, Callers: callers}
	for _, set := range how {
		set(&question)
	}
	return q.space.Ask(&question)
}

func (q *questions) compile(policies []*decide.Policy) []*decide.Compiled {
	out := make([]*decide.Compiled, len(policies))
	for i, p := range policies {
		out[i] = q.space.Compile(p)
	}
	return out
}

// policy makes a policy of statements, in the version of the one that is judged.
func (q *questions) policy(statements ...decide.Statement) *decide.Policy {
	return &decide.Policy{Variables: q.p.Version == document.CurrentVersion, Statements: statements}
}

// refusing makes a policy that refuses what one of the statements denies, and
// nothing else.
func (q *questions) refusing(statements ...decide.Statement) *decide.Policy {
	p := q.policy(statements...)
	p.ByDefault = true
	return p
}

// whole is the policy that is judged.
func (q *questions) whole() *decide.Policy { return meaning.Policy(q.p) }

// statement reads one statement; where the budget has run out, in vain.
func (q *questions) statement(s *document.Statement) []decide.Statement {
	if q.budget.Exhausted() {
		return nil
	}
	return meaning.Statements(s, 0)
}

// denies are the statements that deny something, at most those about the actions.
func (q *questions) denies(actions catalog.Set) []decide.Statement {
	var out []decide.Statement
	for i := range q.p.Statements {
		if s := &q.p.Statements[i]; s.Effect == document.Deny && s.Acts&actions != 0 {
			out = append(out, q.statement(s)...)
		}
	}
	return out
}

// letsIn are the requests that a statement lets in and that no other one denies.
func (q *questions) letsIn(s *document.Statement) *decide.Policy {
	return q.policy(append(q.statement(s), q.denies(s.Acts)...)...)
}

// covers reports whether every request that one version of a statement is about is
// one that the other is about.
func (q *questions) covers(deny bool, wide, narrow []decide.Statement, how ...func(*decide.Question)) decide.Proof {
	if deny {
		return q.ask([]*decide.Policy{q.refusing(wide...)}, []*decide.Policy{q.refusing(narrow...)}, 0, decide.IAMAllows, how...)
	}
	return q.ask([]*decide.Policy{q.policy(narrow...)}, []*decide.Policy{q.policy(wide...)}, 0, decide.AnyCallers, how...)
}

// applies looks for a request that a statement is about.
func (q *questions) applies(deny bool, statements []decide.Statement) decide.Proof {
	if deny {
		return q.ask(nil, []*decide.Policy{q.refusing(statements...)}, 0, decide.IAMAllows)
	}
	return q.ask([]*decide.Policy{q.policy(statements...)}, nil, 0, decide.IAMAllows)
}

// everybody is every principal there is.
var everybody = []decide.Principal{{Kind: decide.AWS, Text: "*"}}

// allow is a statement that allows everything to some under conditions.
func allow(who []decide.Principal, conditions ...decide.Condition) decide.Statement {
	return decide.Statement{Principals: who, Actions: catalog.All, Resources: []string{"*"}, Conditions: conditions}
}

// when is a condition.
func when(operator, key string, values ...string) decide.Condition {
	return decide.Condition{Operator: operator, Key: key, Values: values}
}
