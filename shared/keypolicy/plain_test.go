package keypolicy_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/keypolicy"
)

// TestPlainPoliciesAreJudgedByTheirText is about the policies that most keys have: what
// their text tells for certain raises no question, so they are judged alike where no
// question is answered. That is what makes Check fast.
func TestPlainPoliciesAreJudgedByTheirText(t *testing.T) {
	n := 0
	for _, file := range caseFiles(t) {
		if !strings.HasPrefix(file, "testdata/plain/") {
			continue
		}
		n++
		c := readCase(t, file)
		got, want := keypolicy.CheckByText(c.policy, c.options), keypolicy.Check(c.policy, c.options)
		if !reflect.DeepEqual(got.Findings, want.Findings) {
			t.Errorf("%s: by the text %v, in full %v", file, got.Findings, want.Findings)
		}
	}
	if n == 0 {
		t.Error("there are no plain policies")
	}
}
