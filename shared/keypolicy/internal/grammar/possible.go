package grammar

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/awsid"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/value"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/wildcard"
)

// Possible reports whether a request could have the value that an operator looks
// for. It is false only where the form of the value rules that out.
func Possible(cond *document.Condition, text string) bool {
	switch {
	case HoldsVariable(text), cond.Operator.Compare == document.Null:
		return true
	case !Reads(cond, text):
		return false
	case cond.Operator.Family == catalog.IP:
		return !cond.Key.Is("aws:sourceip") || !private(text)
	case cond.Key.Values != "":
		return slices.ContainsFunc(strings.Split(cond.Key.Values, "|"), func(known string) bool {
			return known == text || cond.Operator.Compare == document.EqualsIgnoreCase && strings.EqualFold(known, text) ||
				cond.Operator.Compare == document.Like && wildcard.Match(text, known)
		})
	case wildcard.Has(text) && cond.Operator.Compare == document.Like, cond.Operator.Family != catalog.String && cond.Operator.Family != catalog.ARN:
		return true
	}
	return hasForm(cond.Key, text)
}

// hasForm compares a text without a pattern with the form that all values of its
// key have.
func hasForm(key *catalog.Key, text string) bool {
	switch key.Lower {
	case "aws:principalaccount", "kms:calleraccount", "aws:sourceaccount", "aws:vpceaccount", "aws:resourceaccount", "aws:sourceowner":
		return awsid.IsAccount(text)
	case "aws:principalorgid", "aws:sourceorgid", "aws:vpceorgid", "aws:resourceorgid":
		return awsid.IsOrganization(text)
	case "aws:principalorgpaths", "aws:sourceorgpaths", "aws:vpceorgpaths", "aws:resourceorgpaths":
		org, _, found := strings.Cut(text, "/")
		return found && awsid.IsOrganization(org)
	case "aws:sourcevpc", "aws:ec2instancesourcevpc":
		return awsid.IsNetwork(text, "vpc-")
	case "aws:sourcevpce":
		return awsid.IsNetwork(text, "vpce-")
	case "kms:requestalias":
		return strings.HasPrefix(text, "alias/")
	case "aws:principalarn", "kms:viaservice":
		return !wildcard.Has(text)
	}
	return !key.Has(catalog.Attestation) || len(text) == 96 && awsid.IsHex(strings.ToLower(text))
}

// private reports whether a range holds private addresses only.
func private(text string) bool {
	r, _ := value.ParseRange(text)
	return slices.ContainsFunc(privateRanges[:], func(known string) bool {
		p := netip.MustParsePrefix(known)
		return p.Contains(r.Addr()) && p.Bits() <= r.Bits()
	})
}
