package keypolicy

// Class says what a finding of a rule means for the policy.
type Class uint8

const (
	ClassAdvice    Class = iota // refuses by its severity, unless accepted by name
	ClassSize                   // more than KMS takes
	ClassInvalid                // not a policy, or not one that can be judged
	ClassLockout                // somebody who must keep the key would lose it
	ClassGuardrail              // opens the key to somebody nobody declared
)

// String names the class.
func (c Class) String() string {
	return [...]string{"advice", "size", "invalid", "lockout", "guardrail"}[c]
}

// Rule is one entry of the catalogue.
type Rule struct {
	ID       string // kebab-case, never changes
	Chapter  string // of the reference; set by Rules and RuleByID
	Severity Severity
	Class    Class
	House    bool   // a rule of this project's, not a behaviour of AWS
	Title    string // what is wrong
	Why      string // why it matters
	Remedy   string // what to write instead
	Link     string // AWS's page about it
}

// Acceptable reports whether the rule may be named in ACCEPT_FINDINGS.
func (r Rule) Acceptable() bool { return r.Class == ClassAdvice }

// Rules returns the catalogue, in the order in which it is documented.
func Rules() []Rule {
	var all []Rule
	for _, family := range families {
		for _, r := range family.rules {
			all = append(all, r.in(family.title))
		}
	}
	return all
}

// RuleByID finds a rule by its name.
func RuleByID(id string) (Rule, bool) {
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

// families is the catalogue in chapters; each is declared beside its checks.
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
}
