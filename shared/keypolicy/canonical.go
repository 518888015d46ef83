package keypolicy

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
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

// digest digests the policy after undoing everything that KMS is known to
// rewrite. It is the zero value for an opaque policy and for none.
func digest(p *document.Policy, partition string) Canonical {
	if p.Opaque() {
		return Canonical{}
	}
	e := newEncoder(p, partition)
	header := e.header(p)
	var room [16]row
	rows := e.rows(room[:0], p.Statements)
	perm := sha256.New()
	perm.Write(header)
	// The rows are sorted, so that the text digest need only tell which row has
	// which Sid: the permissions digest stands for the rows themselves.
	frame := appendText(make([]byte, 0, 512), p.ID)
	distinct := uint64(0)
	for i, r := range rows {
		same := i > 0 && e.same(r, rows[i-1])
		if !same {
			perm.Write(e.perm(r))
			distinct++
		}
		if !same || r.statement.Sid != rows[i-1].statement.Sid {
			frame = binary.AppendUvarint(frame, distinct)
			frame = appendText(frame, r.statement.Sid)
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

func (e *encoder) principals(s *document.Statement) {
	for kind := document.AWSPrincipal; kind <= document.CanonicalUser; kind++ {
		e.scratch = e.scratch[:0]
		for i := range s.Principals {
			if s.Principals[i].Kind == kind {
				e.scratch = append(e.scratch, s.Principals[i].Canonical(e.partition))
			}
		}
		e.set()
	}
}

// actions writes the actions in small letters, without those that another
// entry covers. Wildcards stay: they mean future actions too.
func (e *encoder) actions(s *document.Statement) {
	e.scratch = e.scratch[:0]
	var once, twice, known catalog.Set
	for i := range s.Actions {
		twice |= once & s.Actions[i].Set
		once |= s.Actions[i].Set
	}
	for i := range s.Actions {
		a := &s.Actions[i]
		mayBeCovered := a.Set == 0 || twice.Has(a.Set)
		switch {
		case mayBeCovered && covered(s, i):
		case a.Set != 0 && !a.Pattern:
			known |= a.Set
		default:
			e.scratch = append(e.scratch, a.Text)
		}
	}
	e.setFold(known)
}

// maxCover bounds the search for covered actions. In a longer list they are
// compared as they stand, which KMS does not touch either.
const maxCover = 128

// covered reports whether another pattern of the list stands for everything
// that the action stands for, now and in future.
func covered(s *document.Statement, i int) bool {
	if len(s.Actions) > maxCover {
		return false
	}
	a := &s.Actions[i]
	for j := range s.Actions {
		b := &s.Actions[j]
		if j == i || !b.Pattern || !b.Set.Has(a.Set) {
			continue
		}
		wide, narrow := strings.ToLower(b.Text), strings.ToLower(a.Text)
		if wildcard.Covers(wide, narrow) && (wide != narrow && !wildcard.Covers(narrow, wide) || j < i) {
			return true
		}
	}
	return false
}
