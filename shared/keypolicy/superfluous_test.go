package keypolicy_test

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"github.com/keysmith/keysmith/shared/keypolicy"
)

// drawNarrower returns a statement that says what s says, or a little less or
// more.
func drawNarrower(t *rapid.T, s map[string]any) map[string]any {
	n := maps.Clone(s)
	switch rapid.IntRange(0, 4).Draw(t, "narrow") {
	case 0:
		n["Condition"] = drawCondition(t)
	case 1:
		delete(n, "Condition")
	case 2:
		if n["Action"] != nil {
			n["Action"] = someOf(t, "narrower action", "kms:PutKeyPolicy", "kms:Put*", "kms:Decrypt", "kms:*")
		}
	case 3:
		if n["Principal"] != nil {
			n["Principal"] = map[string]any{"AWS": someOf(t, "narrower principal", rootName, ownAccount, breakGlass)}
		}
	}
	return n
}

var finding = regexp.MustCompile(`^Statement\[(\d+)\](?:\.Condition\.(\w+))?`)

// without returns the policy without the statement or the condition that the
// finding calls superfluous, nil where it calls none so.
func without(t *rapid.T, text []byte, f keypolicy.Finding) []byte {
	var policy struct {
		Version   string
		Statement []map[string]any
	}
	if err := json.Unmarshal(text, &policy); err != nil {
		t.Fatal(err)
	}
	place := finding.FindStringSubmatch(f.Path)
	if place == nil {
		return nil
	}
	i, err := strconv.Atoi(place[1])
	if err != nil {
		t.Fatal(err)
	}
	switch f.Rule {
	case "statement-redundant", "condition-never-true":
		policy.Statement = slices.Delete(policy.Statement, i, i+1)
	case "condition-redundant":
		delete(policy.Statement[i]["Condition"].(map[string]any), place[2])
		if len(policy.Statement[i]["Condition"].(map[string]any)) == 0 {
			delete(policy.Statement[i], "Condition")
		}
	default:
		return nil
	}
	rest, err := json.Marshal(policy)
	if err != nil {
		t.Fatal(err)
	}
	return rest
}

func TestWhatIsCalledSuperfluousDecidesNothing(t *testing.T) {
	seen := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		statements := []any{}
		for range rapid.IntRange(1, 2).Draw(t, "statements") {
			s := drawStatement(t)
			statements = append(statements, s, drawNarrower(t, s))
		}
		text, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": statements})
		if err != nil {
			t.Fatal(err)
		}
		r := drawRequest(t, rapid.SampledFrom([]string{rootName, breakGlass, "arn:aws:iam::111122223333:role/Other"}).Draw(t, "caller"))
		r.action = rapid.SampledFrom([]string{"kms:PutKeyPolicy", "kms:Decrypt", "kms:GetKeyPolicy"}).Draw(t, "requested")
		if r.action != "kms:PutKeyPolicy" { // no other of these requests carries the key
			delete(r.context, "kms:bypasspolicylockoutsafetycheck")
		}
		for _, f := range keypolicy.Check(text, lockoutOptions).Findings {
			rest := without(t, text, f)
			if rest == nil {
				continue
			}
			seen[f.Rule]++
			if before, after := allowedByPolicy(text, r), allowedByPolicy(rest, r); before != after {
				t.Fatalf("%s at %s: the request %v was %v and is %v\n%s\n%s", f.Rule, f.Path, r, before, after, text, rest)
			}
		}
	})
	if len(seen) == 0 {
		t.Error("nothing was called superfluous, so nothing was tested")
	}
}
