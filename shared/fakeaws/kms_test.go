package fakeaws_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/smithy-go"

	"github.com/keysmith/keysmith/shared/fakeaws"
)

const (
	keyID = "1234abcd-12ab-34cd-56ef-1234567890ab"
	admin = "arn:aws:iam::111122223333:role/admin"
)

func policyFor(principals string) string {
	return `{"Version":"2012-10-17","Statement":[{"Sid":"a","Effect":"Allow","Principal":{"AWS":` + principals +
		`},"Action":"kms:*","Resource":"*"}]}`
}

func put(c clients, policy string) error {
	_, err := c.kms.PutKeyPolicy(ctx, &kms.PutKeyPolicyInput{
		KeyId: aws.String(keyID), PolicyName: aws.String("default"), Policy: aws.String(policy),
	})
	return err
}

func codeOf(err error) string {
	var refused smithy.APIError
	if errors.As(err, &refused) {
		return refused.ErrorCode()
	}
	return ""
}

func TestAPolicyIsGivenBackRewritten(t *testing.T) {
	c := start(t, fakeaws.Options{Seed: 3})
	c.cloud.KMS.CreateKey(fakeaws.KeySpec{ID: keyID})
	for _, name := range []string{"a", "b", "c", "d"} {
		c.cloud.KMS.AddPrincipal("arn:aws:iam::111122223333:role/" + name)
	}
	sent := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":["111122223333",` +
		`"arn:aws:iam::111122223333:role/a","arn:aws:iam::111122223333:role/b","arn:aws:iam::111122223333:role/c",` +
		`"arn:aws:iam::111122223333:role/d"]},"Action":"kms:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":true}}}}`
	if err := put(c, sent); err != nil {
		t.Fatal(err)
	}
	out, err := c.kms.GetKeyPolicy(ctx, &kms.GetKeyPolicyInput{KeyId: aws.String(keyID), PolicyName: aws.String("default")})
	if err != nil {
		t.Fatal(err)
	}
	got := aws.ToString(out.Policy)
	for _, want := range []string{
		"{\n  \"Version\" : \"2012-10-17\",\n  \"Statement\" : {\n    \"Effect\" : \"Allow\",",
		`"arn:aws:iam::111122223333:root"`,
		`"aws:SecureTransport" : "true"`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the policy lacks %q:\n%s", want, got)
		}
	}
	if strings.Contains(got, `:root", "arn:aws:iam::111122223333:role/a", "arn:aws:iam::111122223333:role/b"`) {
		t.Errorf("the principals kept their order:\n%s", got)
	}
	if got != c.cloud.KMS.Policy(keyID) {
		t.Errorf("the Go API tells of another policy: %s", c.cloud.KMS.Policy(keyID))
	}
}

func TestAPrincipalThatIsGoneShowsAsItsUniqueID(t *testing.T) {
	c := start(t, fakeaws.Options{})
	role := "arn:aws:iam::111122223333:role/app"
	c.cloud.KMS.AddPrincipal(role)
	c.cloud.KMS.CreateKey(fakeaws.KeySpec{ID: keyID})
	if err := put(c, policyFor(`["`+admin+`","`+role+`"]`)); err != nil {
		t.Fatal(err)
	}
	c.cloud.KMS.RemovePrincipal(role)
	left := c.cloud.KMS.Policy(keyID)
	if strings.Contains(left, "role/app") || !strings.Contains(left, `"AROA`) {
		t.Errorf("the deleted role is not shown by its id: %s", left)
	}
	if code := codeOf(put(c, left)); code != "MalformedPolicyDocumentException" {
		t.Errorf("putting the id back: got %q", code)
	}
	c.cloud.KMS.AddPrincipal(role)
	if again := c.cloud.KMS.Policy(keyID); again != left {
		t.Errorf("a new role of the old name got the old role's place: %s", again)
	}
}

func TestPutsAreNotedWithTheirCaller(t *testing.T) {
	c := start(t, fakeaws.Options{})
	c.cloud.KMS.CreateKey(fakeaws.KeySpec{ID: keyID})
	session := "arn:aws:sts::111122223333:assumed-role/writer/run-1"
	c.cloud.SetCredentials("AKIAEXAMPLE", session)
	policy := policyFor(`"arn:aws:iam::111122223333:role/writer"`)
	if err := put(c, policy); err != nil {
		t.Fatal(err)
	}
	puts := c.cloud.KMS.Puts()
	if len(puts) != 1 || puts[0].Caller != session || puts[0].Policy != policy || puts[0].Bypass {
		t.Errorf("got %+v", puts)
	}
	calls := c.cloud.Calls()
	want := "arn:aws:kms:us-east-1:111122223333:key/" + keyID
	if len(calls) != 1 || calls[0].IAM != "kms:PutKeyPolicy" || calls[0].Resource != want || calls[0].Error != "" {
		t.Errorf("got %+v", calls)
	}
}

func TestKeysCanBeMadeAndFound(t *testing.T) {
	c := start(t, fakeaws.Options{})
	made, err := c.kms.CreateKey(ctx, &kms.CreateKeyInput{MultiRegion: aws.Bool(true)})
	if err != nil {
		t.Fatal(err)
	}
	id := aws.ToString(made.KeyMetadata.KeyId)
	if !strings.HasPrefix(id, "mrk-") {
		t.Errorf("a multi-Region key has the id %q", id)
	}
	if _, err := c.kms.CreateAlias(ctx, &kms.CreateAliasInput{AliasName: aws.String("alias/app"), TargetKeyId: &id}); err != nil {
		t.Fatal(err)
	}
	found, err := c.kms.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: aws.String("alias/app")})
	if err != nil || aws.ToString(found.KeyMetadata.KeyId) != id || found.KeyMetadata.KeyState != kmstypes.KeyStateEnabled {
		t.Errorf("got %+v, %v", found, err)
	}
	replica, err := c.kms.ReplicateKey(ctx, &kms.ReplicateKeyInput{KeyId: &id, ReplicaRegion: aws.String("eu-west-1")})
	if err != nil || !strings.Contains(aws.ToString(replica.ReplicaKeyMetadata.Arn), ":eu-west-1:") {
		t.Errorf("got %+v, %v", replica, err)
	}
	aliases, err := c.kms.ListAliases(ctx, &kms.ListAliasesInput{KeyId: &id})
	if err != nil || len(aliases.Aliases) != 1 {
		t.Errorf("got %+v, %v", aliases, err)
	}
	if keys, err := c.kms.ListKeys(ctx, &kms.ListKeysInput{}); err != nil || len(keys.Keys) != 1 {
		t.Errorf("got %+v, %v", keys, err)
	}
}

func TestAPolicyMayHave32768Bytes(t *testing.T) {
	c := start(t, fakeaws.Options{})
	c.cloud.KMS.CreateKey(fakeaws.KeySpec{ID: keyID})
	fit := policyFor(`"` + account + `"`)
	fit += strings.Repeat(" ", 32_768-len(fit))
	if err := put(c, fit); err != nil {
		t.Errorf("32,768 bytes: %v", err)
	}
	if code := codeOf(put(c, fit+" ")); code != "LimitExceededException" {
		t.Errorf("32,769 bytes: got %q", code)
	}
}

func TestARoleIsRefusedUntilKMSSeesIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := bubble(fakeaws.Options{})
		c.cloud.KMS.CreateKey(fakeaws.KeySpec{ID: keyID})
		c.cloud.KMS.AddPrincipalAfter("arn:aws:iam::111122223333:role/new", 10*time.Second)
		policy := policyFor(`["` + admin + `","arn:aws:iam::111122223333:role/new"]`)
		if code := codeOf(put(c, policy)); code != "MalformedPolicyDocumentException" {
			t.Errorf("at once: got %q", code)
		}
		time.Sleep(10 * time.Second)
		if err := put(c, policy); err != nil {
			t.Errorf("later: %v", err)
		}
	})
}

func TestAnAWSManagedKeyLetsNobodyPut(t *testing.T) {
	c := start(t, fakeaws.Options{})
	c.cloud.KMS.CreateKey(fakeaws.KeySpec{ID: keyID, Manager: "AWS"})
	if code := codeOf(put(c, policyFor(`"`+account+`"`))); code != "AccessDeniedException" {
		t.Errorf("got %q", code)
	}
	_, err := c.kms.GetKeyPolicy(ctx, &kms.GetKeyPolicyInput{KeyId: aws.String(keyID), PolicyName: aws.String("default")})
	if err != nil {
		t.Errorf("reading it: %v", err)
	}
}

func TestIAMDecidesWhereThePolicyLeavesItToTheAccount(t *testing.T) {
	c := start(t, fakeaws.Options{})
	c.cloud.KMS.CreateKey(fakeaws.KeySpec{ID: keyID, Policy: policyFor(`"` + admin + `"`)})
	delegating := policyFor(`"` + account + `"`)
	c.cloud.KMS.SetIAM(admin, false)
	if err := put(c, delegating); codeOf(err) != "MalformedPolicyDocumentException" {
		t.Errorf("without IAM: got %v", err)
	}
	c.cloud.KMS.SetIAM(admin, true)
	if err := put(c, delegating); err != nil {
		t.Errorf("with IAM: %v", err)
	}
}

func TestAKeyOfAnotherAccountIsDescribedButNotTouched(t *testing.T) {
	c := start(t, fakeaws.Options{})
	arn := c.cloud.KMS.CreateKey(fakeaws.KeySpec{
		ID: keyID, Account: "444455556666", Policy: policyFor(`["444455556666","` + account + `"]`),
	})
	if _, err := c.kms.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &arn}); err != nil {
		t.Errorf("describing it: %v", err)
	}
	_, err := c.kms.PutKeyPolicy(ctx, &kms.PutKeyPolicyInput{KeyId: &arn, Policy: aws.String(policyFor(`"` + account + `"`))})
	if codeOf(err) != "AccessDeniedException" || len(c.cloud.KMS.Puts()) != 0 {
		t.Errorf("putting: got %v", err)
	}
	c.cloud.SetCaller("arn:aws:sts::444455556666:assumed-role/keysmith/run")
	_, err = c.kms.PutKeyPolicy(ctx, &kms.PutKeyPolicyInput{KeyId: &arn, Policy: aws.String(policyFor(`"444455556666"`))})
	if err != nil {
		t.Errorf("putting as a role of that account: %v", err)
	}
}

func TestUsersAndRolesHaveIDsOfTheirKind(t *testing.T) {
	c := start(t, fakeaws.Options{})
	role, user := "arn:aws:iam::111122223333:role/r", "arn:aws:iam::111122223333:user/u"
	c.cloud.KMS.CreateKey(fakeaws.KeySpec{ID: keyID, Policy: policyFor(`["` + role + `","` + user + `"]`)})
	c.cloud.KMS.RemovePrincipal(role)
	c.cloud.KMS.RemovePrincipal(user)
	if got := c.cloud.KMS.Policy(keyID); !strings.Contains(got, `"AROA`) || !strings.Contains(got, `"AIDA`) {
		t.Errorf("got %s", got)
	}
}

func TestAPolicyFromOldTimesIsServedAsItIs(t *testing.T) {
	c := start(t, fakeaws.Options{})
	c.cloud.KMS.CreateKey(fakeaws.KeySpec{
		ID: keyID, Policy: `{"Statement":{"Effect":"Deny","Effect":"Allow","Principal":"*","Action":"kms:Get*","Action":"kms:Put*","Resource":"*"}}`,
	})
	if got := readPolicy(c); strings.Count(got, `"Effect"`) != 2 {
		t.Errorf("got %s", got)
	}
	// The last Effect counts, and the actions add up.
	if err := put(c, policyFor(`"`+account+`"`)); err != nil {
		t.Errorf("putting over it: %v", err)
	}
}
