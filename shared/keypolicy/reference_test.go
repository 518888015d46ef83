package keypolicy_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/keypolicy"
)

const referenceFile = "RULES.md"

func TestTheRuleReferenceIsCurrent(t *testing.T) {
	want := reference(t)
	if *update {
		if err := os.WriteFile(referenceFile, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(referenceFile)
	if err != nil {
		t.Fatalf("reading the reference: %v", err)
	}
	if string(got) != want {
		t.Errorf("%s is not what the table says; run go test ./shared/keypolicy -update", referenceFile)
	}
}

// reference writes the catalogue as one page, each rule with the lines in
// which its bad case and its good one differ.
func reference(t *testing.T) string {
	var b strings.Builder
	b.WriteString(referenceHead)
	chapter := ""
	for _, r := range keypolicy.Rules() {
		if r.Chapter != chapter {
			chapter = r.Chapter
			fmt.Fprintf(&b, "\n## %s\n", chapter)
		}
		fmt.Fprintf(&b, "\n### %s\n\n%s: **%s.** %s %s", r.ID, badge(r), r.Title, r.Why, r.Remedy)
		if r.Own {
			b.WriteString(" This is a rule of keysmith, not of KMS.")
		}
		if r.Link != "" {
			fmt.Fprintf(&b, " ([AWS's page](%s))", r.Link)
		}
		b.WriteString("\n" + example(t, r.ID))
	}
	return b.String()
}

const referenceHead = `# Rules

Every finding that keysmith reports about a key policy. This page is written by ` + "`go test ./shared/keypolicy -update`" + ` from the
table in the code and from the case files in ` + "`shared/keypolicy/testdata/rules`" + `; a test fails while it is out of date.

A finding follows from the text of the policy and from what is configured. keysmith does not guess whether the principals exist (KMS
checks that when the policy is put), what IAM policies, service control policies and grants add or remove, or which accounts an
organization has.

What a class means:

- **size**, **invalid**: the document is refused (` + "`TOO_LARGE`, `INVALID_POLICY`" + `), whatever the configuration says.
- **lockout**: a principal that must keep the key would lose it; refused (` + "`LOCKOUT`" + `), whatever the configuration says.
- **guardrail**: the policy opens the key to a principal that is not declared, or breaks a rule of the owner; refused (` + "`GUARDRAIL`" + `), whatever the configuration says.
- **advice**: refused where the severity is ` + "`REJECT_AT`" + ` or worse, and the rule is not named in ` + "`ACCEPT_FINDINGS`" + `.
- **notice**: never a reason to refuse.
`

func badge(r keypolicy.Rule) string {
	return r.Severity.String() + ", " + r.Class.String()
}

func example(t *testing.T, id string) string {
	bad, good := readCase(t, "testdata/rules/"+id+"/bad.txtar"), readCase(t, "testdata/rules/"+id+"/good.txtar")
	a, b := strings.Split(exampleText(bad), "\n"), strings.Split(exampleText(good), "\n")
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	if long := func(s string) bool { return len(s) > 1000 }; len(a)+len(b) == 0 || len(a)+len(b) > 16 || slices.ContainsFunc(a, long) {
		return "" // what differs would not be seen
	}
	var out strings.Builder
	out.WriteString("\n```diff\n")
	for _, line := range a {
		out.WriteString("- " + clip(line) + "\n")
	}
	for _, line := range b {
		out.WriteString("+ " + clip(line) + "\n")
	}
	out.WriteString("```\n")
	return out.String()
}

// exampleText is the policy of a case; bytes that no page can show stay
// escaped.
func exampleText(c policyCase) string {
	if q := c.section("policy.quoted"); q != "" {
		return strings.TrimSpace(q)
	}
	return string(c.policy)
}

func clip(line string) string {
	const most = 150
	line = strings.TrimPrefix(line, "      ")
	if len(line) > most {
		return line[:most] + " …"
	}
	return line
}
