package catalog

import (
	"slices"
	"strings"
	"sync"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/spell"
)

// ServiceName is a service principal, taken apart.
type ServiceName struct {
	Base   string // without Region and domain, in small letters: "sns", "delivery.logs"
	Region string // "eu-west-1" in sns.eu-west-1.amazonaws.com; "" where it names none
	Domain string // "amazonaws.com"; "" where the text does not end like a service principal
	Known  Answer // Yes: a table has the name; No: it is a slip of Near; Unknown: nothing is known of it
	Near   string // the Base that was probably meant; only with No
}

// Principal writes the name without its Region.
func (n ServiceName) Principal() string { return n.Base + "." + n.Domain }

// domains are what the names of service principals end in. Longer ones stand
// before those that they end in.
//
// Source: the SDK's endpoint rules (service/kms v1.62.4) for the partitions, the
// AWS managed policies and the user guides of the services for the others.
var domains = [...]string{
	"amazonaws.com.cn", "amazonaws.com", "amazonaws.eu", "c2s.ic.gov", "sc2s.sgov.gov", "cloud.adc-e.uk", "csp.hci.ic.gov",
	"amazon.com", "aws.internal", "api.aws",
}

// Service looks up the text of a service principal. The case of letters makes no
// difference here; that KMS wants small ones is for others to say.
func Service(text string) ServiceName {
	text = strings.ToLower(text)
	n := ServiceName{Base: text}
	for _, domain := range domains {
		if base, found := strings.CutSuffix(text, "."+domain); found {
			n.Base, n.Domain = base, domain
			break
		}
	}
	n.Base, n.Region = cutRegion(n.Base)
	n.Known, n.Near = knownPrincipal(n.Base)
	return n
}

// cutRegion takes the Region out of a name: logs.eu-west-1, or as a few services
// write it, eu-west-1.elasticache-snapshot.
func cutRegion(name string) (base, region string) {
	if i := strings.LastIndexByte(name, '.'); i > 0 && regionShape(name[i+1:]) {
		return name[:i], name[i+1:]
	}
	if first, rest, found := strings.Cut(name, "."); found && regionShape(first) {
		return rest, first
	}
	return name, ""
}

// regionShape reports whether s looks like the name of a Region, known or not.
func regionShape(s string) bool {
	if PartitionOf(s) != "" {
		return true
	}
	last := strings.LastIndexByte(s, '-')
	first, _, found := strings.Cut(s, "-")
	return found && strings.Count(s, "-") >= 2 && len(first) >= 2 && len(first) <= 4 &&
		last == len(s)-2 && strings.Contains("123456789", s[last+1:])
}

// knownPrincipal decides whether a name is a slip. A name of which some part is
// an AWS service may be a principal that no table has.
func knownPrincipal(base string) (known Answer, near string) {
	if _, found := slices.BinarySearch(principals[:], base); found || documented(base) {
		return Yes, ""
	}
	for label := range strings.SplitSeq(base, ".") {
		if AWSService(label) == Yes {
			return Unknown, ""
		}
	}
	if near = spell.Closest(base, eachPrincipal); near != "" {
		return No, near
	}
	return Unknown, ""
}

// documented reports whether a row of the uses or of the documented names has it.
func documented(base string) bool {
	for i := range documentedPrincipals {
		if documentedPrincipals[i].Base == base {
			return true
		}
	}
	for i := range uses {
		if uses[i].Service == base {
			return true
		}
	}
	return false
}

// everyPrincipal is the list of Principals, made when a name is first looked up that
// no table has.
var everyPrincipal = sync.OnceValue(Principals)

func eachPrincipal(yield func(string) bool) {
	for _, p := range everyPrincipal() {
		if !yield(p.Base) {
			return
		}
	}
}

// Principal is one name that a service uses, and where it was read.
type Principal struct{ Base, Source string }

// Principals lists every name of the tables once, with its source.
func Principals() []Principal {
	all := append([]Principal(nil), documentedPrincipals[:]...)
	for i := range uses {
		all = append(all, Principal{uses[i].Service, uses[i].Source})
	}
	for _, p := range principals {
		all = append(all, Principal{p, managedPolicies})
	}
	slices.SortStableFunc(all, func(a, b Principal) int { return strings.Compare(a.Base, b.Base) })
	return slices.CompactFunc(all, func(a, b Principal) bool { return a.Base == b.Base })
}

// AWSService reports whether AWS has a service of that name: the first label of
// an endpoint, the name that requests are signed for, or the prefix of its
// actions. The lists are long but not closed, so the other answer is Unknown.
func AWSService(name string) Answer {
	for list := serviceNames; name != ""; {
		i := strings.Index(list, name)
		if i < 0 {
			break
		}
		end := i + len(name)
		if (i == 0 || list[i-1] == ' ') && (end == len(list) || list[end] == ' ') {
			return Yes
		}
		list = list[end:]
	}
	return Unknown
}

// AWSServices lists the names that AWSService knows.
func AWSServices() []string { return strings.Split(serviceNames, " ") }

// ViaService tells what is known of the first label of a kms:ViaService value:
// Yes where the KMS guide lists it, Unknown where it is an AWS service all the
// same or nothing like one, and No, with the name that was meant, where it is a
// slip.
func ViaService(name string) (known Answer, near string) {
	switch {
	case IsViaService(name):
		return Yes, ""
	case AWSService(name) == Yes:
		return Unknown, ""
	}
	if near = spell.Closest(name, func(yield func(string) bool) { slices.Values(viaServices[:])(yield) }); near != "" {
		return No, near
	}
	return Unknown, ""
}
