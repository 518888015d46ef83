// Package rule is the catalogue: everything that can be said about a key policy,
// each with its severity, its reason and its remedy.
//
// It exists so that what a rule means is data in one place, which the reference
// page is written from, while the code that finds it stands with its own kind:
// reading, grammar or verdict.
package rule

// Class says what a finding of a rule means for the policy.
type Class uint8

const (
	ClassAdvice    Class = iota // refuses by its severity, unless accepted by name
	ClassSize                   // more than KMS takes
	ClassInvalid                // not a policy, or not one that can be judged
	ClassLockout                // somebody who must keep the key would lose it
	ClassGuardrail              // opens the key to somebody nobody declared
	ClassNotice                 // never refuses
)

// String names the class.
func (c Class) String() string {
	return [...]string{"advice", "size", "invalid", "lockout", "guardrail", "notice"}[c]
}

// Rule is one entry of the catalogue.
type Rule struct {
	ID       string // kebab-case, never changes
	Chapter  string // of the reference; set by All and ByID
	Severity Severity
	Class    Class
	Own      bool   // a rule of keysmith, not of KMS
	Title    string // what is wrong
	Why      string // why it matters
	Remedy   string // what to write instead
	Link     string // AWS's page about it
}

// Acceptable reports whether the rule may be named in ACCEPT_FINDINGS.
func (r Rule) Acceptable() bool { return r.Class == ClassAdvice }

// All returns the catalogue, in the order in which it is documented.
func All() []Rule {
	var all []Rule
	for _, family := range families {
		for _, r := range family.rules {
			all = append(all, r.in(family.title))
		}
	}
	return all
}

// ByID finds a rule by its name.
func ByID(id string) (Rule, bool) {
	for _, family := range families {
		for _, r := range family.rules {
			if r.ID == id {
				return r.in(family.title), true
			}
		}
	}
	return Rule{}, false
}

func (r Rule) in(chapter string) Rule {
	r.Chapter = chapter
	return r
}

// families is the catalogue in chapters.
var families = [...]struct {
	title string
	rules []*Rule
}{
	{"Text", textRules},
	{"Grammar", grammarRules},
	{"Principals", principalRules},
	{"Actions and resources", actionRules},
	{"Conditions", conditionRules},
	{"Values of conditions", valueRules},
	{"Who could lose the key", lockoutRules},
	{"Who could get at the key", guardRules},
	{"What opens or breaks more than it seems", exposureRules},
	{"Guardrails", guardrailRules},
}
