package fakeaws_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/keysmith/keysmith/shared/fakeaws"
)

const (
	member = "444455556666"
	target = "arn:aws:iam::444455556666:role/keysmith-target-plan"
)

// trusting is a trust policy for the account of the hub, with an external id.
const trusting = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
	"Action": "sts:AssumeRole", "Condition": {"StringEquals": {"sts:ExternalId": "sesame"}}}]}`

// other is the configuration of a client that assumes the role.
func (c clients) other(cfg aws.Config, role string, change ...func(*stscreds.AssumeRoleOptions)) aws.Config {
	from := sts.NewFromConfig(cfg)
	cfg.Credentials = aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(from, role, append([]func(*stscreds.AssumeRoleOptions){
		func(o *stscreds.AssumeRoleOptions) { o.ExternalID, o.RoleSessionName = aws.String("sesame"), "pull" },
	}, change...)...))
	return cfg
}

func TestASessionOfARoleActsInTheAccountOfTheRole(t *testing.T) {
	c := start(t, fakeaws.Options{})
	c.cloud.AddRole(fakeaws.Role{ARN: target, Trust: trusting})
	c.cloud.KMS.CreateKey(fakeaws.KeySpec{ID: keyID})
	theirs := c.cloud.KMS.CreateKey(fakeaws.KeySpec{Account: member})
	elsewhere := c.cloud.KMS.CreateKey(fakeaws.KeySpec{Account: member, Region: "eu-west-1"})
	cfg := c.other(config(c.url), target)
	who, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil || aws.ToString(who.Arn) != "arn:aws:sts::444455556666:assumed-role/keysmith-target-plan/pull" || aws.ToString(who.Account) != member {
		t.Errorf("it calls as %s of %s, %v", aws.ToString(who.Arn), aws.ToString(who.Account), err)
	}
	for region, want := range map[string]string{"us-east-1": theirs, "eu-west-1": elsewhere} {
		cfg.Region = region
		keys, err := kms.NewFromConfig(cfg).ListKeys(ctx, &kms.ListKeysInput{})
		if err != nil || len(keys.Keys) != 1 || aws.ToString(keys.Keys[0].KeyArn) != want {
			t.Errorf("%s: %v, %v", region, keys, err)
		}
	}
	calls := c.cloud.Calls()
	if call := calls[0]; call.Action != "AssumeRole" || call.Resource != target || call.Context["sts:externalid"][0] != "sesame" {
		t.Errorf("the call is noted as %+v", call)
	}
}

func TestARoleLetsInOnlyWhomItTrusts(t *testing.T) {
	const anyone = "arn:aws:iam::111122223333:role/other"
	named := strings.ReplaceAll(trusting, "111122223333:root", "111122223333:role/hub")
	for name, test := range map[string]struct {
		trust    string
		role     string
		caller   string
		external string
		length   time.Duration
		iam      bool
		want     string
	}{
		"trusted":                      {trusting, target, anyone, "sesame", 0, true, ""},
		"a wrong external id":          {trusting, target, anyone, "sesam", 0, true, "AccessDenied"},
		"no external id":               {trusting, target, anyone, "", 0, true, "AccessDenied"},
		"no such role":                 {trusting, target + "s", anyone, "sesame", 0, true, "AccessDenied"},
		"nobody is trusted":            {"", target, anyone, "sesame", 0, true, "AccessDenied"},
		"another role is trusted":      {named, target, anyone, "sesame", 0, true, "AccessDenied"},
		"this very role is trusted":    {named, target, "arn:aws:sts::111122223333:assumed-role/hub/x", "sesame", 0, true, ""},
		"another account":              {trusting, target, "arn:aws:iam::777788889999:role/hub", "sesame", 0, true, "AccessDenied"},
		"IAM does not let the caller":  {trusting, target, anyone, "sesame", 0, false, "AccessDenied"},
		"not even where it is named":   {named, target, "arn:aws:sts::111122223333:assumed-role/hub/x", "sesame", 0, false, "AccessDenied"},
		"longer than the role allows":  {trusting, target, anyone, "sesame", 3 * time.Hour, true, "ValidationError"},
		"as long as it allows":         {trusting, target, anyone, "sesame", 2 * time.Hour, true, ""},
		"a session for over an hour":   {named, target, "arn:aws:sts::111122223333:assumed-role/hub/x", "sesame", 2 * time.Hour, true, "ValidationError"},
		"shorter than a quarter":       {trusting, target, anyone, "sesame", time.Minute, true, "ValidationError"},
		"an external id out of form":   {trusting, target, anyone, "se same", 0, true, "ValidationError"},
		"what is no ARN of a role":     {trusting, "keysmith-target", anyone, "sesame", 0, true, "ValidationError"},
		"denied by name, though trust": {strings.Replace(trusting, `[{`, `[{"Effect": "Deny", "Principal": "*", "Action": "sts:*"}, {`, 1), target, anyone, "sesame", 0, true, "AccessDenied"},
	} {
		t.Run(name, func(t *testing.T) {
			c := start(t, fakeaws.Options{})
			c.cloud.AddRole(fakeaws.Role{ARN: target, Trust: test.trust, Longest: 2 * time.Hour})
			c.cloud.SetCaller(test.caller)
			c.cloud.KMS.SetIAM(test.caller, test.iam)
			in := &sts.AssumeRoleInput{RoleArn: &test.role, RoleSessionName: aws.String("x1")}
			if test.external != "" {
				in.ExternalId = &test.external
			}
			if test.length != 0 {
				in.DurationSeconds = aws.Int32(int32(test.length / time.Second))
			}
			_, err := sts.NewFromConfig(config(c.url)).AssumeRole(ctx, in)
			if codeOf(err) != test.want {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

func TestCredentialsExpireAndAClientAsksForNewOnes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := bubble(fakeaws.Options{})
		c.cloud.AddRole(fakeaws.Role{ARN: target, Trust: trusting})
		base := config("http://fakeaws")
		base.HTTPClient = c.kms.Options().HTTPClient
		cfg := c.other(base, target, func(o *stscreds.AssumeRoleOptions) { o.Duration = 15 * time.Minute })
		client := kms.NewFromConfig(cfg)
		list := func() error { _, err := client.ListKeys(ctx, &kms.ListKeysInput{}); return err }
		held, err := cfg.Credentials.Retrieve(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if err := list(); err != nil {
				t.Error(err)
			}
			time.Sleep(16 * time.Minute)
		}
		assumed := 0
		for _, call := range c.cloud.Calls() {
			if call.Action == "AssumeRole" {
				assumed++
			}
		}
		if assumed != 3 {
			t.Errorf("the role was assumed %d times, want 3", assumed)
		}
		// Credentials of before are not taken any more, and not with another token.
		base.Credentials = credentials.StaticCredentialsProvider{Value: held}
		client = kms.NewFromConfig(base)
		if err := list(); codeOf(err) != "ExpiredTokenException" {
			t.Errorf("expired: %v", err)
		}
		held, _ = cfg.Credentials.Retrieve(ctx)
		held.SessionToken += "0"
		base.Credentials = credentials.StaticCredentialsProvider{Value: held}
		client = kms.NewFromConfig(base)
		if err := list(); codeOf(err) != "UnrecognizedClientException" {
			t.Errorf("another token: %v", err)
		}
	})
}

func TestARegionThatIsNotEnabledKnowsNoCredentials(t *testing.T) {
	c := start(t, fakeaws.Options{})
	c.cloud.EnableRegions(account, "us-east-1", "eu-west-1")
	for region, want := range map[string]string{"us-east-1": "", "eu-west-1": "", "af-south-1": "UnrecognizedClientException"} {
		cfg := config(c.url)
		cfg.Region = region
		if _, err := kms.NewFromConfig(cfg).ListKeys(ctx, &kms.ListKeysInput{}); codeOf(err) != want {
			t.Errorf("%s: %v", region, err)
		}
	}
	cfg := config(c.url)
	cfg.Region = "af-south-1"
	if _, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{}); codeOf(err) != "InvalidClientTokenId" {
		t.Errorf("STS: %v", err)
	}
	c.cloud.SetCaller("arn:aws:iam::444455556666:role/admin")
	if _, err := kms.NewFromConfig(cfg).ListKeys(ctx, &kms.ListKeysInput{}); err != nil {
		t.Errorf("another account has all Regions: %v", err)
	}
}

func TestIAMOfOneAccountRefusesAndOthersAnswer(t *testing.T) {
	c := start(t, fakeaws.Options{})
	const reader = "arn:aws:sts::444455556666:assumed-role/reader/x"
	c.cloud.SetCredentials("AKIAOTHER", reader)
	theirs := c.cloud.KMS.CreateKey(fakeaws.KeySpec{Account: member})
	cfg := config(c.url)
	cfg.Credentials = credentials.NewStaticCredentialsProvider("AKIAOTHER", "secret", "")
	client := kms.NewFromConfig(cfg)
	if err := c.cloud.KMS.SetIAMPolicy("arn:aws:iam::444455556666:role/reader",
		`{"Statement": [{"Effect": "Allow", "Action": ["kms:List*", "kms:DescribeKey"], "Resource": "*"}]}`); err != nil {
		t.Fatal(err)
	}
	if _, err := client.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &theirs}); err != nil {
		t.Errorf("describing: %v", err)
	}
	_, err := client.GetKeyPolicy(ctx, &kms.GetKeyPolicyInput{KeyId: &theirs})
	if codeOf(err) != "AccessDeniedException" {
		t.Errorf("reading: %v", err)
	}
	c.cloud.KMS.SetIAM(reader, false)
	if _, err := client.ListKeys(ctx, &kms.ListKeysInput{}); codeOf(err) != "AccessDeniedException" || !strings.Contains(err.Error(), "no identity-based policy allows the kms:ListKeys action") {
		t.Errorf("listing: %v", err)
	}
	if _, err := c.kms.ListAliases(ctx, &kms.ListAliasesInput{}); err != nil {
		t.Errorf("the first account: %v", err)
	}
}

func TestTheQuotasAreOfEachAccountAndRegion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := bubble(fakeaws.Options{})
		c.cloud.SetQuotas(fakeaws.Quota{Service: "kms", Action: "ListKeys", PerSecond: 2})
		c.cloud.SetCredentials("AKIAOTHER", "arn:aws:iam::444455556666:role/admin")
		var taken []int
		for _, key := range []string{"AKIAEXAMPLE", "AKIAOTHER"} {
			for _, region := range []string{"us-east-1", "eu-west-1"} {
				cfg := config("http://fakeaws")
				cfg.HTTPClient = c.kms.Options().HTTPClient
				cfg.Region, cfg.Credentials = region, credentials.NewStaticCredentialsProvider(key, "secret", "")
				ok := 0
				for range 5 {
					if _, err := kms.NewFromConfig(cfg).ListKeys(ctx, &kms.ListKeysInput{}); err == nil {
						ok++
					}
				}
				taken = append(taken, ok)
			}
		}
		if !slices.Equal(taken, []int{2, 2, 2, 2}) {
			t.Errorf("%v calls were taken, want 2 in each account and Region", taken)
		}
	})
}

// Without sockets: the SDK closes the body of a request once it has the head of the
// answer, and where net/http is still at its end that costs the connection, which
// only a long answer notices. These clients do not try again.
func TestListsComeInPagesUntilTheirEnd(t *testing.T) {
	c := bubble(fakeaws.Options{})
	for i := range 205 {
		id := fmt.Sprintf("00000000-0000-4000-a000-%012d", i)
		c.cloud.KMS.CreateKey(fakeaws.KeySpec{ID: id})
		c.cloud.KMS.CreateAlias(fmt.Sprintf("alias/k%03d", i), id)
		c.cloud.KMS.CreateKey(fakeaws.KeySpec{Region: "eu-west-1"})
	}
	keys, pages := map[string]bool{}, 0
	for p := kms.NewListKeysPaginator(c.kms, &kms.ListKeysInput{}); p.HasMorePages(); pages++ {
		page, err := p.NextPage(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range page.Keys {
			keys[aws.ToString(k.KeyArn)] = true
		}
	}
	if len(keys) != 205 || pages != 3 {
		t.Errorf("%d keys in %d pages, want 205 in 3", len(keys), pages)
	}
	aliases := map[string]bool{}
	for p := kms.NewListAliasesPaginator(c.kms, &kms.ListAliasesInput{Limit: aws.Int32(100)}); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range page.Aliases {
			aliases[aws.ToString(a.AliasName)] = aws.ToString(a.TargetKeyId) != ""
		}
	}
	if len(aliases) != 205 {
		t.Errorf("%d aliases, want 205", len(aliases))
	}
}

func TestARoleThatIsDeletedIsGoneForItsSessionsToo(t *testing.T) {
	c := start(t, fakeaws.Options{})
	c.cloud.AddRole(fakeaws.Role{ARN: target, Trust: trusting})
	client := kms.NewFromConfig(c.other(config(c.url), target))
	list := func() error { _, err := client.ListKeys(ctx, &kms.ListKeysInput{}); return err }
	if err := list(); err != nil {
		t.Fatal(err)
	}
	c.cloud.RemoveRole(target)
	if err := list(); codeOf(err) != "AccessDeniedException" {
		t.Errorf("after the role was deleted: %v", err)
	}
	c.cloud.AddRole(fakeaws.Role{ARN: target, Trust: trusting})
	if err := list(); err != nil {
		t.Errorf("after it came back: %v", err)
	}
}
