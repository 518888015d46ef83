package objectkey

import (
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/awsid"
)

// IsKeyID reports whether s is a KMS key id as KMS writes it: a UUID, or mrk-
// and 32 hex digits for a multi-Region key, in lower case.
// https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id-key-id
func IsKeyID(s string) bool {
	if hex, ok := strings.CutPrefix(s, mrk); ok {
		return len(hex) == 32 && awsid.IsHex(hex)
	}
	if len(s) != 36 {
		return false
	}
	for i, part := range strings.Split(s, "-") {
		if i > 4 || len(part) != [5]int{8, 4, 4, 4, 12}[i] || !awsid.IsHex(part) {
			return false
		}
	}
	return true
}

// ARN is a key ARN in its parts.
type ARN struct{ Partition, Region, Account, KeyID string }

// ParseARN reads a key ARN or, with KeyID "alias/…", an alias ARN; ok is false
// for everything else.
func ParseARN(s string) (a ARN, ok bool) {
	p := strings.SplitN(s, ":", 6)
	if len(p) != 6 || p[0] != "arn" || p[2] != "kms" || p[1] == "" || p[3] == "" || !awsid.IsAccount(p[4]) {
		return ARN{}, false
	}
	a = ARN{Partition: p[1], Region: p[3], Account: p[4], KeyID: p[5]}
	if id, isKey := strings.CutPrefix(p[5], "key/"); isKey {
		a.KeyID = id
		return a, id != ""
	}
	return a, strings.HasPrefix(p[5], "alias/")
}

// NamedBy reports whether an item of a list of keys, a key id or an ARN, means this
// key. A multi-Region key id stands for the key in all Regions, by its ARN of
// any of them too.
func (a ARN) NamedBy(item string) bool {
	if arn, ok := ParseARN(item); ok {
		return arn == a || arn.KeyID == a.KeyID && IsMultiRegion(arn.KeyID) && arn.Account == a.Account
	}
	return item == a.KeyID
}

func (a ARN) String() string {
	return "arn:" + a.Partition + ":kms:" + a.Region + ":" + a.Account + ":key/" + a.KeyID
}

const mrk = "mrk-"

// IsMultiRegion reports whether a key id is that of a multi-Region key, which all
// keys of its set have.
func IsMultiRegion(keyID string) bool { return strings.HasPrefix(keyID, mrk) }
