package keypolicy

import (
	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/decide"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/meaning"
)

// StepsToCheck is the work that Check puts into questions about requests.
func StepsToCheck(text []byte, o Options) int {
	b := decide.NewBudget()
	check(text, o, b)
	return b.Spent()
}

// StepsToCompare is the work that NoNewAccess takes.
func StepsToCompare(old, new *Policy, k Key) int {
	b := decide.NewBudget()
	meaning.NoNewAccess(old.document(), new.document(), k, b)
	return b.Spent()
}

// StepsToTellAccess is the work that it takes to tell who gains what by a policy, and
// who may decrypt by it.
func StepsToTellAccess(old, new *Policy, k Key) int {
	b := decide.NewBudget()
	s := decide.NewSpace(meaning.Facts(k), b)
	if old.Opaque() || new.Opaque() {
		return 0
	}
	is := s.Compile(meaning.Policy(new.document()))
	s.Beyond(is, s.Compile(meaning.Policy(old.document())))
	s.Holders(is, catalog.Decrypt)
	return b.Spent()
}

// CheckByText does what Check does where no question about requests is answered.
func CheckByText(text []byte, o Options) Report {
	b := decide.NewBudget()
	for b.Spend(1 << 20) {
	}
	return check(text, o, b)
}
