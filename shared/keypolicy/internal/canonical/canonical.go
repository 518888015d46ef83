// Package canonical writes a policy in the one form that does not change when KMS
// lays it out anew, digests it, and compares statement by statement.
//
// It exists so that "what is served is what was sent" is a comparison of bytes:
// it judges nothing, and two policies that only mean the same are not equal here.
package canonical

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
)

// Digest holds the two digests of a policy's canonical form (lower-case hex
// SHA-256). The zero value stands for a document that cannot be judged and is
// equal to nothing, not even itself.
type Digest struct {
	Text        string // with Sid and Id
	Permissions string // without
}

// Equal reports whether two policies are the same after everything that KMS
// may rewrite, Sid and Id included.
func (c Digest) Equal(d Digest) bool { return c.Text != "" && c.Text == d.Text }

// Of digests the policy after undoing everything that KMS is known to
// rewrite. It is the zero value for an opaque policy and for none.
func Of(p *document.Policy, partition string) Digest {
	if p.Opaque() {
		return Digest{}
	}
	e := NewEncoder(p, partition)
	header := e.header(p)
	var room [16]Row
	rows := e.Rows(room[:0], p.Statements)
	perm := sha256.New()
	perm.Write(header)
	// The rows are sorted, so that the text digest need only tell which row has
	// which Sid: the permissions digest stands for the rows themselves.
	frame := appendText(make([]byte, 0, 512), p.ID)
	distinct := uint64(0)
	for i, r := range rows {
		same := i > 0 && e.Same(r, rows[i-1])
		if !same {
			perm.Write(e.perm(r))
			distinct++
		}
		if !same || r.Statement.Sid != rows[i-1].Statement.Sid {
			frame = binary.AppendUvarint(frame, distinct)
			frame = appendText(frame, r.Statement.Sid)
		}
	}
	permissions := perm.Sum(make([]byte, 0, sha256.Size))
	text := sha256.Sum256(append(frame, permissions...))
	return inHex(text[:], permissions)
}

// inHex writes both digests into one string.
func inHex(text, permissions []byte) Digest {
	const n = 2 * sha256.Size
	var digits [2 * n]byte
	hex.Encode(digits[:n], text)
	hex.Encode(digits[n:], permissions)
	both := string(digits[:])
	return Digest{Text: both[:n], Permissions: both[n:]}
}

func (e *Encoder) principals(s *document.Statement) {
	for kind := document.AWSPrincipal; kind <= document.CanonicalUser; kind++ {
		e.scratch = e.scratch[:0]
		for i := range s.Principals {
			if s.Principals[i].Kind == kind {
				e.scratch = append(e.scratch, s.Principals[i].Canonical(e.Partition))
			}
		}
		e.set()
	}
}
