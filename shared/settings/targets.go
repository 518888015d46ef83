package settings

import (
	"regexp"
	"slices"
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/awsid"
	"github.com/keysmith/keysmith/shared/target"
)

// targets reads which accounts and Regions the stack writes to, and how.
func (r *reader) targets() target.Scope {
	s := target.Scope{
		Accounts:   r.list("TARGET_ACCOUNTS", CheckTargetAccount),
		Org:        r.one("TARGET_ORG", CheckOrg),
		Regions:    r.list("TARGET_REGIONS", CheckTargetRegion),
		Role:       r.text("TARGET_ROLE_NAME", target.DefaultRole),
		PlanRole:   r.text("TARGET_PLAN_ROLE_NAME", target.DefaultPlanRole),
		ExternalID: r.one("TARGET_EXTERNAL_ID", CheckExternalID),
	}
	for name, role := range map[string]string{"TARGET_ROLE_NAME": s.Role, "TARGET_PLAN_ROLE_NAME": s.PlanRole} {
		if err := CheckRoleName(role); err != nil {
			r.fault(name, "%v", err)
		}
	}
	r.alone("TARGET_ACCOUNTS", s.Accounts)
	r.alone("TARGET_REGIONS", s.Regions)
	if slices.Contains(s.Accounts, target.Any) && s.Org == "" {
		r.fault("TARGET_ACCOUNTS", "is *, every account of an organization: set TARGET_ORG to its id, or name the accounts")
	}
	if s.Role == s.PlanRole {
		r.fault("TARGET_PLAN_ROLE_NAME", "is %s, as TARGET_ROLE_NAME is: the role for plans must not be the one that can put policies", s.PlanRole)
	}
	return s
}

// alone refuses a * beside other items: one of both was not meant.
func (r *reader) alone(name string, items []string) {
	if len(items) > 1 && slices.Contains(items, target.Any) {
		r.fault(name, "%q; want * alone, or a list without *", strings.Join(items, ","))
	}
}

// CheckTargetAccount checks an item of TARGET_ACCOUNTS.
func CheckTargetAccount(v string) error {
	return valid(v, v == target.Any || awsid.IsAccount(v), "12 digits, or * for every account of TARGET_ORG")
}

// CheckTargetRegion checks an item of TARGET_REGIONS.
func CheckTargetRegion(v string) error {
	return valid(v, v == target.Any || awsid.IsRegion(v), "the name of a Region, such as eu-west-1, or * for every Region")
}

// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
var (
	roleName   = regexp.MustCompile(`^[\w+=,.@-]{1,64}$`)
	externalID = regexp.MustCompile(`^[\w+=,.@:/-]+$`)
)

// CheckRoleName checks TARGET_ROLE_NAME and TARGET_PLAN_ROLE_NAME.
func CheckRoleName(v string) error {
	return valid(v, roleName.MatchString(v), "the name of a role without its path, such as "+target.DefaultRole)
}

// CheckExternalID checks TARGET_EXTERNAL_ID.
func CheckExternalID(v string) error {
	return valid(v, externalID.MatchString(v) && len(v) >= 2 && len(v) <= 1224, "2 to 1224 characters of A-Z a-z 0-9 _ + = , . @ : / -")
}
