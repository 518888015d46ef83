// Package awsid knows how AWS writes what it names: accounts, ARNs, organizations,
// networks, unique ids.
//
// It exists so that every package that has to tell an account from a typing error
// tells it in the same way. It looks at the shape only: whether the thing exists,
// no text shows.
package awsid

import (
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/charset"
)

// ARN holds the fields of an ARN.
type ARN struct{ Partition, Service, Region, Account, Resource string }

// SplitARN reads an ARN. It is false where s has fewer than six fields or an empty
// resource; the other fields are returned as they stand.
func SplitARN(s string) (ARN, bool) {
	if !strings.HasPrefix(s, "arn:") {
		return ARN{}, false
	}
	var colons [5]int
	n := 0
	for i := 0; i < len(s) && n < len(colons); i++ {
		if s[i] == ':' {
			colons[n] = i
			n++
		}
	}
	if n < len(colons) || colons[4] == len(s)-1 {
		return ARN{}, false
	}
	return ARN{
		Partition: s[colons[0]+1 : colons[1]], Service: s[colons[1]+1 : colons[2]],
		Region: s[colons[2]+1 : colons[3]], Account: s[colons[3]+1 : colons[4]], Resource: s[colons[4]+1:],
	}, true
}

// AccountOf returns the account that an ARN names, "" where it names none.
func AccountOf(s string) string {
	if a, ok := SplitARN(s); ok && IsAccount(a.Account) {
		return a.Account
	}
	return ""
}

// IsAccount reports whether s is an account id: 12 digits.
func IsAccount(s string) bool { return len(s) == 12 && IsDigits(s) }

var (
	digits      = charset.Of(charset.Digits)
	hexadecimal = charset.Of(charset.Digits + "abcdef")
	inUniqueIDs = charset.Of(charset.Capitals + charset.Digits)
	inOrgs      = charset.Of(charset.Small + charset.Digits)
)

// IsDigits reports whether s is digits and nothing else.
func IsDigits(s string) bool { return s != "" && digits.Has(s) }

// IsUniqueID reports whether s looks like the unique id of an IAM principal.
func IsUniqueID(s string) bool {
	s, _, _ = strings.Cut(s, ":")
	if len(s) < 16 || len(s) > 128 || s[0] != 'A' {
		return false
	}
	for _, prefix := range [...]string{"AROA", "AIDA", "AGPA", "AIPA", "ANPA", "APKA", "AKIA", "ASIA"} {
		if strings.HasPrefix(s, prefix) {
			return inUniqueIDs.Has(s)
		}
	}
	return false
}

// SessionRole returns the name of the role that an assumed-role ARN is a
// session of.
func SessionRole(text string) string {
	a, _ := SplitARN(text)
	rest, _ := strings.CutPrefix(a.Resource, "assumed-role/")
	name, _, _ := strings.Cut(rest, "/")
	return name
}

// RoleName returns a role's name without its path.
func RoleName(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }

// RootARN is the principal that stands for a whole account.
func RootARN(partition, account string) string {
	return "arn:" + partition + ":iam::" + account + ":root"
}

// IsOrganization reports whether s is the id of an organization: o- and 10 to 32
// small letters or digits.
func IsOrganization(s string) bool {
	id, ok := strings.CutPrefix(s, "o-")
	return ok && len(id) >= 10 && len(id) <= 32 && inOrgs.Has(id)
}

// IsNetwork reports whether s is prefix and 8 or 17 hexadecimal digits.
func IsNetwork(s, prefix string) bool {
	id, ok := strings.CutPrefix(s, prefix)
	return ok && (len(id) == 8 || len(id) == 17) && IsHex(id)
}

// IsHex reports whether s is hexadecimal digits, as AWS writes them in small
// letters, and nothing else.
func IsHex(s string) bool { return s != "" && hexadecimal.Has(s) }
