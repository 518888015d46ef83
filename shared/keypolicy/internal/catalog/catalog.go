// Package catalog holds what AWS documents about KMS permissions: the actions,
// the condition keys and the services that call KMS for somebody.
//
// It exists so that rules never carry names of their own. The tables are sorted
// arrays of constants: nothing is built when the program starts.
//
// Each table says where it was read, when, and how complete it is. What a table
// lacks is Unknown, and an Unknown is worth a remark and nothing more: AWS adds
// services, keys and Regions faster than anybody copies them.
package catalog

import (
	"math/bits"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/wildcard"
)

// Set is a set of KMS actions, one bit each in the order of the table.
type Set uint64

// All holds every action of the table.
const All = Set(1)<<actionCount - 1

const actionCount = len(actions)

// Newcomer stands for any action that the table does not have, such as one that
// KMS adds later. It is in no other set, has no name, and may carry any key.
const Newcomer = Set(1) << 63

// The table must leave the bit free.
const _ = uint(63 - actionCount - 1)

// ActionFlags tell what is special about an action in a key policy.
type ActionFlags uint8

const (
	IAMOnly        ActionFlags = 1 << iota // has no effect in a key policy
	CrossAccount                           // another account may call it
	PermissionOnly                         // no API operation of that name
	Permissions                            // access level "Permissions management"
)

// Usage says which keys an action works on.
type Usage uint8

const (
	AnyKey Usage = iota
	EncryptDecrypt
	SymmetricEncryptDecrypt
	SignVerify
	GenerateVerifyMAC
	KeyAgreement
	EncapsulateDecapsulate
	Asymmetric
	ImportedMaterial
	MultiRegion
)

// Action is one row of the table of actions.
type Action struct {
	Name, Lower string
	Flags       ActionFlags
	Usage       Usage
}

// Actions returns a copy of the table.
func Actions() []Action { return append([]Action(nil), actions[:]...) }

// Has reports whether every action of t is in s.
func (s Set) Has(t Set) bool { return s&t == t }

// Len counts the actions.
func (s Set) Len() int { return bits.OnesCount64(uint64(s)) }

// Each calls f for every action of the set, in the order of the table.
func (s Set) Each(f func(*Action)) {
	for s != 0 {
		f(&actions[bits.TrailingZeros64(uint64(s))])
		s &= s - 1
	}
}

// Usable returns the actions that work on a key, where fits says of each usage
// but AnyKey whether the key is of that kind.
func Usable(fits func(Usage) bool) Set {
	set := All
	for u := EncryptDecrypt; int(u) < len(usages); u++ {
		if !fits(u) {
			set &^= usages[u]
		}
	}
	return set
}

// First returns the first action of a set that is not empty.
func (s Set) First() *Action { return &actions[bits.TrailingZeros64(uint64(s))] }

// AppendTo writes the actions with commas between them.
func (s Set) AppendTo(b []byte) []byte {
	for first := true; s != 0; s &= s - 1 {
		if !first {
			b = append(b, ", "...)
		}
		first = false
		b = append(b, s.First().Name...)
	}
	return b
}

// Names lists the actions.
func (s Set) Names() []string {
	names := make([]string, 0, s.Len())
	s.Each(func(a *Action) { names = append(names, a.Name) })
	return names
}

// Ineffective holds the actions that no key policy can allow, and Foreign those
// that principals of other accounts may call.
const (
	Ineffective = iamOnly
	Foreign     = crossAccount
)

// Match returns the actions that a name or a pattern stands for, and whether it
// is a pattern. The case of letters makes no difference, as in IAM.
func Match(text string) (set Set, pattern bool) {
	if text == "*" {
		return All, true
	}
	first := wildcard.Index(text)
	ours := len(text) > len(service) && (text[:len(service)] == service || wildcard.EqualFold(text[:len(service)], service))
	switch {
	case first < 0 && !ours:
		return 0, false
	case first < 0:
		return exact(text[len(service):]), false
	case !ours:
		return matchAmong(0, len(actions), text), true
	}
	lo, hi := prefixRange(text[len(service):first])
	if first == len(text)-1 && text[first] == '*' {
		return (1<<hi - 1) &^ (1<<lo - 1), true
	}
	return matchAmong(lo, hi, text), true
}

// service is what every action of the table begins with.
const service = "kms:"

func matchAmong(lo, hi int, pattern string) Set {
	if lo == hi {
		return 0
	}
	var g glob
	if !g.read(pattern) {
		return 0
	}
	var s Set
	for i := lo; i < hi; i++ {
		if g.matches(actions[i].Lower) {
			s |= 1 << i
		}
	}
	return s
}

// exact finds a name. Of all that begin with it, it is the first in the table.
func exact(name string) Set {
	for lo, hi := letterRange(name[0]); lo < hi; lo++ {
		if actions[lo].Name[len(service):] == name { // as nearly everybody writes it
			return 1 << lo
		}
	}
	if lo, hi := prefixRange(name); lo < hi && len(actions[lo].Lower) == len(service)+len(name) {
		return 1 << lo
	}
	return 0
}

// prefixRange returns the rows whose names begin with prefix. The rows that are
// left after each letter are in the order of the next one.
func prefixRange(prefix string) (lo, hi int) {
	if prefix == "" {
		return 0, len(actions)
	}
	lo, hi = letterRange(prefix[0])
	for k := 1; k < len(prefix); k++ {
		c := wildcard.Lower(prefix[k])
		for lo < hi && letter(lo, k) < c {
			lo++
		}
		for lo < hi && letter(hi-1, k) > c {
			hi--
		}
	}
	return lo, hi
}

// letter returns a letter of a row's name, 0 after its end.
func letter(row, k int) byte {
	if name := actions[row].Lower; len(service)+k < len(name) {
		return name[len(service)+k]
	}
	return 0
}

// letterRange returns the rows whose names begin with that letter.
func letterRange(c byte) (lo, hi int) {
	i := wildcard.Lower(c) - 'a'
	if int(i) >= len(letters)-1 {
		return 0, 0
	}
	return int(letters[i]), int(letters[i+1])
}
