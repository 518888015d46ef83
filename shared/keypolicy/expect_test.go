package keypolicy_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/keypolicy"
)

// notYet lists the cases that still get another verdict than the right one. It
// can only get shorter: a case that is right must leave it.
const notYet = "testdata/cases/not-yet.txt"

// A case file with a section "expect" says what matters and nothing about
// wording, one line each; testdata/cases/README.md has the grammar.
func TestEveryCaseMeetsItsExpectation(t *testing.T) {
	listed := readNotYet(t)
	met := map[string]bool{}
	for _, file := range caseFiles(t) {
		c := readCase(t, file)
		if c.section("expect") == "" {
			continue
		}
		name := strings.TrimSuffix(strings.TrimPrefix(file, "testdata/"), ".txtar")
		t.Run(name, func(t *testing.T) {
			unmet := c.unmet(t)
			met[name] = len(unmet) == 0
			switch {
			case listed[name] && met[name]:
				t.Errorf("the verdict is right now: remove %s from %s", name, notYet)
			case !listed[name] && !met[name]:
				t.Errorf("%s\nnot met:\n\t%s\nreport:\n%s", strings.TrimSpace(string(c.archive.Comment)), strings.Join(unmet, "\n\t"), c.report())
			}
		})
	}
	for name := range listed {
		if _, found := met[name]; !found {
			t.Errorf("%s lists %s, which is no case", notYet, name)
		}
	}
	if len(met) < 100 {
		t.Errorf("there are %d cases with an expectation", len(met))
	}
	t.Logf("%d of %d cases are still wrong", len(listed), len(met))
}

func readNotYet(t *testing.T) map[string]bool {
	t.Helper()
	text, err := os.ReadFile(notYet)
	if err != nil {
		t.Fatalf("reading the list of cases that are wrong: %v", err)
	}
	names := strings.Fields(string(text))
	if !slices.IsSorted(names) || len(slices.Compact(slices.Clone(names))) != len(names) {
		t.Errorf("%s is not sorted, or names a case twice", notYet)
	}
	listed := map[string]bool{}
	for _, name := range names {
		listed[name] = true
	}
	return listed
}

// unmet returns the lines of the expectation that do not hold.
func (c *policyCase) unmet(t testing.TB) []string {
	t.Helper()
	var unmet []string
	for line := range strings.Lines(c.section("expect")) {
		if line = strings.TrimSpace(line); line != "" && !c.holds(t, line) {
			unmet = append(unmet, line)
		}
	}
	return unmet
}

// holds decides one line.
func (c *policyCase) holds(t testing.TB, line string) bool {
	t.Helper()
	r := c.check()
	verb, rest, _ := strings.Cut(line, " ")
	switch {
	case verb == "accepted" || strings.ToUpper(verb) == verb:
		return slices.Contains(strings.Split(line, "|"), verdictOf(r))
	case line == "no error or security finding":
		return !has(r, func(f keypolicy.Finding) bool { return f.Severity >= keypolicy.Security })
	case line == "no warning":
		return !has(r, func(f keypolicy.Finding) bool { return f.Severity >= keypolicy.Warning })
	case line == "one finding":
		return len(r.Findings) == 1
	case verb == "only":
		return slices.Equal(graveRules(r), strings.Fields(rest))
	case verb == "finding":
		rule, severity := splitFinding(rest)
		return has(r, func(f keypolicy.Finding) bool {
			return (rule == "" || f.Rule == rule) && (severity == "" || f.Severity.String() == severity)
		})
	case verb == "no":
		return !has(r, func(f keypolicy.Finding) bool { return f.Rule == rest })
	case verb == "says":
		return saysOneOf(r, rest)
	case strings.HasPrefix(line, "never says "):
		return !saysOneOf(r, strings.TrimPrefix(line, "never says "))
	case verb == "standing":
		return c.standing(rest)
	case line == "different":
		a, b := canonical(c.section("old.json")), canonical(string(c.policy))
		return !a.Equal(b) && (a.Permissions == "" || a.Permissions != b.Permissions)
	case verb == "gains", verb == "loses", verb == "nobody":
		return c.accessHolds(t, verb, rest)
	}
	t.Fatalf("%s: no such expectation: %q", c.file, line)
	return false
}

func verdictOf(r keypolicy.Report) string {
	if reason := r.Reason(keypolicy.Security, nil); reason != keypolicy.Accepted {
		return string(reason)
	}
	return "accepted"
}

func has(r keypolicy.Report, is func(keypolicy.Finding) bool) bool {
	return slices.ContainsFunc(r.Findings, is)
}

// graveRules lists the rules of the errors and security findings, each once.
func graveRules(r keypolicy.Report) []string {
	var rules []string
	for _, f := range r.Findings {
		if f.Severity >= keypolicy.Security {
			rules = append(rules, f.Rule)
		}
	}
	slices.Sort(rules)
	return slices.Compact(rules)
}

// awsName finds the first label of a service principal, and of a kms:ViaService value.
var awsName = regexp.MustCompile(`"([a-z0-9-]+)\.[a-z0-9.*-]*amazonaws\.com`)

// Who reads a case of AWS's wants to look the statement up.
func TestTheCasesOfAWSNameTheirPagesAndAreMany(t *testing.T) {
	cases, services := 0, map[string]bool{}
	for _, file := range caseFiles(t) {
		c := readCase(t, file)
		if !strings.HasPrefix(file, "testdata/aws/") {
			continue
		}
		cases++
		for _, name := range awsName.FindAllStringSubmatch(string(c.policy), -1) {
			services[name[1]] = true
		}
		if c.section("expect") != "" && !strings.Contains(string(c.archive.Comment), "\nSource: https://") {
			t.Errorf("%s names no page", file)
		}
	}
	if cases < 100 || len(services) < 40 {
		t.Errorf("there are %d policies of AWS's, with %d services", cases, len(services))
	}
}

// splitFinding takes "RULE SEVERITY", "RULE" or "SEVERITY" apart.
func splitFinding(text string) (rule, severity string) {
	for _, word := range strings.Fields(text) {
		if _, err := keypolicy.ParseSeverity(word); err == nil {
			severity = word
		} else {
			rule = word
		}
	}
	return rule, severity
}

func saysOneOf(r keypolicy.Report, texts string) bool {
	return has(r, func(f keypolicy.Finding) bool {
		return slices.ContainsFunc(strings.Split(texts, "|"), func(text string) bool {
			return strings.Contains(strings.ToLower(f.Message), strings.ToLower(text))
		})
	})
}

// standing decides "CALLER: STANDING" and "CALLER: not STANDING".
func (c *policyCase) standing(text string) bool {
	i := strings.LastIndex(text, ": ")
	want, not := strings.CutPrefix(text[i+2:], "not ")
	p, _ := keypolicy.Parse(c.policy)
	return (string(p.StandingOf(text[:i], c.options.Key)) == want) != not
}

// accessHolds decides "gains PRINCIPAL: ACTION", "gains PRINCIPAL: nothing" and
// "nobody gains", and the same of losses. An action under a condition counts.
func (c *policyCase) accessHolds(t testing.TB, verb, rest string) bool {
	changes := keypolicy.CompareAccess(parsed(t, c.section("old.json")), parsed(t, string(c.policy)), c.options.Key)
	side := func(a keypolicy.AccessChange, verb string) []string {
		if verb == "gains" {
			return a.Gains
		}
		return a.Loses
	}
	if verb == "nobody" {
		return !slices.ContainsFunc(changes, func(a keypolicy.AccessChange) bool { return len(side(a, rest)) > 0 })
	}
	i := strings.LastIndex(rest, ": ")
	principal, action := rest[:i], rest[i+2:]
	for _, a := range changes {
		if a.Principal == principal {
			actions := side(a, verb)
			return action == "nothing" && len(actions) == 0 || slices.ContainsFunc(actions, func(s string) bool {
				return strings.Fields(s)[0] == action || strings.Fields(s)[0] == "kms:*"
			})
		}
	}
	return action == "nothing"
}
