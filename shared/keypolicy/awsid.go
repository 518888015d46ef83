package keypolicy

import "strings"

// arnParts are the fields of an ARN.
type arnParts struct{ partition, service, region, account, resource string }

func splitARN(s string) (arnParts, bool) {
	if !strings.HasPrefix(s, "arn:") {
		return arnParts{}, false
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
		return arnParts{}, false
	}
	return arnParts{
		partition: s[colons[0]+1 : colons[1]], service: s[colons[1]+1 : colons[2]],
		region: s[colons[2]+1 : colons[3]], account: s[colons[3]+1 : colons[4]], resource: s[colons[4]+1:],
	}, true
}

// accountOf returns the account that an ARN names, "" where it names none.
func accountOf(s string) string {
	if a, ok := splitARN(s); ok && isAccountID(a.account) {
		return a.account
	}
	return ""
}

func isAccountID(s string) bool { return len(s) == 12 && allDigits(s) }

func allDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// isUniqueID reports whether s looks like the unique id of an IAM principal.
func isUniqueID(s string) bool {
	s, _, _ = strings.Cut(s, ":")
	if len(s) < 16 || len(s) > 128 || s[0] != 'A' {
		return false
	}
	for _, prefix := range [...]string{"AROA", "AIDA", "AGPA", "AIPA", "ANPA", "APKA", "AKIA", "ASIA"} {
		if strings.HasPrefix(s, prefix) {
			return !strings.ContainsFunc(s, func(c rune) bool { return (c < 'A' || c > 'Z') && (c < '0' || c > '9') })
		}
	}
	return false
}

// sessionRole returns the name of the role that an assumed-role ARN is a
// session of.
func sessionRole(text string) string {
	a, _ := splitARN(text)
	rest, _ := strings.CutPrefix(a.resource, "assumed-role/")
	name, _, _ := strings.Cut(rest, "/")
	return name
}

// roleName returns a role's name without its path.
func roleName(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }

// rootARN is the principal that stands for a whole account.
func rootARN(partition, account string) string {
	return "arn:" + partition + ":iam::" + account + ":root"
}

func isOrgID(s string) bool {
	id, ok := strings.CutPrefix(s, "o-")
	if !ok || len(id) < 10 || len(id) > 32 {
		return false
	}
	return !strings.ContainsFunc(id, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
}

// isNetworkID reports whether s is prefix and 8 or 17 hexadecimal digits.
func isNetworkID(s, prefix string) bool {
	id, ok := strings.CutPrefix(s, prefix)
	return ok && (len(id) == 8 || len(id) == 17) && isHex(id)
}

func isHex(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return (r < '0' || r > '9') && (r < 'a' || r > 'f') })
}
