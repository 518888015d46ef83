package fakeaws_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/keysmith/keysmith/shared/fakeaws"
)

func TestIAMKnowsThePrincipalsThatExist(t *testing.T) {
	for _, anybody := range []bool{false, true} {
		c := start(t, fakeaws.Options{AnyPrincipal: anybody})
		client := iam.NewFromConfig(config(c.url))
		role := func(name string) (string, error) {
			out, err := client.GetRole(ctx, &iam.GetRoleInput{RoleName: &name})
			if err != nil {
				return "", err
			}
			return aws.ToString(out.Role.Arn), nil
		}
		c.cloud.KMS.AddPrincipal("arn:aws:iam::111122223333:role/team/app")
		c.cloud.KMS.AddPrincipal("arn:aws:iam::111122223333:user/ann")
		if got, err := role("app"); err != nil || got != "arn:aws:iam::111122223333:role/team/app" {
			t.Errorf("the role: %s, %v", got, err)
		}
		if out, err := client.GetUser(ctx, &iam.GetUserInput{UserName: aws.String("ann")}); err != nil || aws.ToString(out.User.UserName) != "ann" {
			t.Errorf("the user: %v", err)
		}
		if _, err := role("other"); (codeOf(err) == "NoSuchEntity") == anybody {
			t.Errorf("another role, where every role exists (%t): %v", anybody, err)
		}
		c.cloud.KMS.AddPrincipal("arn:aws:iam::111122223333:role/left")
		c.cloud.KMS.RemovePrincipal("arn:aws:iam::111122223333:role/left")
		if _, err := role("left"); codeOf(err) != "NoSuchEntity" {
			t.Errorf("a role that was deleted: %v", err)
		}
		c.cloud.KMS.SetIAM(admin, false)
		if _, err := role("app"); codeOf(err) != "AccessDenied" {
			t.Errorf("where IAM does not allow it: %v", err)
		}
	}
}
