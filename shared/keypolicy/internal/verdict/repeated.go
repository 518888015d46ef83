package verdict

import (
	"cmp"
	"slices"

	"github.com/keysmith/keysmith/shared/keypolicy/awsid"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/rule"
)

// repeated returns the indices of texts that stand at a smaller index too.
func repeated(n int, text func(int) string) []int {
	const few = 8
	if n <= few {
		return repeatedAmongFew(n, text)
	}
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(text(a), text(b)) })
	var again []int
	for k := 1; k < n; k++ {
		if text(order[k]) == text(order[k-1]) {
			again = append(again, order[k])
		}
	}
	slices.Sort(again)
	return again
}

func repeatedAmongFew(n int, text func(int) string) []int {
	var again []int
	for i := 1; i < n; i++ {
		for j := 0; j < i; j++ {
			if text(i) == text(j) {
				again = append(again, i)
				break
			}
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
		c.Value(&rule.PrincipalTwice, s.Principals[i].Node, "This principal stands in the statement already; keep one.")
	}
}
