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
		c.Value(&rule.IPFormat, v.Node, phrase.Quote(v.Text)+" is no IP address or range; the comparison can never be true, and a negated one always is.")
		return false
	}
	if masked := r.Masked(); masked.Addr() != r.Addr() {
		c.Value(&rule.IPHostBits, v.Node, "The range "+phrase.Quote(v.Text)+" has bits after its prefix, which are not looked at: it is "+masked.String()+".")
	}
	if cond.Key.Is("aws:sourceip") {
		c.privateRange(v, r)
	}
	return true
}

// privateRange reports a range of which KMS sees no address, or not all.
func (c *checker) privateRange(v document.Item, r netip.Prefix) {
	if r.Bits() == 0 {
		return // every address, which is told elsewhere
	}
	for _, text := range privateRanges {
		switch p := netip.MustParsePrefix(text); {
		case p.Contains(r.Addr()) && p.Bits() <= r.Bits():
			c.Value(&rule.IPPrivate, v.Node, "KMS sees public addresses only, and "+phrase.Quote(v.Text)+" is private: the comparison can never be true, and a negated one always is. Write the public address, or use aws:VpcSourceIp with aws:SourceVpc.")
			return
		case r.Contains(p.Addr()):
			c.Value(&rule.IPPartlyPrivate, v.Node, "The range "+phrase.Quote(v.Text)+" holds the private addresses "+text+" beside public ones, and KMS sees public addresses only; write the public ranges alone.")
			return
		}
	}
}

// privateRanges are addresses that are never seen from outside of a network.
var privateRanges = [...]string{
	"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16", "100.64.0.0/10",
	"fc00::/7", "fe80::/10", "::1/128",
}
