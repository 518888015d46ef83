// Package objectkey reads the object keys of the policy bucket: which KMS key
// an object speaks for.
//
// Each KMS key has exactly one spelling, so that no two objects can own one
// key. The grammar allows only characters for which URL decoding is the
// identity, so the two shapes of S3 events can never disagree about a name.
//
// A name does not tell which account and Region the stack is in, so that a key of
// them in the long form is refused by who knows: see package target.
package objectkey

import (
	"fmt"
	"strings"
	"time"
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

	Account     string // of the key; empty: the stack's own
	Region      string // of the key; empty: the stack's own, or that of each key of a set
	MultiRegion bool   // the name stands for every key of a multi-Region set
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

// Ours reports whether object lies under a prefix that keysmith acts on. What
// does not is nobody's mistake: history and other files may share the bucket.
func Ours(object string) bool {
	return strings.HasPrefix(object, policies) || strings.HasPrefix(object, plans)
}

// For is the object key of a KMS key of the stack's own account and Region.
func For(keyID string) string { return policies + keyID + suffix }

// ForKey is the object key of a KMS key of another account or Region.
func ForKey(account, region, keyID string) string {
	return policies + account + "/" + region + "/" + keyID + suffix
}

// ForSet is the object key of every key of a multi-Region set; without an account,
// of a set of the stack's own.
func ForSet(account, keyID string) string {
	if account != "" {
		account += "/"
	}
	return policies + account + multiRegion + "/" + keyID + suffix
}

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
