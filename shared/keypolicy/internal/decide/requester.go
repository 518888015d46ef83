package decide

import (
	"slices"
	"strings"
)

// What a request says of its caller, and of the way that it came, belongs together.
//
// Source: IAM User Guide, "IAM policy elements: Variables and tags", table "Request
// information that you can use for policy variables"; "IAM identifiers", under "Unique
// identifiers"; "AWS global condition context keys", under Availability.

// name is one character or more, and no colon.
var name = []elem{{one, ':'}, {many, ':'}}

// idOf is the aws:userid of a caller whose ARN tells it, "" for others.
func (k kind) idOf(arn string) string {
	switch account := accountPart.part(arn); {
	case arn == "":
	case k == rootUser:
		return account
	case k == federatedUser:
		return account + ":" + namePart.part(arn)
	}
	return ""
}

// idShape is what the aws:userid of a class looks like.
func (c *caller) idShape() []elem {
	account := slices.Repeat([]elem{{digit, 0}}, accountDigits)
	if c.account != "" {
		account = literals(c.account)
	}
	switch c.kind {
	case rootUser:
		return account
	case user:
		return slices.Concat(literals("AIDA"), name)
	case federatedUser:
		return slices.Concat(account, literals(":"), name)
	case role:
		if c.shown != "" { // a session that is named
			return slices.Concat(literals("AROA"), name, literals(":"+namePart.part(c.shown)))
		}
		return slices.Concat(literals("AROA"), name, literals(":"), name)
	}
	return []elem{{one, 0}, {many, 0}}
}

// likelyID is an aws:userid that looks as real ones do.
func (c *caller) likelyID() string {
	account := c.account
	if account == "" {
		account = "999999999999"
	}
	switch {
	case c.kind == rootUser:
		return account
	case c.kind == federatedUser:
		return account + ":a"
	case c.shown != "":
		return "AROA0000000000000000:" + namePart.part(c.shown)
	case c.kind == role:
		return "AROA0000000000000000:session"
	}
	return "AIDA0000000000000000"
}

// alignID makes the ARN and the aws:userid of a caller that is not named agree, where
// the one tells the other.
func (q *query) alignID(r *request) bool {
	ids, arns := q.valuesOf(r, "aws:userid"), r.values[identityVariable]
	if len(ids) == 0 || len(arns) == 0 {
		return true
	}
	id := q.who.kind.idOf(arns[0])
	if id == "" || id == ids[0] || q.offer(r, "aws:userid", []string{id}) {
		return true
	}
	account, called, _ := strings.Cut(ids[0], ":")
	parts := strings.SplitN(arns[0], ":", 6)
	parts[4] = account
	if called != "" {
		parts[5] = "federated-user/" + called
	}
	arn := strings.Join(parts, ":")
	return !q.others(q.who).holds(arn) && q.offerTo(r, identityVariable, []string{arn})
}

// alignChain makes the list of the services between and its ends agree.
func (q *query) alignChain(r *request) bool {
	list, first, last := q.valuesOf(r, "aws:calledvia"), q.valuesOf(r, "aws:calledviafirst"), q.valuesOf(r, "aws:calledvialast")
	if len(list) == 0 || len(first) == 0 || len(last) == 0 {
		return true
	}
	if !slices.Contains(list, first[0]) && q.offer(r, "aws:calledviafirst", list[:1]) {
		first = list[:1]
	}
	if !slices.Contains(list, last[0]) && q.offer(r, "aws:calledvialast", list[len(list)-1:]) {
		last = list[len(list)-1:]
	}
	inside := slices.Contains(list, first[0]) && slices.Contains(list, last[0])
	return inside || q.offer(r, "aws:calledvia", slices.Compact(slices.Concat(first, list, last)))
}

// onBehalf notes that a request which names the service that makes it for somebody is
// one that a service makes for somebody.
func (q *query) onBehalf(v int32) {
	if via, known := q.space.variableIDs["aws:viaawsservice"]; known && q.isMentionedNow(via) {
		q.note(link{clause: []lit{q.present(v), q.valued(via, truth, "true").not()}, signed: true})
	}
}

// notFromInternet notes that a request through a VPC endpoint has no aws:SourceIp.
func (q *query) notFromInternet(vpc int32) {
	if ip, known := q.space.variableIDs["aws:sourceip"]; known && q.isMentionedNow(ip) {
		q.never(q.present(ip), q.present(vpc))
	}
}
