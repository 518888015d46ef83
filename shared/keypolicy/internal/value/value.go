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
	_, ok := ParseDate(s)
	return ok || awsid.IsDigits(s)
}

// ParseDate reads a date, or epoch seconds of more digits than a year has.
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
