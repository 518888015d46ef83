// Package value reads what condition operators compare: numbers, dates and
// addresses.
//
// It exists so that the rules that say "this is no date" and the verdicts that
// compare dates read them alike.
package value

import (
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/keysmith/keysmith/shared/keypolicy/awsid"
)

// IsNumber reports whether s is a decimal number.
func IsNumber(s string) bool {
	s = strings.TrimPrefix(s, "-")
	whole, fraction, found := strings.Cut(s, ".")
	return awsid.IsDigits(whole) && (!found || awsid.IsDigits(fraction))
}

// IsDate reports whether s is a date as ISO 8601 writes it, or epoch seconds.
func IsDate(s string) bool {
	if awsid.IsDigits(s) {
		return true
	}
	const pattern = "0000-00-00T00:00:00"
	for i := 0; i < len(s) && i < len(pattern); i++ {
		if digit := s[i] >= '0' && s[i] <= '9'; digit != (pattern[i] == '0') || !digit && s[i] != pattern[i] {
			return false
		}
	}
	switch rest := s[min(len(s), len(pattern)):]; len(s) {
	case len("0000"), len("0000-00"), len("0000-00-00"):
		return true
	default:
		return len(s) > len(pattern) && zone(strings.TrimLeft(rest, ".0123456789"))
	}
}

func zone(s string) bool {
	return s == "Z" || len(s) >= 5 && (s[0] == '+' || s[0] == '-') && awsid.IsDigits(strings.ReplaceAll(s[1:], ":", ""))
}

// ParseDate reads what isDate accepts.
func ParseDate(s string) (time.Time, bool) {
	if seconds, err := strconv.ParseInt(s, 10, 64); err == nil && len(s) > len("2026") {
		return time.Unix(seconds, 0), true
	}
	for _, layout := range [...]string{time.RFC3339Nano, "2006-01-02T15:04:05-0700", time.DateOnly, "2006-01", "2006"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// ParseRange reads a range of addresses, or an address as the range of itself.
func ParseRange(s string) (netip.Prefix, bool) {
	if strings.Contains(s, "/") {
		r, err := netip.ParsePrefix(s)
		return r, err == nil
	}
	addr, err := netip.ParseAddr(s)
	return netip.PrefixFrom(addr, addr.BitLen()), err == nil && addr.Zone() == ""
}
