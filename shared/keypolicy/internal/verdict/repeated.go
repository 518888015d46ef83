package verdict

import (
	"github.com/keysmith/keysmith/shared/keypolicy/awsid"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/rule"
)

// repeated returns the indices of texts that stand at a smaller index too.
func repeated(n int, text func(int) string) []int {
	const few = 8 // to be compared one by one
	var again []int
	var seen map[string]bool
	if n > few {
		seen = make(map[string]bool, n)
	}
	for i := range n {
		is := seen[text(i)]
		for j := 0; seen == nil && j < i && !is; j++ {
			is = text(i) == text(j)
		}
		if is {
			again = append(again, i)
		} else if seen != nil {
			seen[text(i)] = true
		}
	}
	return again
}

// repeatedPrincipals reports a principal that stands twice.
func (c *checker) repeatedPrincipals(s *document.Statement) {
	if len(s.Principals) < 2 || c.Full(&rule.PrincipalTwice) {
		return
	}
	for _, i := range repeated(len(s.Principals), func(i int) string {
		p := s.Principals[i]
		if p.Form == document.AccountID {
			return awsid.RootARN(c.o.Key.PartitionName(), p.Account)
		}
		return p.Text
	}) {
		c.Value(&rule.PrincipalTwice, s.Principals[i].Node, "The statement already names this principal. Keep one.")
	}
}
