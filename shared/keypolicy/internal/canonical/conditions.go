package canonical

import (
	"cmp"
	"encoding/binary"
	"slices"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/wildcard"
)

// comparedTo is one condition in the order of the canonical form.
type comparedTo struct {
	op     uint16
	opText string // of an operator that IAM does not have
	key    string // its case makes no difference, that of a tag neither
	cond   *document.Condition
}

func (e *Encoder) conditions(s *document.Statement) {
	rows := make([]comparedTo, 0, 8)
	for i := range s.Conditions {
		rows = append(rows, canonicalCondition(&s.Conditions[i]))
	}
	slices.SortFunc(rows, func(a, b comparedTo) int {
		return cmp.Or(cmp.Compare(a.op, b.op), cmp.Compare(a.opText, b.opText), wildcard.CompareFold(a.key, b.key))
	})
	e.buf = binary.AppendUvarint(e.buf, uint64(len(rows)))
	e.bare(s.Bare)
	for _, r := range rows {
		e.buf = binary.AppendUvarint(e.buf, uint64(r.op))
		e.put(r.opText)
		e.putLower(r.key)
		e.values(r.cond)
	}
}

func canonicalCondition(cond *document.Condition) comparedTo {
	r := comparedTo{key: cond.Name, cond: cond}
	r.op, r.opText = operatorCode(cond.Operator, cond.OpText)
	return r
}

// operatorCode is an operator as a number, or as its text where IAM has none such.
func operatorCode(op document.Operator, text string) (code uint16, unknown string) {
	if !op.Known() {
		return 0, wildcard.ToLower(text)
	}
	code = uint16(op.Row)<<3 | uint16(op.Set)<<1
	if op.IfExists {
		code |= 1
	}
	return code, ""
}

// bare writes the operators that compare nothing. What they do is not documented,
// so none is another and none is missing.
func (e *Encoder) bare(operators []string) {
	e.buf = binary.AppendUvarint(e.buf, uint64(len(operators)))
	if len(operators) == 0 {
		return
	}
	rows := make([]comparedTo, len(operators))
	for i, text := range operators {
		rows[i].op, rows[i].opText = operatorCode(document.ParseOperator(text), text)
	}
	slices.SortFunc(rows, func(a, b comparedTo) int {
		return cmp.Or(cmp.Compare(a.op, b.op), cmp.Compare(a.opText, b.opText))
	})
	for _, r := range rows {
		e.buf = binary.AppendUvarint(e.buf, uint64(r.op))
		e.put(r.opText)
	}
}

// values writes a condition's values. IAM takes "True" for true, and KMS puts
// booleans in quotes.
func (e *Encoder) values(cond *document.Condition) {
	fold := cond.Operator.Compare == document.BoolIs || cond.Operator.Compare == document.Null
	e.scratch = e.scratch[:0]
	for _, v := range cond.Values {
		text := v.Text
		if fold {
			text = wildcard.ToLower(text)
		}
		e.scratch = append(e.scratch, text)
	}
	e.set()
}
