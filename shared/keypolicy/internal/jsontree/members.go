package jsontree

import (
	"sort"
	"unicode"
	"unicode/utf8"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/wildcard"
)

// duplicates reports members that have the name of an earlier one, also where
// only the case of letters differs: readers disagree which of them counts.
func (r *reader) duplicates(object int32) {
	if r.plainlyDifferent(object) {
		return
	}
	members := make([]int32, 0, r.Nodes[object].Len())
	for i := r.First(object); i != None; i = r.Nodes[i].Next {
		members = append(members, i)
	}
	sort.SliceStable(members, func(a, b int) bool {
		return compareNames(r.Name(members[a]), r.Name(members[b])) < 0
	})
	for k := 1; k < len(members); k++ {
		if compareNames(r.Name(members[k]), r.Name(members[k-1])) == 0 {
			r.fault(DuplicateMember, int(r.Nodes[members[k]].NameAt), members[k], r.Name(members[k-1]))
		}
	}
}

// plainlyDifferent reports whether the names differ at a glance, by their
// lengths and first letters. It says no where it would have to look closer.
func (r *reader) plainlyDifferent(object int32) bool {
	seen := uint64(0)
	for i := r.First(object); i != None; i = r.Nodes[i].Next {
		name := r.Name(i)
		if name == "" || r.Nodes[i].name < 0 {
			return false
		}
		bit := uint64(1) << ((len(name)*7 + int(wildcard.Lower(name[0]))) & 63)
		if seen&bit != 0 {
			return false
		}
		seen |= bit
	}
	return true
}

// compareNames orders names without regard to case, beyond ASCII as well.
func compareNames(a, b string) int {
	for a != "" && b != "" {
		x, n := utf8.DecodeRuneInString(a)
		y, m := utf8.DecodeRuneInString(b)
		if x = unicode.ToLower(x); x != unicode.ToLower(y) {
			return int(x - unicode.ToLower(y))
		}
		a, b = a[n:], b[m:]
	}
	return len(a) - len(b)
}
