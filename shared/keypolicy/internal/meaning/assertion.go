package meaning

import (
	"fmt"
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/awsid"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/decide"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/facts"
)

// Claim is what an assertion says.
type Claim uint8

const (
	Can    Claim = iota // all of these are allowed it, by a request with exactly these values
	Cannot              // none of these is allowed it, by any request with these values
	Only                // nobody but these is allowed it
)

// Assertion says what must be possible or impossible for whom.
type Assertion struct {
	Claim   Claim
	Who     []string // ARNs with wildcards, accounts, {account}, service:NAME, org:o-…, anyone
	Actions []string
	When    map[string][]string // values of condition keys; unused by Only
}

// Assert asks whether a policy is as an assertion says. The error names what in
// the assertion is not understood.
func Assert(a *Assertion, p *document.Policy, k facts.Key) (decide.Proof, error) {
	actions, err := a.actions()
	if err != nil {
		return decide.Proof{}, err
	}
	var who []decide.Statement
	for _, text := range a.Who {
		st, err := Who(text, k)
		if err != nil {
			return decide.Proof{}, err
		}
		who = append(who, st)
	}
	for key := range a.When {
		switch strings.ToLower(key) {
		case "aws:principalarn", "aws:principalaccount", "kms:calleraccount", "aws:username":
			return decide.Proof{}, fmt.Errorf("%s says who calls: write it under who", key)
		}
	}
	switch {
	case len(who) == 0:
		return decide.Proof{}, fmt.Errorf("an assertion without who: say whom it is about, such as {account} or anyone")
	case p == nil || p.Opaque():
		return unreadable("the policy"), nil
	}
	s := decide.NewSpace(Facts(k))
	policy := s.Compile(Policy(p))
	q := decide.Question{Actions: actions, Context: a.When, Callers: decide.IAMAllows}
	switch a.Claim {
	case Only:
		q.Allowed, q.Refused = []*decide.Compiled{policy}, []*decide.Compiled{s.Compile(&decide.Policy{Statements: who})}
		return s.Ask(&q), nil
	case Cannot:
		q.Allowed = []*decide.Compiled{s.Compile(&decide.Policy{Statements: who}), policy}
		return s.Ask(&q), nil
	}
	q.Refused, q.Closed = []*decide.Compiled{policy}, true
	return can(s, &q, who, k), nil
}

// can asks for each of who by itself: who is named must be allowed by name in the
// key's own account, since nothing is known of IAM; an account as a whole cannot.
func can(s *decide.Space, q *decide.Question, who []decide.Statement, k facts.Key) decide.Proof {
	worst := decide.Proof{Verdict: decide.Proven}
	for _, st := range who {
		q.Allowed = []*decide.Compiled{s.Compile(&decide.Policy{Statements: []decide.Statement{st}})}
		q.Callers = decide.IAMAllows
		p := s.Ask(q)
		if account := awsid.AccountOf(st.Principals[0].Text); p.Verdict == decide.Proven && account != "" && (k.Account == "" || account == k.Account) {
			if q.Callers = decide.IAMSilent; s.Ask(q).Verdict != decide.Proven {
				p = decide.Proof{Verdict: decide.Undecided, Reason: "the policy names the account and not " + st.Principals[0].Text + ", so it depends on IAM"}
			}
		}
		if p.Verdict == decide.Refuted {
			return p
		}
		if p.Verdict == decide.Undecided {
			worst = p
		}
	}
	return worst
}

func (a *Assertion) actions() (catalog.Set, error) {
	var all catalog.Set
	for _, text := range a.Actions {
		set, _ := catalog.Match(text)
		if set &^= catalog.Ineffective; set == 0 {
			return 0, fmt.Errorf("the action %q is none that a key policy governs: write one such as kms:Decrypt", text)
		}
		all |= set
	}
	if all == 0 {
		return 0, fmt.Errorf("an assertion without actions: say what it is about, such as kms:Decrypt or kms:*")
	}
	return all, nil
}

// Who writes a set of callers as a statement that allows them everything.
func Who(text string, k facts.Key) (decide.Statement, error) {
	st := decide.Statement{Actions: catalog.All, Resources: []string{"*"}, Principals: []decide.Principal{{Kind: decide.AWS, Text: "*"}}}
	when := func(operator, key string, values ...string) (decide.Statement, error) {
		st.Conditions = []decide.Condition{{Operator: operator, Key: key, Values: values}}
		return st, nil
	}
	service, isService := strings.CutPrefix(text, "service:")
	org, isOrg := strings.CutPrefix(text, "org:")
	switch {
	case text == "anyone":
		return st, nil
	case text == "{account}" && k.Account == "":
		st.Unknown = "the account of the key is not known"
		return st, nil
	case text == "{account}":
		return when("StringEquals", "aws:PrincipalAccount", k.Account)
	case awsid.IsAccount(text):
		return when("StringEquals", "aws:PrincipalAccount", text)
	case isOrg && strings.HasPrefix(org, "o-"):
		return when("StringEquals", "aws:PrincipalOrgID", org)
	case isService && strings.ContainsAny(service, "*?"):
		return when("StringLike", "aws:PrincipalServiceName", service)
	case isService && service != "":
		st.Principals[0] = decide.Principal{Kind: decide.Service, Text: service}
		return st, nil
	}
	return whoByARN(text, k, st)
}

// whoByARN reads an ARN. One without wildcards names a principal; a pattern, and
// the root, are compared with aws:PrincipalArn.
func whoByARN(text string, k facts.Key, st decide.Statement) (decide.Statement, error) {
	text = strings.ReplaceAll(text, "{account}", k.Account)
	parts := strings.SplitN(text, ":", 6)
	switch {
	case len(parts) < 6 || parts[0] != "arn" || parts[2] != "iam" && parts[2] != "sts":
		return st, fmt.Errorf("%q is not understood: write an ARN of IAM, an account, {account}, service:NAME, org:o-…, or anyone", text)
	case !strings.ContainsAny(text, "*?") && !awsid.IsAccount(parts[4]):
		return st, fmt.Errorf("the ARN %q has no account of 12 digits", text)
	case parts[2] == "sts" && strings.ContainsAny(text, "*?"):
		return st, fmt.Errorf("%q has a wildcard in a session: write the role, arn:aws:iam::…:role/…, which means all its sessions", text)
	case !strings.ContainsAny(text, "*?") && parts[5] != "root":
		if form, _ := document.AWSForm(text); form != document.RoleForm && form != document.UserForm && form != document.AssumedRole && form != document.FederatedUser {
			return st, fmt.Errorf("%q is no role, user or session", text)
		}
		st.Principals[0].Text = text
		return st, nil
	}
	st.Conditions = []decide.Condition{{Operator: "ArnLike", Key: "aws:PrincipalArn", Values: []string{text}}}
	return st, nil
}
