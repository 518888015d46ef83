package decide

import (
	"slices"
	"strings"
)

// kind is what a caller is.
type kind uint8

const (
	rootUser kind = iota
	user
	role // a session of one
	federatedUser
	service
	nobodyKnown // a request without credentials
)

// typeName is the caller's aws:PrincipalType.
func (k kind) typeName() string {
	return [...]string{"Account", "User", "AssumedRole", "FederatedUser", "", "Anonymous"}[k]
}

// caller is a class of principals that the statements do not tell apart but by
// conditions: one that is named, or all others of a kind of one account, or of
// the accounts that are not named.
type caller struct {
	kind    kind
	account string // "" for those of accounts that are not named, and for services
	own     bool   // perhaps of the key's account
	arn     string // aws:PrincipalArn, "" where there are several
	shown   string // how a witness is called, where it is not by that ARN
	service string
	role    string  // the role's name, where only the session is named
	entries []int32 // what a statement may call it by, but for its account
	home    int32   // what a statement may call its account by; none where none does
}

const none = -1

// callers lists the classes that matter for the statements of a question, the
// plainest first.
func (q *query) callers() []caller {
	var out []caller
	named := q.namedEntries()
	for _, e := range named {
		out = q.namedCaller(out, e, named)
	}
	for _, account := range q.accounts(named) {
		out = append(out, q.membersOf(account)...)
	}
	out = append(out, caller{kind: service, home: none}, caller{kind: nobodyKnown, home: none})
	const perCaller = 20
	q.spend(perCaller * len(out))
	return out
}

// namedEntries lists the principals that the question's statements name.
func (q *query) namedEntries() []int32 {
	var out []int32
	seen := make([]bool, len(q.space.principals))
	for _, p := range q.policies {
		for i := range p.statements {
			for _, e := range p.statements[i].entries {
				if !seen[e] {
					seen[e] = true
					out = append(out, e)
				}
			}
		}
	}
	return out
}

// accounts lists the accounts that are named, the key's own one included, and
// "" for all others.
func (q *query) accounts(named []int32) []string {
	var out []string
	seen := map[string]bool{}
	note := func(account string) {
		if account != "" && !seen[account] {
			seen[account] = true
			out = append(out, account)
		}
	}
	note(q.space.facts.Account)
	for _, e := range named {
		note(q.space.principals[e].account)
	}
	return append(out, "")
}

func (q *query) namedCaller(out []caller, e int32, named []int32) []caller {
	id := &q.space.principals[e]
	c := caller{account: id.account, arn: id.arn, entries: []int32{e}, home: q.home(id.account), own: q.mayOwn(id.account)}
	switch id.form {
	case formRole:
		c.kind = role
	case formUser:
		c.kind = user
	case formFederated:
		c.kind = federatedUser
	case formService:
		return append(out, caller{kind: service, service: id.arn, entries: []int32{e}, home: none})
	case formSession:
		return q.sessions(out, e, named)
	default:
		return out
	}
	return append(out, c)
}

// sessions returns the class of a session that is named. Its role is the one of
// that name that is named elsewhere; otherwise the role's path is not known.
func (q *query) sessions(out []caller, e int32, named []int32) []caller {
	id := &q.space.principals[e]
	c := caller{kind: role, account: id.account, shown: id.arn, entries: []int32{e}, home: q.home(id.account), own: q.mayOwn(id.account)}
	found := false
	for _, r := range named {
		if other := &q.space.principals[r]; other.form == formRole && other.account == id.account && other.role == id.role {
			of := c
			of.arn, of.entries = other.arn, []int32{e, r}
			out, found = append(out, of), true
		}
	}
	if !found {
		c.role = id.role
		out = append(out, c)
	}
	return out
}

// membersOf returns the classes of an account's principals that are not named.
func (q *query) membersOf(account string) []caller {
	c := caller{account: account, home: q.home(account), own: q.mayOwn(account)}
	kinds := []kind{rootUser, user, role, federatedUser}
	if !q.identities {
		kinds = kinds[:1]
		if c.own {
			kinds = []kind{rootUser, user}
		}
	}
	out := make([]caller, 0, len(kinds))
	for _, k := range kinds {
		c.kind, c.arn = k, ""
		if k == rootUser && account != "" {
			c.arn = "arn:" + q.space.facts.partition() + ":iam::" + account + ":root"
		}
		out = append(out, c)
	}
	return out
}

// mayOwn reports whether an account is, or may be, the key's.
func (q *query) mayOwn(account string) bool {
	own := q.space.facts.Account
	return own == "" || account == own
}

// home returns the entry by which statements call an account.
func (q *query) home(account string) int32 {
	if e, ok := q.space.entryIDs[account]; ok && account != "" {
		return e
	}
	return none
}

// shapes are what the ARNs of a class with several look like. Of a service, or
// nobody, only the account in it counts.
func (q *query) shapes(c *caller) [][]elem {
	head := literals("arn:" + q.space.facts.partition() + map[bool]string{true: ":sts::", false: ":iam::"}[c.kind == federatedUser])
	if c.account != "" {
		head = append(head, literals(c.account)...)
	} else {
		head = append(head, slices.Repeat([]elem{{digit, 0}}, accountDigits)...)
	}
	then := func(parts ...[]elem) []elem { return slices.Concat(append([][]elem{head}, parts...)...) }
	name := []elem{{one, ':'}, {many, ':'}}
	switch {
	case c.kind == rootUser, c.kind >= service:
		return [][]elem{then(literals(":root"))}
	case c.kind == user:
		return [][]elem{then(literals(":user/"), name)}
	case c.kind == federatedUser:
		return [][]elem{then(literals(":federated-user/"), name)}
	case c.role != "": // its path is not known
		return [][]elem{then(literals(":role/" + c.role)), then(literals(":role/"), name, literals("/"+c.role))}
	}
	return [][]elem{then(literals(":role/"), name)}
}

// otherServices are the names of services that are not named.
func (q *query) otherServices() ([][]elem, *trie) {
	t := &trie{}
	for _, e := range q.named {
		if id := &q.space.principals[e]; id.form == formService {
			t.add(id.arn, false)
		}
	}
	return [][]elem{append([]elem{{one, 0}, {many, 0}}, literals(".amazonaws.com")...)}, t
}

// others returns the ARNs that a class leaves to the classes that are named.
func (q *query) others(c *caller) *trie {
	t := &trie{}
	if c.shown != "" || c.kind >= service {
		return t
	}
	if own := q.space.facts.Account; c.account == "" {
		q.refuseAccount(t, c, own)
	}
	q.spend(len(q.named))
	for _, e := range q.named {
		switch id := &q.space.principals[e]; {
		case c.account == "":
			q.refuseAccount(t, c, id.account)
		case id.account == c.account && id.form != formAccount && id.form != formSession:
			t.add(id.arn, false)
		}
	}
	return t
}

func (q *query) refuseAccount(t *trie, c *caller, account string) {
	if account != "" {
		t.add("arn:"+q.space.facts.partition()+map[bool]string{true: ":sts::", false: ":iam::"}[c.kind == federatedUser]+account+":", true)
	}
}

// shows reports whether requests of a caller can have a part of its ARN.
func (c *caller) shows(v view) bool {
	switch v {
	case namePart:
		return c.kind == user
	case whole:
		return c.kind < service
	}
	return true
}

// part returns what a view shows of a caller's ARN.
func (v view) part(arn string) string {
	switch v {
	case accountPart:
		if fields := strings.SplitN(arn, ":", 6); len(fields) == 6 {
			return fields[4]
		}
	case namePart:
		return arn[strings.LastIndexByte(arn, '/')+1:]
	}
	return arn
}

// through returns a pattern for ARNs of which a pattern for a part is given.
func (v view) through(elems []elem) ([]elem, bool) {
	separator := map[view]rune{accountPart: ':', namePart: '/'}[v]
	if v == whole {
		return elems, true
	}
	inner := slices.Clone(elems)
	for i, e := range inner {
		switch {
		case e.kind == literal && e.r == separator:
			return nil, false // the part never holds it
		case e.kind == one || e.kind == many:
			inner[i].r = separator
		}
	}
	if v == namePart {
		return append([]elem{{many, 0}, {literal, '/'}}, inner...), true
	}
	var out []elem
	for range 4 {
		out = append(out, elem{many, ':'}, elem{literal, ':'})
	}
	out = append(out, inner...)
	return append(out, elem{literal, ':'}, elem{many, 0}), true
}
