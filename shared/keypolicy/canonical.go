package keypolicy

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/wildcard"
)

// Canonical holds the two digests of a policy's canonical form (lower-case hex
// SHA-256). The zero value stands for a document that cannot be judged and is
// equal to nothing, not even itself.
type Canonical struct {
	Text        string // with Sid and Id
	Permissions string // without
}

// Equal reports whether two policies are the same after everything that KMS
// may rewrite, Sid and Id included.
func (c Canonical) Equal(d Canonical) bool { return c.Text != "" && c.Text == d.Text }

// SameText reports whether two texts hold the same policy, after everything
// that KMS may rewrite. A text that cannot be judged is the same as none.
func SameText(a, b, partition string) bool {
	first, _ := Parse([]byte(a))
	second, _ := Parse([]byte(b))
	return first.Canonical(partition).Equal(second.Canonical(partition))
}

// Canonical digests the policy after undoing everything that KMS is known to
// rewrite. It is the zero value for an opaque policy
// and for none.
func (p *Policy) Canonical(partition string) Canonical {
	if p.Opaque() {
		return Canonical{}
	}
	e := newEncoder(p, partition)
	perm := sha256.New()
	perm.Write(e.header())
	var room [16]row
	rows := e.rows(room[:0])
	// The rows are sorted, so that the text digest need only tell which row has
	// which Sid: the permissions digest stands for the rows themselves.
	frame := appendText(make([]byte, 0, 512), p.id)
	distinct := uint64(0)
	for i, r := range rows {
		same := i > 0 && bytes.Equal(r.perm, rows[i-1].perm)
		if !same {
			perm.Write(r.perm)
			distinct++
		}
		if !same || r.sid != rows[i-1].sid {
			frame = binary.AppendUvarint(frame, distinct)
			frame = appendText(frame, r.sid)
		}
	}
	permissions := perm.Sum(make([]byte, 0, sha256.Size))
	text := sha256.Sum256(append(frame, permissions...))
	return inHex(text[:], permissions)
}

// inHex writes both digests into one string.
func inHex(text, permissions []byte) Canonical {
	const n = 2 * sha256.Size
	var digits [2 * n]byte
	hex.Encode(digits[:n], text)
	hex.Encode(digits[n:], permissions)
	both := string(digits[:])
	return Canonical{Text: both[:n], Permissions: both[n:]}
}

// encoder writes the canonical form. Every text is written with its length
// before it, so that no two policies can look alike.
type encoder struct {
	p         *Policy
	partition string
	buf       []byte
	scratch   []string
}

func newEncoder(p *Policy, partition string) *encoder {
	if partition == "" {
		partition = "aws"
	}
	return &encoder{p: p, partition: partition, buf: make([]byte, 0, len(p.tree.Text)*3/4+128), scratch: make([]string, 0, 32)}
}

// row is one statement in its canonical form.
type row struct {
	perm      []byte
	sid       string
	statement *statement
}

func (e *encoder) rows(rows []row) []row {
	for i := range e.p.statements {
		s := &e.p.statements[i]
		start := len(e.buf)
		e.statement(s)
		rows = append(rows, row{e.buf[start:len(e.buf):len(e.buf)], s.sid, s})
	}
	slices.SortStableFunc(rows, func(a, b row) int {
		return cmp.Or(bytes.Compare(a.perm, b.perm), cmp.Compare(a.sid, b.sid))
	})
	return rows
}

// header writes what stands before the rows.
func (e *encoder) header() []byte {
	start := len(e.buf)
	e.buf = append(e.buf, "keysmith.canonical/1"...)
	present := byte(0)
	if e.p.versionAt != none {
		present = 1
	}
	e.buf = append(e.buf, present)
	e.put(e.p.version)
	return e.buf[start:]
}

func (e *encoder) put(s string) { e.buf = appendText(e.buf, s) }

func appendText(b []byte, s string) []byte {
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}

func (e *encoder) statement(s *statement) {
	flags := byte(s.effect)
	for i, on := range [...]bool{s.notPrincipal, s.notAction, s.notResource} {
		if on {
			flags |= 4 << i
		}
	}
	e.buf = append(e.buf, flags)
	e.principals(s)
	e.actions(s)
	e.scratch = e.scratch[:0]
	for _, r := range s.resources {
		e.scratch = append(e.scratch, r.text)
	}
	e.set()
	e.conditions(s)
}

// set writes the scratch list sorted, each text once.
func (e *encoder) set() {
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
func (e *encoder) setFold(known catalog.Set) {
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

func (e *encoder) putLower(s string) {
	e.buf = binary.AppendUvarint(e.buf, uint64(len(s)))
	start := len(e.buf)
	e.buf = append(e.buf, s...)
	for i, c := range e.buf[start:] {
		if 'A' <= c && c <= 'Z' {
			e.buf[start+i] = c + 'a' - 'A'
		}
	}
}

func (e *encoder) principals(s *statement) {
	for kind := awsPrincipal; kind <= canonicalUser; kind++ {
		e.scratch = e.scratch[:0]
		for i := range s.principals {
			if s.principals[i].kind == kind {
				e.scratch = append(e.scratch, canonicalPrincipal(&s.principals[i], e.partition))
			}
		}
		e.set()
	}
}

// canonicalPrincipal undoes what KMS is known to rewrite in a principal.
func canonicalPrincipal(p *principal, partition string) string {
	switch p.form {
	case accountID:
		return rootARN(partition, p.account)
	case assumedRole, federatedUser:
		if a, _ := splitARN(p.text); a.service == "iam" {
			return strings.Replace(p.text, ":iam:", ":sts:", 1)
		}
	}
	return p.text
}

// actions writes the actions in small letters, without those that another
// entry covers. Wildcards stay: they mean future actions too.
func (e *encoder) actions(s *statement) {
	e.scratch = e.scratch[:0]
	var once, twice, known catalog.Set
	for i := range s.actions {
		twice |= once & s.actions[i].set
		once |= s.actions[i].set
	}
	for i := range s.actions {
		a := &s.actions[i]
		mayBeCovered := a.set == 0 || twice.Has(a.set)
		switch {
		case mayBeCovered && s.covered(i):
		case a.set != 0 && !a.pattern:
			known |= a.set
		default:
			e.scratch = append(e.scratch, a.text)
		}
	}
	e.setFold(known)
}

// maxCover bounds the search for covered actions. In a longer list they are
// compared as they stand, which KMS does not touch either.
const maxCover = 128

// covered reports whether another pattern of the list stands for everything
// that the action stands for, now and in future.
func (s *statement) covered(i int) bool {
	if len(s.actions) > maxCover {
		return false
	}
	a := &s.actions[i]
	for j := range s.actions {
		b := &s.actions[j]
		if j == i || !b.pattern || !b.set.Has(a.set) {
			continue
		}
		wide, narrow := strings.ToLower(b.text), strings.ToLower(a.text)
		if wildcard.Covers(wide, narrow) && (wide != narrow && !wildcard.Covers(narrow, wide) || j < i) {
			return true
		}
	}
	return false
}
