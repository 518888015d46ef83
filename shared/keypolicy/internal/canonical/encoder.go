package canonical

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/jsontree"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/wildcard"
)

// Encoder writes the canonical form. Every text is written with its length
// before it, so that no two policies can look alike.
type Encoder struct {
	Partition string // the key's; "aws" where none was given
	buf       []byte
	scratch   []string
	patterns  []pattern // of the statement that is written
	steps     int       // bytes that were looked at to compare patterns
}

// NewEncoder returns an encoder with room for p.
func NewEncoder(p *document.Policy, partition string) *Encoder {
	if partition == "" {
		partition = "aws"
	}
	return &Encoder{
		Partition: partition,
		buf:       make([]byte, 0, len(p.Tree.Text)*3/4+128), scratch: make([]string, 0, 16),
	}
}

// Row is one statement in its canonical form.
type Row struct {
	start, end int // in the buffer
	Statement  *document.Statement
}

// Rows encodes the statements, puts them in order and appends them to rows.
func (e *Encoder) Rows(rows []Row, statements []document.Statement) []Row {
	rows = slices.Grow(rows, len(statements))
	for i := range statements {
		s := &statements[i]
		start := len(e.buf)
		e.statement(s)
		rows = append(rows, Row{start, len(e.buf), s})
	}
	slices.SortStableFunc(rows, func(a, b Row) int {
		return cmp.Or(bytes.Compare(e.perm(a), e.perm(b)), cmp.Compare(a.Statement.Sid, b.Statement.Sid))
	})
	return rows
}

// perm is what a row permits or denies, without its Sid.
func (e *Encoder) perm(r Row) []byte { return e.buf[r.start:r.end:r.end] }

// Same reports whether two rows permit or deny the same.
func (e *Encoder) Same(a, b Row) bool { return bytes.Equal(e.perm(a), e.perm(b)) }

// header writes what stands before the rows.
func (e *Encoder) header(p *document.Policy) []byte {
	start := len(e.buf)
	e.buf = append(e.buf, "keysmith.canonical/1"...)
	present := byte(0)
	if p.VersionAt != jsontree.None {
		present = 1
	}
	e.buf = append(e.buf, present)
	e.put(p.Version)
	return e.buf[start:]
}

func (e *Encoder) put(s string) { e.buf = appendText(e.buf, s) }

func appendText(b []byte, s string) []byte {
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}

func (e *Encoder) statement(s *document.Statement) {
	flags := byte(s.Effect)
	for i, on := range [...]bool{s.NotPrincipal, s.NotAction, s.NotResource} {
		if on {
			flags |= 4 << i
		}
	}
	for i, at := range [...]int32{s.PrincipalAt, s.ActionAt, s.ResourceAt} {
		if at == jsontree.None {
			flags |= 32 << i // an element that is missing is not an empty one
		}
	}
	e.buf = append(e.buf, flags)
	e.principals(s)
	e.actions(s)
	e.scratch = e.scratch[:0]
	for _, r := range s.Resources {
		e.scratch = append(e.scratch, r.Text)
	}
	e.set()
	e.conditions(s)
}

// set writes the scratch list sorted, each text once.
func (e *Encoder) set() {
	if len(e.scratch) > 1 {
		slices.Sort(e.scratch)
		e.scratch = slices.Compact(e.scratch)
	}
	e.buf = binary.AppendUvarint(e.buf, uint64(len(e.scratch)))
	for _, s := range e.scratch {
		e.put(s)
	}
}

// setFold is set for texts whose case makes no difference, and for actions that
// the table has: there they stand sorted already.
func (e *Encoder) setFold(known catalog.Set) {
	if len(e.scratch) > 1 {
		slices.SortFunc(e.scratch, wildcard.CompareFold)
		e.scratch = slices.CompactFunc(e.scratch, wildcard.EqualFold)
	}
	e.buf = binary.AppendUvarint(e.buf, uint64(len(e.scratch)+known.Len()))
	rest := e.scratch
	for ; known != 0; known &= known - 1 {
		name := known.First().Lower
		for len(rest) > 0 && wildcard.CompareFold(rest[0], name) < 0 {
			e.putLower(rest[0])
			rest = rest[1:]
		}
		e.put(name)
	}
	for _, s := range rest {
		e.putLower(s)
	}
}

func (e *Encoder) putLower(s string) {
	e.buf = binary.AppendUvarint(e.buf, uint64(len(s)))
	start := len(e.buf)
	e.buf = append(e.buf, s...)
	for i, c := range e.buf[start:] {
		e.buf[start+i] = wildcard.Lower(c)
	}
}
