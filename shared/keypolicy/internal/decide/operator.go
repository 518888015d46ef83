package decide

import "strings"

// family says how an operator reads the values that it compares.
type family uint8

const (
	text    family = iota // characters
	ordered               // numbers and points in time
	address               // IP addresses
	present               // only whether there is a value
	opaque                // in a way that is not decided
)

// relation is the comparison of an operator, without its negation.
type relation uint8

const (
	equal relation = iota
	equalFold
	like
	arnLike
	truth
	less
	lessOrEqual
	greater
	greaterOrEqual
	within
	missing
)

// String names the relation.
func (rel relation) String() string {
	return [...]string{equal: "equal to", equalFold: "equal but for case to", like: "like", arnLike: "an ARN like", truth: "true or false as", less: "less than", lessOrEqual: "at most", greater: "greater than", greaterOrEqual: "at least", within: "in", missing: "missing"}[rel]
}

// operator is a condition operator taken apart.
type operator struct {
	family   family
	relation relation
	date     bool
	negated  bool
	ifExists bool
	every    bool // ForAllValues
	some     bool // ForAnyValue
}

// operators is IAM's list, by lower-case name.
var operators = [...]struct {
	name string
	operator
}{
	{"stringequals", operator{relation: equal}},
	{"stringnotequals", operator{relation: equal, negated: true}},
	{"stringequalsignorecase", operator{relation: equalFold}},
	{"stringnotequalsignorecase", operator{relation: equalFold, negated: true}},
	{"stringlike", operator{relation: like}},
	{"stringnotlike", operator{relation: like, negated: true}},
	{"arnequals", operator{relation: arnLike}},
	{"arnlike", operator{relation: arnLike}},
	{"arnnotequals", operator{relation: arnLike, negated: true}},
	{"arnnotlike", operator{relation: arnLike, negated: true}},
	{"bool", operator{relation: truth}},
	{"null", operator{family: present, relation: missing}},
	{"ipaddress", operator{family: address, relation: within}},
	{"notipaddress", operator{family: address, relation: within, negated: true}},
	{"numericequals", operator{family: ordered, relation: equal}},
	{"numericnotequals", operator{family: ordered, relation: equal, negated: true}},
	{"numericlessthan", operator{family: ordered, relation: less}},
	{"numericlessthanequals", operator{family: ordered, relation: lessOrEqual}},
	{"numericgreaterthan", operator{family: ordered, relation: greater}},
	{"numericgreaterthanequals", operator{family: ordered, relation: greaterOrEqual}},
	{"dateequals", operator{family: ordered, relation: equal, date: true}},
	{"datenotequals", operator{family: ordered, relation: equal, date: true, negated: true}},
	{"datelessthan", operator{family: ordered, relation: less, date: true}},
	{"datelessthanequals", operator{family: ordered, relation: lessOrEqual, date: true}},
	{"dategreaterthan", operator{family: ordered, relation: greater, date: true}},
	{"dategreaterthanequals", operator{family: ordered, relation: greaterOrEqual, date: true}},
	{"binaryequals", operator{family: opaque, relation: equal}},
}

// parseOperator takes a name apart, in any case of letters.
func parseOperator(name string) (operator, bool) {
	rest := strings.ToLower(name)
	set, bare, found := strings.Cut(rest, ":")
	if found {
		rest = bare
	}
	if found && set != "forallvalues" && set != "foranyvalue" {
		return operator{}, false
	}
	rest, ifExists := strings.CutSuffix(rest, "ifexists")
	for i := range operators {
		if operators[i].name == rest {
			op := operators[i].operator
			op.ifExists, op.every, op.some = ifExists, found && set == "forallvalues", found && set == "foranyvalue"
			return op, op.family != present || !ifExists && !found
		}
	}
	return operator{}, false
}
