package document

import (
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/wildcard"
)

// Comparison is an operator without its decorations.
type Comparison uint8

const (
	UnknownOperator Comparison = iota // IAM has no such operator
	Equals
	EqualsIgnoreCase
	Like
	LessThan
	LessOrEqual
	GreaterThan
	GreaterOrEqual
	BoolIs
	IPIn // an address in a range
	Null
	BinaryEquals
)

// Quantifier is the set operator before the name: which of several values must
// match.
type Quantifier uint8

const (
	Single Quantifier = iota
	ForAll            // ForAllValues
	ForAny            // ForAnyValue
)

// Operator is a condition operator taken apart.
type Operator struct {
	Compare  Comparison
	Family   catalog.Type // of what it compares: Like of texts and of ARNs are two things
	Negated  bool
	IfExists bool
	Set      Quantifier
	Row      uint8 // its place in the table, from 1
}

// operators is IAM's list.
var operators = [...]struct {
	name string
	op   Operator
}{
	{"StringEquals", Operator{Compare: Equals}},
	{"StringNotEquals", Operator{Compare: Equals, Negated: true}},
	{"StringEqualsIgnoreCase", Operator{Compare: EqualsIgnoreCase}},
	{"StringNotEqualsIgnoreCase", Operator{Compare: EqualsIgnoreCase, Negated: true}},
	{"StringLike", Operator{Compare: Like}},
	{"StringNotLike", Operator{Compare: Like, Negated: true}},
	{"ArnEquals", Operator{Compare: Like, Family: catalog.ARN}},
	{"ArnLike", Operator{Compare: Like, Family: catalog.ARN}},
	{"ArnNotEquals", Operator{Compare: Like, Family: catalog.ARN, Negated: true}},
	{"ArnNotLike", Operator{Compare: Like, Family: catalog.ARN, Negated: true}},
	{"Bool", Operator{Compare: BoolIs, Family: catalog.Bool}},
	{"Null", Operator{Compare: Null, Family: catalog.Bool}},
	{"IpAddress", Operator{Compare: IPIn, Family: catalog.IP}},
	{"NotIpAddress", Operator{Compare: IPIn, Family: catalog.IP, Negated: true}},
	{"NumericEquals", Operator{Compare: Equals, Family: catalog.Numeric}},
	{"NumericNotEquals", Operator{Compare: Equals, Family: catalog.Numeric, Negated: true}},
	{"NumericLessThan", Operator{Compare: LessThan, Family: catalog.Numeric}},
	{"NumericLessThanEquals", Operator{Compare: LessOrEqual, Family: catalog.Numeric}},
	{"NumericGreaterThan", Operator{Compare: GreaterThan, Family: catalog.Numeric}},
	{"NumericGreaterThanEquals", Operator{Compare: GreaterOrEqual, Family: catalog.Numeric}},
	{"DateEquals", Operator{Compare: Equals, Family: catalog.Date}},
	{"DateNotEquals", Operator{Compare: Equals, Family: catalog.Date, Negated: true}},
	{"DateLessThan", Operator{Compare: LessThan, Family: catalog.Date}},
	{"DateLessThanEquals", Operator{Compare: LessOrEqual, Family: catalog.Date}},
	{"DateGreaterThan", Operator{Compare: GreaterThan, Family: catalog.Date}},
	{"DateGreaterThanEquals", Operator{Compare: GreaterOrEqual, Family: catalog.Date}},
	{"BinaryEquals", Operator{Compare: BinaryEquals}},
}

// ParseOperator takes an operator's name apart. The case of letters makes no
// difference to IAM.
func ParseOperator(name string) Operator {
	set, rest := Single, name
	if before, after, found := strings.Cut(name, ":"); found {
		switch rest = after; {
		case wildcard.EqualFold(before, "ForAllValues"):
			set = ForAll
		case wildcard.EqualFold(before, "ForAnyValue"):
			set = ForAny
		default:
			return Operator{}
		}
	}
	ifExists := false
	if n := len(rest) - len("IfExists"); n > 0 && wildcard.EqualFold(rest[n:], "IfExists") {
		ifExists, rest = true, rest[:n]
	}
	for i := range operators {
		if wildcard.EqualFold(operators[i].name, rest) {
			op := operators[i].op
			op.Set, op.IfExists, op.Row = set, ifExists, uint8(i+1)
			return op
		}
	}
	return Operator{}
}

// Orders reports whether the operator compares by size or time.
func (o Operator) Orders() bool {
	return o.Compare == LessThan || o.Compare == LessOrEqual || o.Compare == GreaterThan || o.Compare == GreaterOrEqual
}

// Known reports whether IAM has the operator.
func (o Operator) Known() bool { return o.Compare != UnknownOperator }

// Name is the operator without its decorations.
func (o Operator) Name() string { return operators[o.Row-1].name }

// HoldsWithout reports whether the comparison is true where the key is missing.
func (o Operator) HoldsWithout() bool {
	return o.Negated || o.IfExists || o.Set == ForAll || o.Compare == Null
}

// OperatorNames calls yield for each operator until it says no.
func OperatorNames(yield func(string) bool) {
	for i := range operators {
		if !yield(operators[i].name) {
			return
		}
	}
}
