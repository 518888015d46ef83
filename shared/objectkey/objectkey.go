// Package objectkey reads the object keys of the policy bucket: which KMS key
// an object speaks for.
//
// Each KMS key has exactly one spelling, so that no two objects can own one
// key. The grammar allows only characters for which URL decoding is the
// identity, so the two shapes of S3 events can never disagree about a name.
package objectkey

import (
	"fmt"
	"strings"
	"time"

	"github.com/keysmith/keysmith/shared/keypolicy/awsid"
)

const (
	policies = "policies/"
	plans    = "plans/"
	statuses = "status/"
	holds    = "holds/"
	suffix   = ".json"
)

// A Name is what an object key says.
type Name struct {
	Object string // the object key itself
	Run    string // of a plan: what it was made for, such as a pull request; empty for none
	KeyID  string // key id, such as 1234abcd-12ab-34cd-56ef-1234567890ab or mrk-…
	Plan   bool   // under plans/: only planned, never applied
}

// An Error says what is wrong with an object key, where, and what to write.
type Error struct {
	Object  string
	Column  int // in characters, from 1
	Message string
}

func (e *Error) Error() string {
	return fmt.Sprintf("object key %q, column %d: %s", e.Object, e.Column, e.Message)
}

// Ours tells whether object lies under a prefix that keysmith acts on. What
// does not is nobody's mistake: history and other files may share the bucket.
func Ours(object string) bool {
	return strings.HasPrefix(object, policies) || strings.HasPrefix(object, plans)
}

// For is the object key of a KMS key of the stack's own account and Region.
func For(keyID string) string { return policies + keyID + suffix }

// Status is the object key of the status of an object under policies/ or plans/.
func Status(object string) string { return statuses + object }

// Hold is the object key of the hold on an object under policies/.
func Hold(object string) string { return holds + object }

// HeldBy returns the object that a hold with this object key is on; empty where
// it is no hold on an object under policies/.
func HeldBy(hold string) string {
	object, ok := strings.CutPrefix(hold, holds)
	if !ok || !strings.HasPrefix(object, policies) {
		return ""
	}
	return object
}

// The prefixes of the objects whose policies are applied, and planned.
const (
	Policies = policies
	Plans    = plans
)

// What the sweep writes beside the statuses.
const (
	SweepReport     = statuses + "sweep.json"
	UnmanagedReport = statuses + "unmanaged.json"
)

// History is the object key under which the policy of a key that was replaced
// at t is kept; sum is the hex SHA-256 of its bytes. All replaced policies of
// one key sort by time.
func History(account, region, keyID string, t time.Time, sum string) string {
	prefix, at := HistorySince(account, region, keyID, t)
	return prefix + at + "-" + sum + suffix
}

// HistorySince returns the prefix of a key's history, and after which name
// below it the policies come that were replaced at t or later.
func HistorySince(account, region, keyID string, t time.Time) (prefix, after string) {
	return fmt.Sprintf("history/%s/%s/%s/", account, region, keyID), t.UTC().Format("20060102T150405.000Z")
}

// Parse reads an object key under policies/ or plans/. The error is an *Error.
func Parse(object string) (Name, error) {
	if err := characters(object); err != nil {
		return Name{}, err
	}
	prefix := policies
	if strings.HasPrefix(object, plans) {
		prefix = plans
	} else if !strings.HasPrefix(object, policies) {
		return Name{}, refuse(object, 0, "not under policies/ or plans/")
	}
	run := ""
	if prefix == plans {
		var err error
		if run, err = runOf(object); err != nil {
			return Name{}, err
		}
		if run != "" {
			prefix += run + "/" + policies
		}
	}
	rest := object[len(prefix):]
	base, ok := strings.CutSuffix(rest, suffix)
	if !ok {
		return Name{}, refuse(object, len(object), "the name must end in .json: write "+prefix+"<key-id>.json")
	}
	parts := strings.Split(base, "/")
	if len(parts) > 1 {
		return Name{}, folders(object, prefix, parts)
	}
	if !IsKeyID(base) {
		return Name{}, refuse(object, len(prefix), notAKeyID(base)+"; write "+prefix+"<key-id>.json")
	}
	return Name{Object: object, Run: run, KeyID: base, Plan: strings.HasPrefix(object, plans)}, nil
}

// runOf returns the run of an object key plans/<run>/policies/…; empty for a plan
// without one.
func runOf(plan string) (string, error) {
	run, rest, found := strings.Cut(plan[len(plans):], "/")
	if !found || !strings.HasPrefix(rest, policies) {
		return "", nil
	}
	for i, r := range run {
		if strings.ContainsRune("/_.=", r) || i >= longestRun {
			return "", refuse(plan, len(plans)+i, fmt.Sprintf(
				"the name of a run, such as a pull request's number, may have %d characters A-Z a-z 0-9 -", longestRun))
		}
	}
	return run, nil
}

const longestRun = 64

// characters refuses what could make one name look like another.
func characters(object string) error {
	for i, r := range object {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune("/_.=-", r):
		default:
			return refuse(object, i, fmt.Sprintf("the character %q is not allowed: only A-Z a-z 0-9 / _ . = - are", r))
		}
	}
	if i := strings.Index(object, ".."); i >= 0 {
		return refuse(object, i, `".." is not allowed`)
	}
	if i := strings.Index(object, "//"); i >= 0 {
		return refuse(object, i+1, "an empty name between two slashes is not allowed")
	}
	return nil
}

// folders explains the longer forms, none of which is handled yet: a form that
// nothing handles must not look as if it had been accepted.
func folders(object, prefix string, parts []string) error {
	at := len(prefix)
	last := parts[len(parts)-1]
	switch {
	case parts[0] == "alias":
		return refuse(object, at, "an alias is no object name, since whoever may move the alias could point the policy at another key: use the key id")
	case parts[0] == "multi-region" && len(parts) == 2:
		return refuse(object, at, "a whole multi-Region set is not handled by this version: write "+prefix+"<mrk-id>.json in each Region's stack")
	case len(parts) == 3 && awsid.IsAccount(parts[0]) && IsKeyID(last):
		return refuse(object, at, "keys of another account or Region are not handled by this version; a key of this stack's own account and Region is written "+prefix+last+suffix)
	}
	return refuse(object, at, "write "+prefix+"<key-id>.json, without folders")
}

func notAKeyID(s string) string {
	switch {
	case s == "":
		return "the key id is missing"
	case IsKeyID(strings.ToLower(s)):
		return fmt.Sprintf("%q must be in lower case", s)
	}
	return fmt.Sprintf("%q is not a KMS key id (such as 1234abcd-12ab-34cd-56ef-1234567890ab or mrk- and 32 hex digits)", s)
}

func refuse(object string, offset int, message string) *Error {
	return &Error{Object: object, Column: len([]rune(object[:offset])) + 1, Message: message}
}
