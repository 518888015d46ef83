package decide_test

import (
	"bufio"
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/decide"
)

// z3Variable names the environment variable with the number of pairs that z3 is
// asked about; z3Python is where it is looked for.
const (
	z3Variable = "KEYSMITH_Z3_PAIRS"
	z3Python   = "../../../../.tools/z3/bin/python"
)

// question is what second_opinion.py reads.
type question struct {
	New      *document           `json:"new"`
	Old      *document           `json:"old"`
	Account  string              `json:"account"`
	Org      string              `json:"org"`
	Region   string              `json:"region"`
	Spec     string              `json:"spec"`
	Resource string              `json:"resource"`
	Actions  []string            `json:"actions"`
	Keys     map[string]keyFacts `json:"keys"`
	Sets     map[string][]string `json:"sets"`
}

type keyFacts struct {
	Many    bool     `json:"many"`
	Actions []string `json:"actions"`
}

func TestZ3Agrees(t *testing.T) {
	if err := exec.Command(z3Python, "-c", "import z3").Run(); err != nil {
		t.Skip("z3 is not installed: python3 -m venv .tools/z3 && .tools/z3/bin/pip install z3-solver")
	}
	const usual = 20
	n := usual
	if text := os.Getenv(z3Variable); text != "" {
		if err := json.Unmarshal([]byte(text), &n); err != nil {
			t.Fatal(err)
		}
	}
	var asked []question
	var ours []decide.Proof
	for seed := uint64(0); len(asked) < n; seed++ {
		q := plainQuestion(seed)
		s := decide.NewSpace(decide.Facts{Account: ownAccount, Region: q.Region, ID: ownKey[len(ownKey)-36:], Org: q.Org, Spec: q.Spec}, decide.NewBudget())
		p := s.Ask(&decide.Question{Allowed: []*decide.Compiled{s.Compile(q.New.policy())}, Refused: []*decide.Compiled{s.Compile(q.Old.policy())}})
		if p.Verdict != decide.Undecided {
			asked, ours = append(asked, q), append(ours, p)
		}
	}
	count := map[string]int{}
	for i, theirs := range secondOpinions(t, asked) {
		count[theirs+" by z3"]++
		if theirs != "unknown" && theirs != string(ours[i].Verdict) {
			text, _ := json.Marshal(asked[i])
			found, _ := json.Marshal(ours[i])
			t.Errorf("z3 says %s, and we: %s\nof %s", theirs, found, text)
		}
	}
	t.Log(count)
}

// plainQuestion is a pair without the variables that depend on the request.
func plainQuestion(seed uint64) question {
	g := generator{rand.New(rand.NewPCG(seed, 3))}
	newer := g.document()
	older := g.neighbour(newer)
	plain := strings.NewReplacer("${aws:ResourceAccount}", ownAccount, "${aws:ResourceOrgID}", "o-aaaaaaaaaa", "${*}", "star", "${aws:username}", "c",
		"${aws:PrincipalAccount}", otherAccount, "${aws:PrincipalTag/x, 'a'}", "d", "${aws:PrincipalType}", "e", "${aws:PrincipalTag/team}", "f")
	q := question{
		New: newer.copy(plain), Old: older.copy(plain), Account: ownAccount, Org: "o-aaaaaaaaaa", Region: "us-east-1", Spec: "SYMMETRIC_DEFAULT",
		Resource: ownKey, Actions: (catalog.All &^ catalog.Ineffective).Names(), Keys: map[string]keyFacts{}, Sets: map[string][]string{},
	}
	for _, v := range vocabularies {
		k := catalog.LookupKey(v.key)
		facts := keyFacts{Many: k.Has(catalog.Multi)}
		if k != nil && k.Actions != 0 {
			facts.Actions = k.Actions.Names()
		}
		q.Keys[strings.ToLower(v.key)] = facts
	}
	for _, a := range actionNames {
		set, _ := catalog.Match(a)
		q.Sets[a] = set.Names()
	}
	return q
}

func secondOpinions(t *testing.T, asked []question) []string {
	t.Helper()
	var in strings.Builder
	for i := range asked {
		line, err := json.Marshal(&asked[i])
		if err != nil {
			t.Fatal(err)
		}
		in.Write(append(line, '\n'))
	}
	cmd := exec.Command(z3Python, "testdata/second_opinion.py")
	cmd.Stdin, cmd.Stderr = strings.NewReader(in.String()), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var answers []string
	for lines := bufio.NewScanner(strings.NewReader(string(out))); lines.Scan(); {
		answers = append(answers, lines.Text())
	}
	if len(answers) != len(asked) {
		t.Fatalf("%d questions, %d answers", len(asked), len(answers))
	}
	return answers
}
