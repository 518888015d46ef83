package target

import (
	"fmt"
	"slices"
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/awsid"
	"github.com/keysmith/keysmith/shared/objectkey"
)

// A Place is an account in a Region. Of a multi-Region set it has no Region.
type Place struct{ Partition, Account, Region string }

// Key is the ARN of a key of the place.
func (p Place) Key(id string) objectkey.ARN {
	return objectkey.ARN{Partition: p.Partition, Region: p.Region, Account: p.Account, KeyID: id}
}

// Any stands for every account, or every Region.
const Any = "*"

// The names of the roles in other accounts, where nothing else is set.
const (
	DefaultRole     = "keysmith-target"
	DefaultPlanRole = "keysmith-target-plan"
)

// A Scope is what a deployment may write to beside its own account and Region.
// The zero Scope is nothing else.
type Scope struct {
	Accounts []string // other accounts, or Any of those in Org
	Org      string   // the organization that IAM holds other accounts to; empty: unknown
	Regions  []string // of all accounts, or Any; empty: the stack's own

	Role       string // name of the role that puts policies in other accounts
	PlanRole   string // and of the one that only reads
	ExternalID string // that both ask for; empty: none
}

// Place tells where the key of an object is, for a stack whose own place is own.
// It refuses a key that is no target, and one of the stack's own account and
// Region in the long form. The error is an *objectkey.Error.
func (s Scope) Place(own Place, name objectkey.Name) (Place, error) {
	if name.Account == "" && name.Region == "" && !name.MultiRegion {
		return own, nil
	}
	p := Place{own.Partition, name.Account, name.Region}
	if p.Account == "" {
		p.Account = own.Account
	}
	if part, wrong := s.refuses(own, name, p); wrong != "" {
		return p, &objectkey.Error{Object: name.Object, Column: strings.Index(name.Object, part) + 1, Message: wrong}
	}
	return p, nil
}

// refuses returns the part of the name that is wrong, and why.
func (s Scope) refuses(own Place, name objectkey.Name, p Place) (part, wrong string) {
	switch {
	case own.Account == "":
		return p.Account, "the account of this stack is not known, so keysmith cannot decide whether the key is in another account: set WRITER_ROLE_ARN"
	case name.Account == own.Account && (name.MultiRegion || name.Region == own.Region):
		return p.Account, fmt.Sprintf("the account %s%s are this stack's own: write %s", p.Account, regionWords(p), short(name))
	case p.Account != own.Account && !s.HasAccount(p.Account):
		return p.Account, fmt.Sprintf("the account %s is not one of the accounts that this deployment writes to: add it to TARGET_ACCOUNTS, and deploy scripts/target/target.yaml there", p.Account)
	case name.MultiRegion:
		return "", ""
	}
	return p.Region, s.RefusesRegion(own, p.Region)
}

// RefusesRegion says why a Region is no target; empty where it is one.
func (s Scope) RefusesRegion(own Place, region string) string {
	switch {
	case awsid.PartitionOf(region) != own.Partition:
		return fmt.Sprintf("the Region %s is in the partition %s, and this stack in %s: deploy a stack there", region, awsid.PartitionOf(region), own.Partition)
	case s.HasRegion(own, region):
		return ""
	case !awsid.KnownRegion(region):
		return fmt.Sprintf("this version does not know the Region %s: correct the name, or add it to TARGET_REGIONS if it is a new Region", region)
	}
	return fmt.Sprintf("the Region %s is not one of the Regions that this deployment writes to: add it to TARGET_REGIONS", region)
}

func regionWords(p Place) string {
	if p.Region == "" {
		return ", and its multi-Region sets,"
	}
	return " and the Region " + p.Region
}

// short is the name without the account and the Region of the stack.
func short(name objectkey.Name) string {
	before, rest, _ := strings.Cut(name.Object, name.Account+"/")
	return before + strings.TrimPrefix(rest, name.Region+"/")
}

// HasAccount reports whether an account, which is not the stack's own, is a target.
func (s Scope) HasAccount(account string) bool {
	return slices.Contains(s.Accounts, account) || slices.Contains(s.Accounts, Any)
}

// HasRegion reports whether a Region is a target: the stack's own where nothing is
// set. Of Any, a name that no Region has is none.
func (s Scope) HasRegion(own Place, region string) bool {
	if len(s.Regions) == 0 {
		return region == own.Region
	}
	return slices.Contains(s.Regions, region) || slices.Contains(s.Regions, Any) && awsid.KnownRegion(region)
}

// Elsewhere reports whether anything beside the stack's own account and Region may
// be a target.
func (s Scope) Elsewhere() bool {
	return len(s.Accounts) > 0 || len(s.Regions) > 1 || slices.Contains(s.Regions, Any)
}

// Has reports whether keys of a place may be written to. Those of the stack's own
// place always may.
func (s Scope) Has(own, p Place) bool {
	return p == own || p.Partition == own.Partition && (p.Account == own.Account || s.HasAccount(p.Account)) && s.HasRegion(own, p.Region)
}

// Name is the name of the object of a key in a place, for a stack at own.
func Name(own, p Place, keyID string) string {
	if p == own {
		return objectkey.For(keyID)
	}
	return objectkey.ForKey(p.Account, p.Region, keyID)
}

// SetName is the name of the object of a multi-Region set.
func SetName(own, p Place, keyID string) string {
	if p.Account == own.Account {
		return objectkey.ForSet("", keyID)
	}
	return objectkey.ForSet(p.Account, keyID)
}
