package grammar

import (
	"net/netip"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/phrase"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/rule"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/value"
)

// ipValue checks an address or range; false where it is none.
func (c *checker) ipValue(cond *document.Condition, v document.Item) bool {
	r, ok := value.ParseRange(v.Text)
	if !ok {
		c.Value(&rule.IPFormat, v.Node, "The value "+phrase.Quote(v.Text)+" is not an IP address or range, so no request matches it. Write an address such as 203.0.113.7, or a range such as 203.0.113.0/24.")
		return false
	}
	if masked := r.Masked(); masked.Addr() != r.Addr() {
		c.Value(&rule.IPHostBits, v.Node, "The address in "+phrase.Quote(v.Text)+" is not the first of its range, and IAM ignores the bits after the prefix. Write "+masked.String()+".")
	}
	if cond.Key.Is("aws:sourceip") {
		c.privateRange(v, r)
	}
	return true
}

// privateRange reports a range of which KMS sees no address, or not all.
func (c *checker) privateRange(v document.Item, r netip.Prefix) {
	if r.Bits() == 0 {
		return // every address, which other rules report
	}
	for _, text := range privateRanges {
		switch p := netip.MustParsePrefix(text); {
		case p.Contains(r.Addr()) && p.Bits() <= r.Bits():
			c.Value(&rule.IPPrivate, v.Node, "The address "+phrase.Quote(v.Text)+" is private, and aws:SourceIp holds public addresses only, so no request matches it. Write the public address, or use aws:VpcSourceIp together with aws:SourceVpc.")
			return
		case r.Contains(p.Addr()):
			c.Value(&rule.IPPartlyPrivate, v.Node, "The range "+phrase.Quote(v.Text)+" includes the private addresses "+text+", and aws:SourceIp holds public addresses only. Write the public ranges only.")
			return
		}
	}
}

// privateRanges are addresses that are never seen from outside of a network.
var privateRanges = [...]string{
	"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16", "100.64.0.0/10",
	"fc00::/7", "fe80::/10", "::1/128",
}
