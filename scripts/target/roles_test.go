package target_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keysmith/keysmith/shared/fakeaws"
)

// The trust policies alone, with callers whom IAM lets do everything.
func TestOnlyTheApplyFunctionMayAssumeTheRoleThatPuts(t *testing.T) {
	l := deploy(t, nil, nil)
	apply, plan, sweep := l.own("ApplyRole"), l.own("PlanRole"), l.own("SweepRole")
	for name, test := range map[string]struct {
		who, id   string
		put, read bool
	}{
		"the apply function":                          {apply + suffix, externalID, true, true},
		"the plan function":                           {plan + suffix, externalID, false, true},
		"the sweep function":                          {sweep + suffix, externalID, false, true},
		"an apply function that was made again":       {apply + "-ZZZZZZZZZZZZ", externalID, true, true},
		"another stack's apply function":              {strings.Replace(apply, "keysmith-", "other-", 1) + suffix, externalID, false, false},
		"a role whose name begins like it":            {apply + "s" + suffix, externalID, false, false},
		"somebody else in the hub":                    {"arn:aws:iam::" + hubAccount + ":role/admin", externalID, false, false},
		"a role of the same name elsewhere":           {strings.Replace(apply, hubAccount, stranger, 1) + suffix, externalID, false, false},
		"a role of the same name in the target":       {strings.Replace(apply, hubAccount, member, 1) + suffix, externalID, false, false},
		"the apply function, without the id":          {apply + suffix, "", false, false},
		"the apply function, with another id":         {apply + suffix, externalID + "!", false, false},
		"the apply function, with the id in capitals": {apply + suffix, strings.ToUpper(externalID), false, false},
	} {
		t.Run(name, func(t *testing.T) {
			l.cloud.KMS.SetIAM(test.who, true)
			for role, want := range map[string]bool{putRole(member): test.put, readRole(member): test.read} {
				if code := l.assumes(test.who, role, test.id); (code == "") != want {
					t.Errorf("assuming %s: %q, want it to be allowed: %t", role, code, want)
				}
			}
		})
	}
}

// The roles of the hub, with what template.yaml lets them do.
func TestTheHubReachesItsTargetsOnly(t *testing.T) {
	const org = "o-a1b2c3d4e5"
	for name, test := range map[string]struct {
		hub       map[string]string
		from      string
		put, read string // accounts in which it may assume them
	}{
		"apply":                         {nil, "ApplyRole", member, ""},
		"apply, in a stack that plans":  {map[string]string{"Mode": "plan"}, "ApplyRole", "", member},
		"apply, in a stack that pauses": {map[string]string{"Mode": "paused"}, "ApplyRole", "", member},
		"plan":                          {nil, "PlanRole", "", member},
		"no targets":                    {map[string]string{"TargetAccounts": ""}, "ApplyRole", "", ""},
		"an organization":               {map[string]string{"TargetAccounts": "*", "TargetOrg": org}, "ApplyRole", member, ""},
		"another organization":          {map[string]string{"TargetAccounts": "*", "TargetOrg": "o-zzzzzzzzzz"}, "ApplyRole", "", ""},
		"an account that left it":       {map[string]string{"TargetAccounts": stranger + "," + member, "TargetOrg": org}, "ApplyRole", member, ""},
		"other names of the roles":      {map[string]string{"TargetRoleName": "a", "TargetPlanRoleName": "b"}, "ApplyRole", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			l := deploy(t, test.hub, nil)
			l.target(stranger, nil)
			l.cloud.SetOrg(member, org)
			for _, account := range []string{member, stranger} {
				for role, where := range map[string]string{putRole(account): test.put, readRole(account): test.read} {
					if code := l.assumes(l.own(test.from)+suffix, role, externalID); (code == "") != (where == account) {
						t.Errorf("assuming %s: %q", role, code)
					}
				}
			}
		})
	}
}

func TestTheRolesReachTheKeysThatTheyAreFor(t *testing.T) {
	const id = "1234abcd-12ab-34cd-56ef-1234567890ab"
	policy := strings.ReplaceAll(`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "ACCOUNT"}, "Action": "kms:*", "Resource": "*"}]}`, "ACCOUNT", member)
	put := func(bypass bool) func(*lab, *kms.Client) error {
		return func(l *lab, c *kms.Client) error {
			_, err := c.PutKeyPolicy(l.Context(), &kms.PutKeyPolicyInput{KeyId: aws.String(id), PolicyName: aws.String("default"), Policy: &policy, BypassPolicyLockoutSafetyCheck: bypass})
			return err
		}
	}
	get := func(l *lab, c *kms.Client) error {
		_, err := c.GetKeyPolicy(l.Context(), &kms.GetKeyPolicyInput{KeyId: aws.String(id), PolicyName: aws.String("default")})
		return err
	}
	list := func(l *lab, c *kms.Client) error {
		_, err := c.ListKeys(l.Context(), &kms.ListKeysInput{})
		return err
	}
	destroy := func(l *lab, c *kms.Client) error {
		_, err := c.ScheduleKeyDeletion(l.Context(), &kms.ScheduleKeyDeletionInput{KeyId: aws.String(id)})
		return err
	}
	tagged := map[string]string{"ManagedByTag": "keysmith"}
	for name, test := range map[string]struct {
		target, tags map[string]string
		role, region string
		call         func(*lab, *kms.Client) error
		want         bool
	}{
		"put":                                 {nil, nil, putRole(member), "eu-west-1", put(false), true},
		"put, past the lockout check":         {nil, nil, putRole(member), "eu-west-1", put(true), false},
		"put, past it where that is allowed":  {map[string]string{"AllowLockoutBypass": "true"}, nil, putRole(member), "eu-west-1", put(true), true},
		"put in a Region that is no target":   {map[string]string{"TargetRegions": "us-east-1"}, nil, putRole(member), "eu-west-1", put(false), false},
		"put to a key with the tag":           {tagged, map[string]string{"managed-by": "keysmith"}, putRole(member), "eu-west-1", put(false), true},
		"put to a key without it":             {tagged, nil, putRole(member), "eu-west-1", put(false), false},
		"read with the role that puts":        {nil, nil, putRole(member), "eu-west-1", get, true},
		"delete a key":                        {nil, nil, putRole(member), "eu-west-1", destroy, false},
		"read with the role that reads":       {nil, nil, readRole(member), "eu-west-1", get, true},
		"list with the role that reads":       {nil, nil, readRole(member), "eu-west-1", list, true},
		"put with the role that reads":        {nil, nil, readRole(member), "eu-west-1", put(false), false},
		"list in a Region that is no target":  {map[string]string{"TargetRegions": "us-east-1"}, nil, readRole(member), "eu-west-1", list, false},
		"read a key without the tag, to plan": {tagged, nil, readRole(member), "eu-west-1", get, false},
	} {
		t.Run(name, func(t *testing.T) {
			l := deploy(t, nil, test.target)
			l.cloud.KMS.CreateKey(fakeaws.KeySpec{ID: id, Account: member, Region: test.region, Tags: test.tags})
			l.cloud.KMS.SetIAM(l.own("ApplyRole")+suffix, true)
			err := test.call(l, kms.NewFromConfig(l.assumed(l.own("ApplyRole")+suffix, test.role, externalID, test.region)))
			if (err == nil) != test.want || err != nil && codeOf(err) != "AccessDeniedException" {
				t.Errorf("got %v, want it to be allowed: %t", err, test.want)
			}
		})
	}
}
