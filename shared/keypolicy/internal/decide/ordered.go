package decide

import (
	"math/big"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// parseNumber reads a decimal number of a policy.
func parseNumber(s string) (*big.Rat, bool) { return parseNumberOf(s, 64) }

func parseNumberOf(s string, longest int) (*big.Rat, bool) {
	mantissa, exponent, scaled := strings.Cut(strings.ToLower(s), "e")
	if len(s) > longest || mantissa == "" || strings.Trim(mantissa, "0123456789.+-") != "" || scaled && len(exponent) > 3 {
		return nil, false
	}
	return new(big.Rat).SetString(s)
}

// parseMoment reads a date, or the seconds since 1970, as the latter.
func parseMoment(s string) (*big.Rat, bool) {
	if seconds, err := strconv.ParseInt(s, 10, 64); err == nil && len(s) > len("2026") {
		return new(big.Rat).SetInt64(seconds), true
	}
	for _, layout := range [...]string{time.RFC3339Nano, "2006-01-02T15:04:05-0700", time.DateOnly, "2006-01", "2006"} {
		if t, err := time.Parse(layout, s); err == nil {
			const nanos = 1_000_000_000
			r := new(big.Rat).SetInt64(t.Unix())
			return r.Add(r, big.NewRat(int64(t.Nanosecond()), nanos)), true
		}
	}
	return nil, false
}

func parseRange(s string) (netip.Prefix, bool) {
	if strings.Contains(s, "/") {
		r, err := netip.ParsePrefix(s)
		return r.Masked(), err == nil
	}
	addr, err := netip.ParseAddr(s)
	return netip.PrefixFrom(addr, addr.BitLen()), err == nil && addr.Zone() == ""
}

// numberOf reads the value of a request as an operator does.
func numberOf(value string, moment bool) (*big.Rat, bool) {
	if moment {
		return parseMoment(value)
	}
	const written = 2000 // digits at most, of a number of a policy in full
	return parseNumberOf(value, written)
}

// holds compares a value with one limit.
func (rel relation) holds(value, limit *big.Rat) bool {
	c := value.Cmp(limit)
	switch rel {
	case equal:
		return c == 0
	case less:
		return c < 0
	case lessOrEqual:
		return c <= 0
	case greater:
		return c > 0
	}
	return c >= 0
}

// span are the numbers that a key can hold.
type span struct {
	whole    bool // only whole numbers
	low      int64
	high     int64
	lowBound bool
	bound    bool // high counts
}

func (s span) holds(r *big.Rat) bool {
	if s.whole && !r.IsInt() || s.lowBound && r.Cmp(big.NewRat(s.low, 1)) < 0 {
		return false
	}
	return !s.bound || r.Cmp(big.NewRat(s.high, 1)) <= 0
}

// tries returns numbers among which there is one of every kind that comparisons
// with the limits can tell apart: the limits, and one between each two.
func (s span) tries(limits []*big.Rat) []*big.Rat {
	limits = slices.Clone(limits)
	if s.lowBound {
		limits = append(limits, big.NewRat(s.low, 1))
	}
	if s.bound {
		limits = append(limits, big.NewRat(s.high, 1))
	}
	if len(limits) == 0 {
		limits = append(limits, big.NewRat(1, 1))
	}
	slices.SortFunc(limits, func(a, b *big.Rat) int { return a.Cmp(b) })
	out := make([]*big.Rat, 0, 2*len(limits)+1)
	step := big.NewRat(1, 1)
	out = append(out, new(big.Rat).Sub(floor(limits[0]), step))
	for i, l := range limits {
		out = append(out, l)
		next := new(big.Rat).Add(floor(l), step)
		if i+1 < len(limits) && next.Cmp(limits[i+1]) >= 0 {
			next = new(big.Rat).Add(l, limits[i+1])
			next.Mul(next, big.NewRat(1, 2))
		}
		out = append(out, next)
	}
	out = slices.DeleteFunc(out, func(r *big.Rat) bool { return !s.holds(r) })
	slices.SortStableFunc(out, func(a, b *big.Rat) int { return places(a) - places(b) })
	return out
}

// places tells whole numbers, which are tried first, from others.
func places(r *big.Rat) int {
	if r.IsInt() {
		return 0
	}
	return 1
}

func floor(r *big.Rat) *big.Rat {
	q := new(big.Int).Div(r.Num(), r.Denom()) // Euclidean: rounds down, since the denominator is positive
	return new(big.Rat).SetInt(q)
}

// write gives a number the form that its key has in a request.
func write(r *big.Rat, moment bool) string {
	if moment {
		const first, last = -62135596800, 253402300799 // years 1 to 9999
		if whole := floor(r); whole.Num().IsInt64() && whole.Num().Int64() >= first && whole.Num().Int64() <= last {
			rest := new(big.Rat).Sub(r, whole)
			nanos, _ := new(big.Rat).Mul(rest, big.NewRat(1_000_000_000, 1)).Float64()
			return time.Unix(whole.Num().Int64(), int64(nanos)).UTC().Format(time.RFC3339Nano)
		}
	}
	if r.IsInt() {
		return r.Num().String()
	}
	digits, _ := r.FloatPrec()
	return r.FloatString(digits)
}

// addressTries returns addresses among which there is one of every kind that
// the ranges can tell apart.
func addressTries(ranges []netip.Prefix) []netip.Addr {
	out := []netip.Addr{
		netip.MustParseAddr("203.0.113.1"), netip.MustParseAddr("2001:db8::1"), // for documentation (RFC 5737, RFC 3849)
	}
	for _, r := range ranges {
		out = append(out, r.Addr())
	}
	for _, r := range ranges {
		if next := lastOf(r).Next(); next.IsValid() {
			out = append(out, next)
		}
	}
	return append(out, netip.IPv4Unspecified(), netip.IPv6Unspecified())
}

// lastOf returns the last address of a range.
func lastOf(r netip.Prefix) netip.Addr {
	b := r.Addr().AsSlice()
	for i := r.Bits(); i < 8*len(b); i++ {
		b[i/8] |= 1 << (7 - i%8)
	}
	last, _ := netip.AddrFromSlice(b)
	return last
}
