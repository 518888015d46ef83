package decide

import "strings"

// Budget bounds the work for questions that belong together: all that are asked about
// one text, or to compare two. It is counted in steps, not timed, so that the same
// questions always have the same answers. Where it runs out, what has not been
// answered is undecided.
type Budget struct{ left int }

// maxSteps is all of it. A step takes some 25 ns, so this is about 33 ms.
const maxSteps = 1_300_000

// NewBudget returns a budget of which nothing is spent.
func NewBudget() *Budget { return &Budget{maxSteps} }

// Spend counts work; false where there is no more to spend.
func (b *Budget) Spend(steps int) bool {
	b.left -= steps
	return !b.Exhausted()
}

// Spent is the number of steps so far. Tests compare it, since a shortcut that no
// longer works changes no answer.
func (b *Budget) Spent() int { return maxSteps - b.left }

// Exhausted reports whether more was spent than there was. It stays so.
func (b *Budget) Exhausted() bool { return b.left < 0 }

// exhausted is the answer where the budget has run out.
func exhausted() Proof {
	return Proof{Verdict: Undecided, Reason: "the policies are too complex to be decided within the limit of steps"}
}

// What it costs to read parts of a policy, in steps.
const (
	perStatement = 200
	perPrincipal = 60
	perCondition = 300
	perResource  = 60
	perValue     = 20
	perVariable  = 200
	perNumber    = 80 // numbers and points in time
)

// cost is about what it takes to read a statement.
func (s *Statement) cost() int {
	const perStep = 8 // bytes
	n := perStatement + perPrincipal*len(s.Principals) + len(s.Unknown)/perStep
	for _, r := range s.Resources {
		n += perResource + len(r)/perStep
	}
	n += perCondition * len(s.Conditions)
	for i := range s.Conditions {
		for _, v := range s.Conditions[i].Values {
			n += perValue + len(v)/perStep + perVariable*strings.Count(v, "${")
		}
	}
	return n
}
