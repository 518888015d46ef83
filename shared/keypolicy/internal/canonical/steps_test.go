package canonical

import (
	"fmt"
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
)

// patternPolicy has statements of as many patterns as are compared with each other,
// each of which matches an action and covers some of the others.
func patternPolicy(t *testing.T, statements int) *document.Policy {
	t.Helper()
	var b strings.Builder
	b.WriteString(`{"Version":"2012-10-17","Statement":[`)
	for n := range statements {
		if n > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"Sid":"s%d","Effect":"Allow","Principal":{"AWS":"111122223333"},"Resource":"*","Action":[`, n)
		for i := range maxCover {
			if i > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, `"kms:%s*r%s*t%s"`, strings.Repeat("*", i), strings.Repeat("*", n%7), strings.Repeat("*", i%11))
		}
		b.WriteString(`]}`)
	}
	b.WriteString(`]}`)
	var p document.Policy
	if _, found := document.Read([]byte(b.String()), 1<<20, &p); !found || p.Opaque() {
		t.Fatal("no policy to compare")
	}
	return &p
}

func TestTheWorkOnPatternsGrowsWithTheTextAndNoFaster(t *testing.T) {
	steps := func(statements int) (int, int) {
		p := patternPolicy(t, statements)
		e := NewEncoder(p, "aws")
		e.Rows(nil, p.Statements)
		return e.steps, len(p.Tree.Text)
	}
	few, fewBytes := steps(4)
	many, manyBytes := steps(16)
	if few == 0 || few > 4*maxCover*fewBytes {
		t.Errorf("%d steps for %d bytes", few, fewBytes)
	}
	if many*fewBytes > few*manyBytes*3/2 {
		t.Errorf("%d steps for %d bytes, but %d for %d", few, fewBytes, many, manyBytes)
	}
}

// alikePolicy has statements that are all alike, so that each may have become any other.
func alikePolicy(t *testing.T, statements, offset int) *document.Policy {
	t.Helper()
	list := make([]string, statements)
	for i := range list {
		list[i] = fmt.Sprintf(`{"Effect":"Deny","Principal":"*","Action":"kms:*","Resource":"*","Condition":{"StringLike":{"aws:userid":"%d"}}}`, i+offset)
	}
	var p document.Policy
	if _, found := document.Read([]byte(`{"Version":"2012-10-17","Statement":[`+strings.Join(list, ",")+`]}`), 1<<20, &p); !found {
		t.Fatal("no policy to compare")
	}
	return &p
}

func TestTheSearchForWhatAStatementBecameGrowsWithTheirNumber(t *testing.T) {
	for _, n := range []int{100, 1000} {
		d := differ{partition: "aws", old: diffRows(alikePolicy(t, n, 0), "aws", false), new: diffRows(alikePolicy(t, n, n), "aws", true)}
		d.pair()
		if unpaired := d.old[n-1].mate < 0; unpaired || d.steps > 6*n {
			t.Errorf("%d statements: %d steps, the last unpaired: %t", n, d.steps, unpaired)
		}
	}
}
