package decide

import (
	"slices"
	"strings"
)

// What a request of a service says of the resource that it acts for belongs together:
// the account in aws:SourceArn is aws:SourceAccount, and the organization of that
// account is aws:SourceOrgID. The owner of a VPC endpoint is named likewise.
//
// Source: IAM User Guide, "AWS global condition context keys", under Availability, and
// "The confused deputy problem"; KMS Developer Guide, "Resource control policies".

// accountsOf are the keys for the account, by the key for its organization.
var accountsOf = map[string]string{"aws:sourceorgid": "aws:sourceaccount", "aws:vpceorgid": "aws:vpceaccount"}

// ofOwnOrg notes that the key's own account is in its organization, where a question
// tests both.
func (q *query) ofOwnOrg(org int32, account string) {
	v, known := q.space.variableIDs[account]
	if f := &q.space.facts; known && q.isMentionedNow(v) && f.Account != "" && f.Org != "" {
		q.never(q.valued(v, equal, f.Account), q.valued(org, equal, f.Org).not())
	}
}

// linkSource notes what the ARN of a resource says of its account and organization.
func (q *query) linkSource(arn int32) {
	own, org := q.space.facts.Account, q.space.facts.Org
	inOwn := func() lit { return q.valued(arn, arnLike, "arn:*:*:*:"+own+":*") }
	if v, known := q.space.variableIDs["aws:sourceorgid"]; known && q.isMentionedNow(v) && own != "" && org != "" {
		q.never(inOwn(), q.valued(v, equal, org).not())
	}
	account, known := q.space.variableIDs["aws:sourceaccount"]
	if !known || !q.isMentionedNow(account) {
		return
	}
	if own != "" {
		q.never(inOwn(), q.present(account), q.valued(account, equal, own).not())
	}
	there := q.present(arn)
	for _, t := range slices.Clone(q.space.variables[arn].tests) {
		if accounts := q.space.languages[q.space.tests[t].language].accounts(); len(accounts) > 0 {
			q.never(litOf(t, false), there, q.present(account), q.valued(account, equal, accounts...).not())
		}
	}
}

// accounts lists the accounts of the ARNs that the patterns match; nil where some
// pattern does not name its account.
func (l *language) accounts() []string {
	if l.family != text || len(l.unsure)+len(l.open) > 0 {
		return nil
	}
	var out []string
	for i := range l.patterns {
		account := accountIn(l.patterns[i].elements())
		if account == "" {
			return nil
		}
		out = append(out, account)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// accountIn is the account that a pattern for an ARN names, "" for none.
func accountIn(elems []elem) string {
	var b strings.Builder
	colons := 0
	for _, e := range elems {
		switch {
		case e.kind == literal && e.r == ':':
			if colons++; colons > 4 && isAccount(b.String()) {
				return b.String()
			}
		case colons == 4 && (e.kind == literal || e.kind == either):
			b.WriteRune(e.r)
		case colons == 4, (e.kind == one || e.kind == many) && e.r != ':':
			return "" // the wildcard may reach over the colons
		}
	}
	return ""
}

// alignSource makes the account in the ARN and the one beside it agree.
func (q *query) alignSource(r *request) bool {
	arns, accounts := q.valuesOf(r, "aws:sourcearn"), q.valuesOf(r, "aws:sourceaccount")
	if len(arns) == 0 || len(accounts) == 0 {
		return true
	}
	parts := strings.SplitN(arns[0], ":", 6)
	if len(parts) < 6 || !isAccount(parts[4]) || parts[4] == accounts[0] || q.offer(r, "aws:sourceaccount", []string{parts[4]}) {
		return true
	}
	parts[4] = accounts[0]
	return q.offer(r, "aws:sourcearn", []string{strings.Join(parts, ":")})
}
