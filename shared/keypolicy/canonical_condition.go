package keypolicy

import (
	"cmp"
	"encoding/binary"
	"slices"
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/wildcard"
)

// comparedTo is one condition in the order of the canonical form.
type comparedTo struct {
	op     uint16
	opText string // of an operator that IAM does not have
	key    string // its case makes no difference, that of a tag neither
	cond   *condition
}

func (e *encoder) conditions(s *statement) {
	rows := make([]comparedTo, 0, 8)
	for i := range s.conditions {
		rows = append(rows, canonicalCondition(&s.conditions[i]))
	}
	slices.SortFunc(rows, func(a, b comparedTo) int {
		return cmp.Or(cmp.Compare(a.op, b.op), cmp.Compare(a.opText, b.opText), wildcard.CompareFold(a.key, b.key))
	})
	e.buf = binary.AppendUvarint(e.buf, uint64(len(rows)))
	e.buf = binary.AppendUvarint(e.buf, uint64(s.emptyOperators))
	for _, r := range rows {
		e.buf = binary.AppendUvarint(e.buf, uint64(r.op))
		e.put(r.opText)
		e.putLower(r.key)
		e.values(r.cond)
	}
}

// conditionsOf is the canonical form of the statement's conditions alone.
func (e *encoder) conditionsOf(s *statement) string {
	start := len(e.buf)
	e.conditions(s)
	return string(e.buf[start:])
}

func canonicalCondition(cond *condition) comparedTo {
	r := comparedTo{key: cond.name, cond: cond}
	op := cond.operator
	if !op.known() {
		r.opText = strings.ToLower(cond.opText)
		return r
	}
	r.op = uint16(op.row)<<3 | uint16(op.set)<<1
	if op.ifExists {
		r.op |= 1
	}
	return r
}

// values writes a condition's values. IAM takes "True" for true, and KMS puts
// booleans in quotes.
func (e *encoder) values(cond *condition) {
	fold := cond.operator.compare == boolIs || cond.operator.compare == null
	e.scratch = e.scratch[:0]
	for _, v := range cond.values {
		text := v.text
		if fold {
			text = strings.ToLower(text)
		}
		e.scratch = append(e.scratch, text)
	}
	e.set()
}
