package repoconfig

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"

	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/settings"
)

// Kind is the form that the value of a setting has.
type Kind uint8

const (
	Text   Kind = iota // one value
	List               // several values, in a list or with commas between them
	Switch             // true or false
)

// Definition is one setting: a name of keysmith.yaml and a long flag.
type Definition struct {
	Name  string
	Kind  Kind
	Usage string // for the help of the flag; the value's name stands in backquotes
	Unset string // what a Text or Switch counts as where nobody sets it

	check    func(string) error
	flagOnly []string // values that the flag takes beside those that check takes
}

// Definitions are all settings, in the order in which help lists them.
var Definitions = []Definition{
	{Name: "account", check: settings.CheckAccount, Usage: "`id` of the account of the keys, 12 digits; without it, some rules do not run"},
	{Name: "region", check: checkRegion, Usage: "`Region` of the keys"},
	{Name: "partition", check: oneOf("aws", "aws-cn", "aws-us-gov"), Usage: "`partition` of the keys: aws, aws-cn, aws-us-gov (default: the one of the Region, or aws)"},
	{Name: "own-org", check: settings.CheckOrg, Usage: "`id` of the organization of the account; a policy may name it"},
	{Name: "trusted-accounts", Kind: List, check: settings.CheckTrustedAccount, Usage: "`accounts` that a policy may name, other than the key's own; * for every account"},
	{Name: "trusted-orgs", Kind: List, check: settings.CheckOrg, Usage: "`ids` of organizations that a policy may name"},
	{Name: "break-glass", Kind: List, check: settings.CheckPrincipal, Usage: "`ARNs` that must keep kms:PutKeyPolicy; {account} is the key's account"},
	{Name: "writer", check: settings.CheckPrincipal, Usage: "`ARN` of keysmith's own role, which must keep kms:PutKeyPolicy if the account root need not"},
	{Name: "require-account-root", Kind: Switch, Unset: "true", Usage: "whether the account root must keep kms:PutKeyPolicy"},
	{Name: "reject-at", check: checkRejectAt, flagOnly: []string{"info"}, Unset: "security", Usage: "`severity` from which findings refuse a policy: error, security, warning, info"},
	{Name: "accept-findings", Kind: List, check: checkAccepted, Usage: "`rules` that never refuse a policy"},
	{Name: "protected-keys", Kind: List, check: settings.CheckProtectedKey, Usage: "`keys` (ids or ARNs) whose policy keysmith never changes"},
	{Name: "target-accounts", Kind: List, check: settings.CheckTargetAccount, Usage: "other `accounts` that the deployment writes to; * for every account of target-org"},
	{Name: "target-org", check: settings.CheckOrg, Usage: "`id` of the organization that other accounts must be in"},
	{Name: "target-regions", Kind: List, check: settings.CheckTargetRegion, Usage: "`Regions` that the deployment writes to; * for every Region (default: its own)"},
	{Name: "guardrails", check: notEmpty, Usage: "`folder` with baselines and assertions"},
	{Name: "bucket", check: checkBucket, Usage: "`name` of the policy bucket"},
	{Name: "show", check: oneOf("error", "security", "warning", "info"), Unset: "warning", Usage: "`severity` from which findings are printed: error, security, warning, info"},
	{Name: "strict", Kind: Switch, Unset: "false", Usage: "treat rules that could not run as an error (exit 2)"},
	{Name: "exclude", Kind: List, check: notEmpty, Usage: "`patterns` of files and folders to leave out, such as testdata or 'old/**/*.json'"},
}

// Lookup finds a setting by its name.
func Lookup(name string) (Definition, bool) {
	i := slices.IndexFunc(Definitions, func(d Definition) bool { return d.Name == name })
	if i < 0 {
		return Definition{}, false
	}
	return Definitions[i], true
}

// Check reports what is wrong with one value.
func (d Definition) Check(value string) error {
	if d.Kind == Switch {
		return oneOf("true", "false")(value)
	}
	return d.check(value)
}

// CheckFlag reports what is wrong with one value of the flag of this name.
func (d Definition) CheckFlag(value string) error {
	if slices.Contains(d.flagOnly, value) {
		return nil
	}
	err := d.Check(value)
	if err != nil && len(d.flagOnly) > 0 {
		return fmt.Errorf("%w, %s", err, strings.Join(d.flagOnly, ", "))
	}
	return err
}

// Closest returns the name that somebody probably meant, or "".
func Closest(word string, names []string) string {
	best, distance := "", min(3, (len(word)+2)/3)+1
	for _, n := range names {
		if d := levenshtein.ComputeDistance(strings.ToLower(word), strings.ToLower(n)); d < distance {
			best, distance = n, d
		}
	}
	return best
}

func oneOf(words ...string) func(string) error {
	return func(v string) error {
		if slices.Contains(words, v) {
			return nil
		}
		return fmt.Errorf("%q; want one of %s", v, strings.Join(words, ", "))
	}
}

var bucket = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
func checkBucket(v string) error {
	if !bucket.MatchString(v) {
		return fmt.Errorf("%q; want the name of an S3 bucket: 3 to 63 letters, digits, dots and hyphens", v)
	}
	return nil
}

// checkAccepted says more than the function does: a person waits for the answer.
func checkAccepted(v string) error {
	rule, known := keypolicy.RuleByID(v)
	switch {
	case known && !rule.Acceptable():
		return fmt.Errorf("%q is a rule of class %s, which cannot be accepted", v, rule.Class)
	case !known:
		return fmt.Errorf("there is no rule %q%s", v, didYouMean(v, ruleIDs()))
	}
	return settings.CheckAcceptedRule(v)
}

func checkRejectAt(v string) error {
	if v == "info" {
		return errors.New("info is for the flag --reject-at only, because the function does not accept it; want one of security, error, warning")
	}
	_, err := settings.ParseSeverity(v)
	return err
}

func notEmpty(v string) error {
	if v == "" {
		return errors.New("the value is empty")
	}
	return nil
}

func ruleIDs() []string {
	var ids []string
	for _, r := range keypolicy.Rules() {
		ids = append(ids, r.ID)
	}
	return ids
}

func didYouMean(word string, names []string) string {
	if near := Closest(word, names); near != "" {
		return ". Did you mean " + near + "?"
	}
	return ""
}
