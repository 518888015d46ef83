package decide_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/decide"
)

const (
	everybodyDecrypts = `{"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}`
	denyDecrypt       = `{"Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*", "Condition": {%s}}`
)

// riddle is a policy whose Deny statements are the clauses of a random problem
// of satisfiability.
func riddle(keys, clauses int) string {
	g := rand.New(rand.NewPCG(1, 2))
	statements := []string{everybodyDecrypts}
	for range clauses {
		byOperator := map[string][]string{}
		for range 3 {
			op := []string{"StringEquals", "StringNotEquals"}[g.IntN(2)]
			byOperator[op] = append(byOperator[op], fmt.Sprintf(`"vendor:k%d": "a"`, g.IntN(keys)))
		}
		var conditions []string
		for _, op := range []string{"StringEquals", "StringNotEquals"} {
			conditions = append(conditions, fmt.Sprintf(`%q: {%s}`, op, strings.Join(byOperator[op], ", ")))
		}
		statements = append(statements, fmt.Sprintf(denyDecrypt, strings.Join(conditions, ", ")))
	}
	return policyOf(statements...)
}

// labyrinth asks for a text that several patterns match, each with much to remember.
func labyrinth(patterns, length int) string {
	statements := []string{everybodyDecrypts}
	for i := range patterns {
		pattern := fmt.Sprintf("*%c%s", 'a'+i, strings.Repeat("?", length+i))
		statements = append(statements, fmt.Sprintf(denyDecrypt, fmt.Sprintf(`"StringNotLike": {"vendor:k": %q}`, pattern)))
	}
	return policyOf(statements...)
}

func TestWhatIsTooInvolvedIsUndecidedNeverProven(t *testing.T) {
	for name, text := range map[string]string{"clauses": riddle(200, 860), "patterns": labyrinth(6, 20)} {
		s := decide.NewSpace(knownKey, decide.NewBudget())
		p := s.Ask(&decide.Question{Allowed: []*decide.Compiled{s.Compile(readPolicy(t, text))}})
		if p.Verdict != decide.Undecided || !strings.Contains(p.Reason, "limit of steps") {
			t.Errorf("%s: %s, %s", name, p.Verdict, p.Reason)
		}
	}
}

func TestABudgetThatRanOutDecidesNothingMore(t *testing.T) {
	budget := decide.NewBudget()
	s := decide.NewSpace(knownKey, budget)
	s.Ask(&decide.Question{Allowed: []*decide.Compiled{s.Compile(readPolicy(t, riddle(200, 860)))}})
	if !budget.Exhausted() {
		t.Fatal("the riddle left something of the budget")
	}
	other := decide.NewSpace(knownKey, budget)
	nothing := other.Compile(readPolicy(t, policyOf()))
	if p := other.Ask(&decide.Question{Allowed: []*decide.Compiled{nothing}, Refused: []*decide.Compiled{nothing}}); p.Verdict != decide.Undecided || p.Reason == "" {
		t.Errorf("an easy question after it is %s, %q", p.Verdict, p.Reason)
	}
	holders := other.Holders(nothing, 1)
	if last := len(holders) - 1; last < 0 || holders[last].Who != "*" || holders[last].IAM.Degree != decide.Perhaps {
		t.Errorf("who can do something is taken for known: %+v", holders)
	}
	differences := other.Beyond(nothing, nothing)
	if len(differences) != 1 || !differences[0].Unsure {
		t.Errorf("what differs is taken for known: %+v", differences)
	}
}

func TestATextThatIsTooMuchToReadIsUndecided(t *testing.T) {
	statements := make([]string, 6000)
	for i := range statements {
		statements[i] = everybodyDecrypts
	}
	s := decide.NewSpace(knownKey, decide.NewBudget())
	p := s.Compile(readPolicy(t, policyOf(statements...)))
	if proof := s.Ask(&decide.Question{Allowed: []*decide.Compiled{p}, Refused: []*decide.Compiled{p}}); proof.Verdict != decide.Undecided {
		t.Errorf("what was not read to the end is %s", proof.Verdict)
	}
}

// documented are the policies that AWS prints.
func documented(t testing.TB) []*decide.Policy {
	t.Helper()
	files, _ := filepath.Glob("../../testdata/aws/*.txtar")
	var all []*decide.Policy
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range txtar.Parse(text).Files {
			if strings.HasSuffix(f.Name, ".json") {
				all = append(all, readPolicy(t, string(f.Data)))
			}
		}
	}
	return all
}

func TestTheDocumentedPoliciesAreDecidedInFewSteps(t *testing.T) {
	all := documented(t)
	var steps []int
	undecided := 0
	for _, a := range all {
		for _, b := range all {
			s := decide.NewSpace(knownKey, decide.NewBudget())
			p, n := s.AskCounting(&decide.Question{Allowed: []*decide.Compiled{s.Compile(a)}, Refused: []*decide.Compiled{s.Compile(b)}})
			steps = append(steps, n)
			if p.Verdict == decide.Undecided {
				undecided++
				t.Logf("undecided: %s", p.Reason)
			}
		}
	}
	slices.Sort(steps)
	n := len(steps)
	t.Logf("%d pairs; steps: median %d, p99 %d, p99.9 %d, most %d", n, steps[n/2], steps[n*99/100], steps[n*999/1000], steps[n-1])
	if undecided*100 > n {
		t.Errorf("%d of %d pairs are undecided", undecided, n)
	}
	// A step takes some 25 ns: these are 0.2 ms and 25 ms.
	if median, rare := steps[n/2], steps[n*999/1000]; median > 8_000 || rare > 1_000_000 {
		t.Errorf("the median pair took %d steps, and one in a thousand %d", median, rare)
	}
}

func BenchmarkNoNewAccess(b *testing.B) {
	all := documented(b)
	n := 0
	for b.Loop() {
		s := decide.NewSpace(knownKey, decide.NewBudget())
		s.Ask(&decide.Question{
			Allowed: []*decide.Compiled{s.Compile(all[n%len(all)])},
			Refused: []*decide.Compiled{s.Compile(all[n/len(all)%len(all)])},
		})
		n++
	}
}
