// Package catalog holds what AWS documents about KMS permissions: the actions,
// the condition keys and the services that call KMS for somebody.
//
// It exists so that rules never carry names of their own. The tables are sorted
// arrays of constants: nothing is built when the program starts.
package catalog

import (
	"math/bits"
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/wildcard"
)

// Set is a set of KMS actions, one bit each in the order of the table.
type Set uint64

// All holds every action of the table.
const All = Set(1)<<actionCount - 1

const actionCount = len(actions)

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

// Match returns the actions that a name or a pattern stands for. The case of
// letters makes no difference, as in IAM.
func Match(pattern string) Set {
	if pattern == "*" || pattern == "kms:*" {
		return All
	}
	if len(pattern) <= len(service) || !wildcard.EqualFold(pattern[:len(service)], service) {
		return matchAmong(0, len(actions), pattern)
	}
	name := pattern[len(service):]
	star := 0
	for star < len(name) && name[star] != '*' && name[star] != '?' {
		star++
	}
	if star == len(name) {
		return exact(name)
	}
	lo, hi := prefixRange(name[:star])
	if star == len(name)-1 && name[star] == '*' {
		return (1<<hi - 1) &^ (1<<lo - 1)
	}
	return matchAmong(lo, hi, pattern)
}

// service is what every action of the table begins with.
const service = "kms:"

func matchAmong(lo, hi int, pattern string) Set {
	if lo == hi || !wildcard.Has(pattern) {
		return 0
	}
	pattern = strings.ToLower(pattern)
	var s Set
	for i := lo; i < hi; i++ {
		if wildcard.Match(pattern, actions[i].Lower) {
			s |= 1 << i
		}
	}
	return s
}

func exact(name string) Set {
	lo, hi := letterRange(name[0])
	for i := lo; i < hi; i++ {
		if known := actions[i].Lower[len(service):]; len(known) == len(name) && hasPrefixFold(known, name) {
			return 1 << i
		}
	}
	return 0
}

// prefixRange returns the rows whose names begin with prefix.
func prefixRange(prefix string) (lo, hi int) {
	if prefix == "" {
		return 0, len(actions)
	}
	lo, last := letterRange(prefix[0])
	for lo < last && !hasPrefixFold(actions[lo].Lower[len(service):], prefix) {
		lo++
	}
	for hi = lo; hi < last && hasPrefixFold(actions[hi].Lower[len(service):], prefix); {
		hi++
	}
	return lo, hi
}

// letterRange returns the rows whose names begin with that letter.
func letterRange(c byte) (lo, hi int) {
	i := wildcard.Lower(c) - 'a'
	if int(i) >= len(letters)-1 {
		return 0, 0
	}
	return int(letters[i]), int(letters[i+1])
}

// hasPrefixFold reports whether a name in small letters begins with prefix.
func hasPrefixFold(name, prefix string) bool {
	if len(prefix) > len(name) {
		return false
	}
	for i := 0; i < len(prefix); i++ {
		if name[i] != prefix[i] && name[i] != wildcard.Lower(prefix[i]) {
			return false
		}
	}
	return true
}
