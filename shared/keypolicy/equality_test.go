package keypolicy_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	awspolicy "github.com/hashicorp/awspolicyequivalence"
	"golang.org/x/tools/txtar"
	"pgregory.net/rapid"

	"github.com/keysmith/keysmith/shared/keypolicy"
)

func verdict(equal bool) string {
	return map[bool]string{true: "equal", false: "different"}[equal]
}

func canonical(text string) keypolicy.Canonical {
	p, _ := keypolicy.Parse([]byte(text))
	return p.Canonical("aws")
}

func TestTheTableOfPairsHoldsForUsAndForTheComparerOfTerraform(t *testing.T) {
	eachPair(t, "equality", func(t *testing.T, c policyCase) {
		a, b := c.section("a.json"), c.section("b.json")
		x, y := canonical(a), canonical(b)
		theirs, err := awspolicy.PoliciesAreEquivalent(a, b)
		other := verdict(theirs)
		if err != nil {
			other = "error"
		}
		got := fmt.Sprintf("text: %s\npermissions: %s\nawspolicyequivalence: %s\n",
			verdict(x.Equal(y)), verdict(x.Permissions != "" && x.Permissions == y.Permissions), other)
		if *update {
			c.set(t, "verdict", got)
		} else if want := c.section("verdict"); got != want {
			t.Errorf("%sgot:\n%swant:\n%s", c.archive.Comment, got, want)
		}
		if x.Equal(y) != y.Equal(x) {
			t.Error("equality is not symmetric")
		}
	})
}

// eachPair runs a test for every case of a folder that holds pairs.
func eachPair(t *testing.T, folder string, test func(*testing.T, policyCase)) {
	t.Helper()
	files, err := filepath.Glob("testdata/" + folder + "/*.txtar")
	if err != nil || len(files) < 10 {
		t.Fatalf("looking for pairs: found %d, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			test(t, policyCase{file: file, archive: archive})
		})
	}
}

// rewrite does to a policy what KMS is known to do: it shuffles lists and
// statements, spells accounts as root ARNs, puts booleans in quotes and single
// values in lists, and sets white space as it likes.
func rewrite(rng *rand.Rand, v any, name string) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, e := range v {
			out[k] = rewrite(rng, e, k)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, j := range rng.Perm(len(v)) {
			out[i] = rewrite(rng, v[j], name)
		}
		if len(out) == 1 && rng.IntN(2) == 0 {
			return out[0]
		}
		return out
	case string:
		return rewriteText(rng, v, name)
	case bool:
		return fmt.Sprint(v)
	}
	return v
}

func rewriteText(rng *rand.Rand, s, name string) any {
	switch {
	case name == "AWS" && len(s) == 12 && rng.IntN(2) == 0:
		return "arn:aws:iam::" + s + ":root"
	case name == "Principal" && s == "*":
		return map[string]any{"AWS": "*"}
	case (name == "Action" || name == "NotAction") && rng.IntN(3) == 0:
		return strings.ToUpper(s)
	}
	return s
}

func TestWhateverKMSRewritesThePolicyStaysEqual(t *testing.T) {
	var seeds []string
	for _, file := range caseFiles(t) {
		if c := readCase(t, file); len(c.policy) < 8192 && canonical(string(c.policy)).Text != "" {
			seeds = append(seeds, string(c.policy))
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SampledFrom(seeds).Draw(t, "policy")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		var tree any
		if err := json.Unmarshal([]byte(text), &tree); err != nil {
			t.Fatalf("reading policy: %v", err)
		}
		indent := rapid.SampledFrom([]string{"", " ", "\t"}).Draw(t, "indent")
		again, err := json.MarshalIndent(rewrite(rng, tree, ""), "", indent)
		if err != nil {
			t.Fatalf("writing policy: %v", err)
		}
		if !canonical(text).Equal(canonical(string(again))) {
			t.Fatalf("not equal any more:\n%s\n%s", text, again)
		}
	})
}

func TestAnyChangeOfWhoMayDoWhatIsADifference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawPolicy(t), drawPolicy(t)
		x, y := canonical(string(a)), canonical(string(b))
		if !x.Equal(x) {
			t.Fatalf("not equal to itself: %s", a)
		}
		principal := rapid.SampledFrom([]string{rootName, breakGlass}).Draw(t, "principal")
		r := drawRequest(t, principal)
		if x.Permissions == y.Permissions && allowedByPolicy(a, r) != allowedByPolicy(b, r) {
			t.Fatalf("called equal, but %v tells them apart:\n%s\n%s", r, a, b)
		}
	})
}
