package decide

import (
	"slices"
	"strings"
)

// link is something that is so of every request which can have all the keys that it
// is about: one of its literals is false.
type link struct {
	clause    []lit
	variables []int32
	signed    bool // it is about principals with credentials only
}

// companions are keys that AWS puts into a request together: the first never without
// the second.
//
// Source: IAM User Guide, "AWS global condition context keys", under Availability.
var companions = [...][2]string{
	{"aws:calledvia", "aws:calledviafirst"}, {"aws:calledviafirst", "aws:calledvialast"}, {"aws:calledvialast", "aws:calledvia"},
	{"aws:sourcevpc", "aws:sourcevpce"}, {"aws:sourcevpce", "aws:sourcevpc"}, {"aws:vpcsourceip", "aws:sourcevpc"},
	{"aws:sourcevpcarn", "aws:sourcevpc"}, {"aws:vpceaccount", "aws:sourcevpce"}, {"aws:vpceorgid", "aws:vpceaccount"},
	{"aws:principalorgid", "aws:principalorgpaths"}, {"aws:principalorgpaths", "aws:principalorgid"},
	{"aws:sourceorgid", "aws:sourceorgpaths"}, {"aws:sourceorgpaths", "aws:sourceorgid"},
	{"aws:vpceorgid", "aws:vpceorgpaths"}, {"aws:vpceorgpaths", "aws:vpceorgid"},
}

// pathsOf are the keys for the places in an organization, by the key for its id.
var pathsOf = map[string]string{
	"aws:principalorgid": "aws:principalorgpaths", "aws:sourceorgid": "aws:sourceorgpaths", "aws:vpceorgid": "aws:vpceorgpaths",
}

// listOf are keys that hold the names of others, by the beginning of those.
var listOf = map[string]string{"kms:encryptioncontext:": "kms:encryptioncontextkeys", "aws:requesttag/": "aws:tagkeys"}

// linkKeys notes what the keys that statements test have to do with each other and
// with keys that come with them, which count as mentioned from then on.
func (q *query) linkKeys() {
	if q.question.Closed {
		return // the request has no other keys
	}
	for i := 0; i < len(q.mentioned); i++ { // some are added meanwhile
		v := q.mentioned[i]
		lower := q.space.variables[v].lower
		for _, c := range companions {
			if c[0] == lower {
				q.together(q.present(v), q.present(q.companion(c[1])))
			}
		}
		if list, of := listOf[familyOf(lower)]; of {
			q.listed(v, q.companion(list))
		}
		switch lower {
		case "aws:multifactorauthage", "aws:multifactorauthpresent":
			// The age is there where the caller has used a second factor.
			age, is := q.present(q.companion("aws:multifactorauthage")), q.valued(q.companion("aws:multifactorauthpresent"), truth, "true")
			q.together(age, is)
			q.together(is, age)
		case "aws:calledvia", "kms:viaservice":
			q.onBehalf(v)
		case "aws:sourcevpc":
			q.notFromInternet(v)
		case "aws:sourcearn":
			q.linkSource(v)
		case "aws:principalorgid", "aws:sourceorgid", "aws:vpceorgid":
			q.placed(v, q.companion(pathsOf[lower]))
			q.ofOwnOrg(v, accountsOf[lower])
		}
	}
}

// familyOf is the part of a key before the name that belongs to it, "" for others.
func familyOf(lower string) string {
	for prefix := range listOf {
		if strings.HasPrefix(lower, prefix) {
			return prefix
		}
	}
	return ""
}

// companion returns the number of a key that comes with another one.
func (q *query) companion(lower string) int32 {
	v := q.space.ownVariable(lower)
	x := &q.space.variables[v]
	if x.key != nil {
		x.show(x.key.Name, whole)
	}
	q.restrict(x.actions)
	q.identities = q.identities || x.tellsKinds()
	q.mention(v)
	return v
}

func (q *query) present(v int32) lit {
	return q.space.test(testKey{key: v, language: q.space.anything()})
}

// valued is a test for values of a key.
func (q *query) valued(v int32, rel relation, values ...string) lit {
	return q.space.test(testKey{key: v, language: q.space.language(operator{relation: rel}, q.space.variables[v].lower, values, false)})
}

// together notes that where the one holds, the other does.
func (q *query) together(one, other lit) { q.never(one, other.not()) }

// never notes that some literals do not hold together.
func (q *query) never(clause ...lit) { q.note(link{clause: clause}) }

func (q *query) note(l link) {
	for _, c := range l.clause {
		l.variables = append(l.variables, q.space.tests[c.test()].key)
	}
	if !slices.ContainsFunc(q.links, func(k link) bool { return slices.Equal(k.clause, l.clause) }) {
		q.links = append(q.links, l)
	}
}

// listed notes that a key is there where its name is in the list of names.
func (q *query) listed(v, list int32) {
	lower := q.space.variables[v].lower
	inList := q.valued(list, equalFold, lower[len(familyOf(lower)):])
	q.together(q.present(v), inList)
	q.together(inList, q.present(v))
}

// placed notes that the places of somebody are in the organization that the other key
// names. What a list of places says of the organization is read from the texts before
// their first slash.
func (q *query) placed(id, paths int32) {
	there := q.present(paths)
	for _, t := range slices.Clone(q.space.variables[paths].tests) {
		x := q.space.tests[t]
		l := q.space.languages[x.language]
		if l.family != text || len(l.unsure)+len(l.open) > 0 {
			continue
		}
		if orgs, all := l.organizations(false); all {
			q.never(litOf(t, false), there, q.valued(id, equal, orgs...).not())
		}
		if orgs, _ := l.organizations(true); len(orgs) > 0 {
			q.never(litOf(t, true), there, q.valued(id, equal, orgs...))
		}
	}
}

// organizations lists those whose places the patterns match, or those of which they
// match every place. It is false where some pattern does not name its organization.
func (l *language) organizations(whole bool) (orgs []string, all bool) {
	all = len(l.patterns) > 0
	for i := range l.patterns {
		elems := l.patterns[i].elements()
		slash := slices.Index(elems, elem{literal, '/'})
		named := slash > 0 && !slices.ContainsFunc(elems[:slash], func(e elem) bool { return e.kind != literal })
		switch {
		case !named:
			all = false
		case !whole || slash+2 == len(elems) && elems[slash+1] == elem{many, 0}:
			var b strings.Builder
			for _, e := range elems[:slash] {
				b.WriteRune(e.r)
			}
			orgs = append(orgs, b.String())
		}
	}
	return orgs, all
}

// linked adds the links that may not be so of the class and the actions that are
// looked at. It is false where no request can be.
func (q *query) linked() bool {
	for _, l := range q.links {
		if !q.counts(l) {
			continue
		}
		start, satisfied := len(q.lits), false
		for _, c := range l.clause {
			satisfied = satisfied || !q.keep(c)
		}
		switch rest := q.lits[start:len(q.lits):len(q.lits)]; {
		case satisfied:
			q.lits = q.lits[:start]
		case len(rest) == 0:
			return false
		default:
			q.clauses = append(q.clauses, rest)
		}
	}
	return true
}

// counts reports whether a link is so of the class and the actions that are looked at.
func (q *query) counts(l link) bool {
	return !(l.signed && q.who.kind >= service) && !slices.ContainsFunc(l.variables, q.apart)
}

// apart reports whether nothing is said of a key: requests of the action do not carry
// it, the question gives it, or what it is depends on something unknown.
func (q *query) apart(v int32) bool {
	x := &q.space.variables[v]
	return !x.carries(q.actions) || q.context[x.lower] != nil || q.domainNow(v).unknown != ""
}

// align makes the values of keys that hold parts of each other agree. It is false
// where what was decided of each does not let them.
func (q *query) align(r *request) bool {
	agree := true
	for id, paths := range pathsOf {
		agree = q.alignPlaces(r, id, paths) && agree
	}
	agree = q.alignChain(r) && q.alignID(r) && q.alignSource(r) && agree
	for prefix, keys := range listOf {
		for _, name := range q.valuesOf(r, keys) {
			if lower := prefix + strings.ToLower(name); len(q.valuesOf(r, lower)) == 0 {
				if v, known := q.space.variableIDs[lower]; !known || !q.isMentionedNow(v) {
					r.beside = append(r.beside, q.shownPrefix(prefix)+name)
				}
			}
		}
	}
	return agree && !slices.ContainsFunc(q.links, func(l link) bool {
		return q.counts(l) && q.any([]claim{{l.clause}}, r) == 1
	})
}

func (q *query) isMentionedNow(v int32) bool { return int(v) < len(q.isMentioned) && q.isMentioned[v] }

// shownPrefix is the beginning of a key as AWS writes it.
func (q *query) shownPrefix(prefix string) string {
	if prefix == "aws:requesttag/" {
		return "aws:RequestTag/"
	}
	return "kms:EncryptionContext:"
}

// valuesOf are the values that a request has of a key.
func (q *query) valuesOf(r *request, lower string) []string {
	if v, known := q.space.variableIDs[lower]; known {
		return r.values[v]
	}
	return nil
}

// alignPlaces moves the places into the organization, or makes the organization that
// of the places.
func (q *query) alignPlaces(r *request, id, paths string) bool {
	orgs, places := q.valuesOf(r, id), q.valuesOf(r, paths)
	if len(orgs) == 0 || len(places) == 0 || !slices.ContainsFunc(places, func(p string) bool { return !strings.HasPrefix(p, orgs[0]+"/") }) {
		return true
	}
	moved := make([]string, len(places))
	for i, p := range places {
		_, rest, _ := strings.Cut(p, "/")
		moved[i] = orgs[0] + "/" + rest
	}
	usual := orgs[0] + "/r-0000/"
	org, _, _ := strings.Cut(places[0], "/")
	return q.offer(r, paths, moved) || q.offer(r, paths, []string{usual}) || q.offer(r, id, []string{org})
}

// offer gives a key other values where they are as was decided of it.
func (q *query) offer(r *request, lower string, values []string) bool {
	return q.offerTo(r, q.space.variableIDs[lower], values)
}

func (q *query) offerTo(r *request, v int32, values []string) bool {
	if q.domainNow(v).state == fixed {
		return false
	}
	for _, l := range q.chosen[v] {
		if (q.fixedTruth(&q.space.tests[l.test()], values) < 0) != l.negated() {
			return false
		}
	}
	r.values[v] = values
	return true
}
