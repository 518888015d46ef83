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

// Where returns the actions for which keep says so.
func Where(keep func(*Action) bool) Set {
	var s Set
	for i := range actions {
		if keep(&actions[i]) {
			s |= 1 << i
		}
	}
	return s
}

// First returns the first action of a set that is not empty.
func (s Set) First() *Action { return &actions[bits.TrailingZeros64(uint64(s))] }

// String lists the actions with commas between them.
func (s Set) String() string {
	var b strings.Builder
	b.Grow(24 * s.Len())
	s.Each(func(a *Action) {
		if b.Len() > 0 {
			b.WriteString(", ")
		}
		b.WriteString(a.Name)
	})
	return b.String()
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
	lo, hi := prefixRange(name[:star])
	switch {
	case star == len(name):
		if lo < hi && len(actions[lo].Lower) == len(pattern) {
			return 1 << lo
		}
		return 0
	case star == len(name)-1 && name[star] == '*':
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

// prefixRange returns the rows whose names begin with prefix. A row that is
// just the prefix comes first.
func prefixRange(prefix string) (lo, hi int) {
	lo, end := 0, len(actions)
	for lo < end {
		mid := (lo + end) / 2
		if wildcard.CompareFold(head(actions[mid].Lower[len(service):], len(prefix)), prefix) < 0 {
			lo = mid + 1
		} else {
			end = mid
		}
	}
	for hi = lo; hi < len(actions) && wildcard.CompareFold(head(actions[hi].Lower[len(service):], len(prefix)), prefix) == 0; {
		hi++
	}
	return lo, hi
}

func head(s string, n int) string { return s[:min(n, len(s))] }
