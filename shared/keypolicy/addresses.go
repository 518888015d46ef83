package keypolicy

import (
	"strconv"
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
)

// ipValue checks an address or range; false where it is none.
func (c *checker) ipValue(cond *condition, v item) bool {
	text, bits, ranged := strings.Cut(v.text, "/")
	addr, ok := parseIPv4(text)
	width := 32
	if !ok && isIPv6(text) {
		ok, width = true, 128
	}
	prefix, err := strconv.Atoi(bits)
	if !ok || ranged && (err != nil || prefix < 0 || prefix > width) {
		c.value(&ruleIPFormat, v.node, quote(v.text)+" is no IP address or range; the comparison can never be true, and a negated one always is.")
		return false
	}
	if !ranged {
		prefix = width
	}
	if width == 32 {
		c.ipv4Range(cond.key, v, addr, prefix)
	}
	return true
}

func (c *checker) ipv4Range(key *catalog.Key, v item, addr uint32, prefix int) {
	if host := addr & (1<<(32-prefix) - 1); prefix < 32 && host != 0 {
		c.value(&ruleIPHostBits, v.node, "The range "+quote(v.text)+" has bits after its prefix, which are not looked at: it is "+ipv4Text(addr&^(1<<(32-prefix)-1))+"/"+strconv.Itoa(prefix)+".")
	}
	if key.Is("aws:sourceip") && privateIPv4(addr, prefix) {
		c.value(&ruleIPPrivate, v.node, "KMS sees public addresses only, and "+quote(v.text)+" is private: the comparison can never be true, and a negated one always is. Write the public address, or use aws:VpcSourceIp with aws:SourceVpc.")
	}
}

func parseIPv4(s string) (uint32, bool) {
	var addr uint32
	parts := strings.Split(s, ".")
	for _, p := range parts {
		n, err := strconv.ParseUint(p, 10, 8)
		if err != nil || len(p) > 1 && p[0] == '0' {
			return 0, false
		}
		addr = addr<<8 | uint32(n)
	}
	return addr, len(parts) == 4
}

func ipv4Text(a uint32) string {
	parts := make([]string, 4)
	for i := range parts {
		parts[i] = strconv.Itoa(int(a >> (24 - 8*i) & 255))
	}
	return strings.Join(parts, ".")
}

// privateIPv4 reports whether a range lies within the private ones.
func privateIPv4(addr uint32, prefix int) bool {
	for _, r := range [...]struct {
		net  uint32
		bits int
	}{{10 << 24, 8}, {172<<24 | 16<<16, 12}, {192<<24 | 168<<16, 16}, {127 << 24, 8}, {169<<24 | 254<<16, 16}, {100<<24 | 64<<16, 10}} {
		if prefix >= r.bits && addr>>(32-r.bits) == r.net>>(32-r.bits) {
			return true
		}
	}
	return false
}

// isIPv6 reports whether s has the shape of an IPv6 address.
func isIPv6(s string) bool {
	groups := strings.Split(s, ":")
	if len(groups) < 3 || len(groups) > 9 || strings.Count(s, "::") > 1 {
		return false
	}
	filled := 0
	for _, g := range groups {
		if len(g) > 4 || !isHex(strings.ToLower(g)) {
			return false
		}
		if g != "" {
			filled++
		}
	}
	return filled == 8 || filled < 8 && strings.Contains(s, "::")
}
