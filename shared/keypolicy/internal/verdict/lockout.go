package verdict

import (
	"slices"
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/awsid"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/decide"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/phrase"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/rule"
)

// lockout checks that the subjects that must keep the key keep it.
func (c *checker) lockout() {
	if !c.o.RootOptional {
		c.rootKeeps()
	} else if c.rootNever() {
		c.Value(&rule.NoAccountStatement, c.p.StatementsAt, "The policy never allows kms:PutKeyPolicy to the account root. Once the named principals are deleted, nobody can change this policy. Allow kms:* to the account root.")
	}
	for _, pattern := range c.o.BreakGlass {
		c.breakGlassKeeps(pattern)
	}
	if c.o.RootOptional && c.o.Writer != "" {
		w := newSubject(c.o.Writer, &rule.WriterLockout)
		c.keeps(w, catalog.PutKeyPolicy)
		c.keeps(w, catalog.GetKeyPolicy)
	}
}

func (c *checker) rootKeeps() {
	if account := c.o.Key.Account; account != "" {
		c.keeps(c.root(account), catalog.PutKeyPolicy)
		return
	}
	accounts := rootAccounts(c.p)
	for _, a := range accounts {
		k := c.o.Key
		k.Account = a
		if q := (questions{p: c.p, key: k, budget: c.budget}); q.keeps(c.root(a), catalog.PutKeyPolicy).Verdict == decide.Proven {
			c.Value(&rule.LockoutUnknown, c.p.StatementsAt, "The key's account is not known here. The root of account "+a+" keeps kms:PutKeyPolicy; it was not checked whether that is the key's account. Name the key's account.")
			return
		}
	}
	who := c.root(append(accounts, someAccount)[0])
	who.invented = len(accounts) == 0
	c.keeps(who, catalog.PutKeyPolicy)
}

// someAccount stands for the key's where it is not known and no root is named.
const someAccount = "111122223333"

// rootNever reports whether it is proven that the root user has no request for another
// policy allowed.
func (c *checker) rootNever() bool {
	k := c.o.Key
	if k.Account == "" {
		k.Account = append(rootAccounts(c.p), someAccount)[0]
	}
	q := questions{p: c.p, key: k, budget: c.budget}
	return q.ask([]*decide.Policy{q.requests(c.root(k.Account)), q.whole()}, nil, catalog.PutKeyPolicy, decide.IAMAllows).Verdict == decide.Proven
}

func (c *checker) root(account string) subject {
	return newSubject(awsid.RootARN(c.o.Key.PartitionName(), account), &rule.RootLockout)
}

// rootAccounts lists the accounts whose root an Allow names.
func rootAccounts(p *document.Policy) []string {
	var accounts []string
	for i := range p.Statements {
		s := &p.Statements[i]
		if s.Effect != document.Allow || s.NotPrincipal {
			continue
		}
		for _, q := range s.Principals {
			if q.WholeAccount() && (len(accounts) == 0 || accounts[len(accounts)-1] != q.Account) && len(accounts) < 16 {
				accounts = append(accounts, q.Account)
			}
		}
	}
	return accounts
}

func (c *checker) breakGlassKeeps(pattern string) {
	if strings.Contains(pattern, "{account}") && c.o.Key.Account == "" {
		c.Value(&rule.LockoutUnknown, c.p.StatementsAt, "The key's account is not known here, so it was not checked whether "+phrase.Quote(pattern)+" keeps kms:PutKeyPolicy. Name the key's account.")
		return
	}
	arn := c.named(pattern)
	s := newSubject(arn, &rule.BreakGlassLockout)
	if c.o.Key.Account != "" && s.account != "" && s.account != c.o.Key.Account {
		c.Value(s.rule, c.p.StatementsAt, "The break-glass principal "+arn+" is not of the key's account "+c.o.Key.Account+". KMS accepts kms:PutKeyPolicy from the key's own account only, so this principal can never repair the key. Declare it with {account} in place of the number.")
		return
	}
	c.keeps(s, catalog.PutKeyPolicy)
}

// keeps reports it where it is not proven that every plain request of the subject
// for the action is allowed.
func (c *checker) keeps(who subject, act catalog.Set) {
	k := c.o.Key
	if k.Account == "" {
		k.Account = who.account
	}
	q := &c.questions
	if k != q.key {
		q = &questions{p: c.p, key: k, budget: c.budget}
	}
	proof := q.keeps(who, act)
	if proof.Verdict == decide.Proven {
		return
	}
	node, message := q.loss(who, act)
	if proof.Verdict == decide.Undecided {
		message += " What is not decided: " + proof.Reason + "."
	}
	if who.invented {
		proof.Witness = nil // its account is nobody's
	}
	c.Witnessed(who.rule, node, message, proof.Witness)
}

// loss says where it is decided that a subject may not have the action, and what
// to write. A Deny that certainly hits the subject comes before one that may.
func (q *questions) loss(who subject, act catalog.Set) (node int32, message string) {
	const remedy = " Name other principals in the Deny, remove the action from it, or exclude the principal with an ArnNotEquals condition on aws:PrincipalArn."
	name := act.First().Name
	perhaps := (*document.Statement)(nil)
	for i := range q.p.Statements {
		d := &q.p.Statements[i]
		if d.Effect != document.Deny || d.Acts&act == 0 {
			continue
		}
		switch q.spares(d, who, act) {
		case decide.Refuted:
			return d.Node, "This Deny can take " + name + " from " + who.describe() + "." + remedy
		case decide.Undecided:
			if perhaps == nil {
				perhaps = d
			}
		}
	}
	if perhaps != nil {
		return perhaps.Node, "It is not proven that this Deny leaves " + name + " to " + who.describe() + "." + remedy
	}
	message = "No statement allows " + name + " to " + who.describe() + " without a condition"
	if who.form == document.RootForm {
		return q.p.StatementsAt, message + ", so the key could become impossible to repair. Add {\"Effect\": \"Allow\", \"Principal\": {\"AWS\": \"" + who.shownARN() + "\"}, \"Action\": \"kms:*\", \"Resource\": \"*\"}."
	}
	return q.p.StatementsAt, message + " and by its own ARN (permission through the account root does not count, because IAM policies are not visible here). Add it to a statement that allows " + name + "."
}

// spares asks whether a Deny leaves the action to the subject in every request.
func (q *questions) spares(d *document.Statement, who subject, act catalog.Set) decide.Verdict {
	deny := q.statement(d)
	for i := range deny {
		who.find(&deny[i])
	}
	return q.ask([]*decide.Policy{q.requests(who)}, []*decide.Policy{q.refusing(deny...)}, act, who.callers()).Verdict
}

// certainlyKeeps answers without a search where an Allow without a condition
// names the subject and no Deny is about the action.
func (q *questions) certainlyKeeps(who subject, act catalog.Set) bool {
	held := false
	for i := range q.p.Statements {
		s := &q.p.Statements[i]
		switch {
		case s.Acts&act == 0:
		case s.Effect == document.Deny:
			return false // perhaps about the subject
		case !held:
			held = !s.NotPrincipal && !s.NotAction && !s.NotResource && s.Conditionless() && isKey(s) && who.named(s)
		}
	}
	return held
}

// isKey reports whether a statement's Resource is this key, whatever is known of it.
func isKey(s *document.Statement) bool {
	return slices.ContainsFunc(s.Resources, func(r document.Item) bool { return r.Text == "*" })
}
