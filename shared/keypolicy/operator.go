package keypolicy

import (
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/wildcard"
)

// comparison is an operator without its decorations.
type comparison uint8

const (
	unknownOperator comparison = iota
	equals
	equalsIgnoreCase
	like
	lessThan
	lessOrEqual
	greaterThan
	greaterOrEqual
	boolIs
	ipIn
	null
	binaryEquals
)

type quantifier uint8

const (
	single quantifier = iota
	forAll
	forAny
)

// operator is a condition operator taken apart.
type operator struct {
	compare  comparison
	family   catalog.Type
	negated  bool
	ifExists bool
	set      quantifier
	row      uint8 // its place in the table, from 1
}

// operators is IAM's list.
var operators = [...]struct {
	name string
	op   operator
}{
	{"StringEquals", operator{compare: equals}},
	{"StringNotEquals", operator{compare: equals, negated: true}},
	{"StringEqualsIgnoreCase", operator{compare: equalsIgnoreCase}},
	{"StringNotEqualsIgnoreCase", operator{compare: equalsIgnoreCase, negated: true}},
	{"StringLike", operator{compare: like}},
	{"StringNotLike", operator{compare: like, negated: true}},
	{"ArnEquals", operator{compare: like, family: catalog.ARN}},
	{"ArnLike", operator{compare: like, family: catalog.ARN}},
	{"ArnNotEquals", operator{compare: like, family: catalog.ARN, negated: true}},
	{"ArnNotLike", operator{compare: like, family: catalog.ARN, negated: true}},
	{"Bool", operator{compare: boolIs, family: catalog.Bool}},
	{"Null", operator{compare: null, family: catalog.Bool}},
	{"IpAddress", operator{compare: ipIn, family: catalog.IP}},
	{"NotIpAddress", operator{compare: ipIn, family: catalog.IP, negated: true}},
	{"NumericEquals", operator{compare: equals, family: catalog.Numeric}},
	{"NumericNotEquals", operator{compare: equals, family: catalog.Numeric, negated: true}},
	{"NumericLessThan", operator{compare: lessThan, family: catalog.Numeric}},
	{"NumericLessThanEquals", operator{compare: lessOrEqual, family: catalog.Numeric}},
	{"NumericGreaterThan", operator{compare: greaterThan, family: catalog.Numeric}},
	{"NumericGreaterThanEquals", operator{compare: greaterOrEqual, family: catalog.Numeric}},
	{"DateEquals", operator{compare: equals, family: catalog.Date}},
	{"DateNotEquals", operator{compare: equals, family: catalog.Date, negated: true}},
	{"DateLessThan", operator{compare: lessThan, family: catalog.Date}},
	{"DateLessThanEquals", operator{compare: lessOrEqual, family: catalog.Date}},
	{"DateGreaterThan", operator{compare: greaterThan, family: catalog.Date}},
	{"DateGreaterThanEquals", operator{compare: greaterOrEqual, family: catalog.Date}},
	{"BinaryEquals", operator{compare: binaryEquals}},
}

// parseOperator takes an operator's name apart. The case of letters makes no
// difference to IAM.
func parseOperator(name string) operator {
	set, rest := single, name
	if before, after, found := strings.Cut(name, ":"); found {
		switch rest = after; {
		case wildcard.EqualFold(before, "ForAllValues"):
			set = forAll
		case wildcard.EqualFold(before, "ForAnyValue"):
			set = forAny
		default:
			return operator{}
		}
	}
	ifExists := false
	if n := len(rest) - len("IfExists"); n > 0 && wildcard.EqualFold(rest[n:], "IfExists") {
		ifExists, rest = true, rest[:n]
	}
	for i := range operators {
		if wildcard.EqualFold(operators[i].name, rest) {
			op := operators[i].op
			op.set, op.ifExists, op.row = set, ifExists, uint8(i+1)
			return op
		}
	}
	return operator{}
}

// orders reports whether the operator compares by size or time.
func (o operator) orders() bool {
	return o.compare == lessThan || o.compare == lessOrEqual || o.compare == greaterThan || o.compare == greaterOrEqual
}

// known reports whether IAM has the operator.
func (o operator) known() bool { return o.compare != unknownOperator }

// name is the operator without its decorations.
func (o operator) name() string { return operators[o.row-1].name }

// holdsWithout reports whether the comparison is true where the key is missing.
func (o operator) holdsWithout() bool {
	return o.negated || o.ifExists || o.set == forAll || o.compare == null
}

// operatorNames calls yield for each operator until it says no.
func operatorNames(yield func(string) bool) {
	for i := range operators {
		if !yield(operators[i].name) {
			return
		}
	}
}
