package fakeaws_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keysmith/keysmith/shared/fakeaws"
)

const (
	mrk      = "mrk-1234abcd12ab34cd56ef1234567890ab"
	mrkInUS  = "arn:aws:kms:us-east-1:111122223333:key/" + mrk
	mrkInEU  = "arn:aws:kms:eu-west-1:111122223333:key/" + mrk
	rootOnly = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"kms:*","Resource":"*"}]}`
)

// in is the client of another Region.
func (c clients) in(region string) *kms.Client {
	o := c.kms.Options()
	o.Region = region
	return kms.New(o)
}

func (c clients) replicate(region, policy string) error {
	in := &kms.ReplicateKeyInput{KeyId: aws.String(mrk), ReplicaRegion: &region}
	if policy != "" {
		in.Policy = &policy
	}
	_, err := c.kms.ReplicateKey(ctx, in)
	return err
}

// set describes the multi-Region key as a Region sees it: its kind and state there,
// the Region of the primary key, and those of the replicas.
func (c clients) set(t *testing.T, region string) string {
	t.Helper()
	out, err := c.in(region).DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: aws.String(mrk)})
	if err != nil {
		t.Fatal(err)
	}
	m := out.KeyMetadata.MultiRegionConfiguration
	words := []string{string(m.MultiRegionKeyType), string(out.KeyMetadata.KeyState)}
	if m.PrimaryKey != nil {
		words = append(words, "primary "+aws.ToString(m.PrimaryKey.Region))
	}
	for _, r := range m.ReplicaKeys {
		words = append(words, aws.ToString(r.Region))
	}
	return strings.Join(words, " ")
}

func TestEachKeyOfASetHasAPolicyOfItsOwn(t *testing.T) {
	c := start(t, fakeaws.Options{})
	c.cloud.KMS.CreateKey(fakeaws.KeySpec{ID: mrk, Policy: policyFor(`"` + admin + `"`)})
	if err := c.replicate("eu-west-1", ""); err != nil {
		t.Fatal(err)
	}
	if got := c.cloud.KMS.Policy(mrkInEU); strings.Contains(got, "role/admin") || !strings.Contains(got, ":root") {
		t.Errorf("a replica without a policy in the request has %s, want the default policy", got)
	}
	_, err := c.in("eu-west-1").PutKeyPolicy(ctx, &kms.PutKeyPolicyInput{
		KeyId: aws.String(mrk), PolicyName: aws.String("default"), Policy: aws.String(policyFor(`["111122223333","` + admin + `"]`)),
	})
	if err != nil {
		t.Fatal(err)
	}
	if here, there := c.cloud.KMS.Policy(mrkInUS), c.cloud.KMS.Policy(mrkInEU); strings.Contains(here, ":root") || !strings.Contains(there, ":root") {
		t.Errorf("here %s\nthere %s", here, there)
	}
	for region, want := range map[string]string{
		"us-east-1": "PRIMARY Enabled primary us-east-1 eu-west-1",
		"eu-west-1": "REPLICA Enabled primary us-east-1 eu-west-1",
	} {
		if got := c.set(t, region); got != want {
			t.Errorf("%s: %s, want %s", region, got, want)
		}
	}
}

func TestAChangeOfThePrimaryChangesNoPolicy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := bubble(fakeaws.Options{})
		c.cloud.KMS.SetSettling(5 * time.Second)
		c.cloud.KMS.CreateKey(fakeaws.KeySpec{ID: mrk})
		for _, region := range []string{"eu-west-1", "ap-southeast-2"} {
			if err := c.replicate(region, rootOnly); err != nil {
				t.Fatal(err)
			}
		}
		if got := c.set(t, "eu-west-1"); got != "REPLICA Creating primary us-east-1 ap-southeast-2 eu-west-1" {
			t.Errorf("at once: %s", got)
		}
		time.Sleep(5 * time.Second)
		before := c.cloud.KMS.Policy(mrkInUS) + c.cloud.KMS.Policy(mrkInEU)
		move := &kms.UpdatePrimaryRegionInput{KeyId: aws.String(mrk), PrimaryRegion: aws.String("eu-west-1")}
		if _, err := c.kms.UpdatePrimaryRegion(ctx, move); err != nil {
			t.Fatal(err)
		}
		if got := c.set(t, "us-east-1"); got != "REPLICA Updating ap-southeast-2 eu-west-1 us-east-1" {
			t.Errorf("in between: %s", got)
		}
		if _, err := c.in("eu-west-1").ReplicateKey(ctx, &kms.ReplicateKeyInput{KeyId: aws.String(mrk), ReplicaRegion: aws.String("eu-west-2")}); codeOf(err) != "KMSInvalidStateException" {
			t.Errorf("replicating in between: %v", err)
		}
		time.Sleep(5 * time.Second)
		if got := c.set(t, "eu-west-1"); got != "PRIMARY Enabled primary eu-west-1 ap-southeast-2 us-east-1" {
			t.Errorf("after: %s", got)
		}
		if after := c.cloud.KMS.Policy(mrkInUS) + c.cloud.KMS.Policy(mrkInEU); after != before {
			t.Errorf("the policies changed: %s", after)
		}
		if _, err := c.kms.UpdatePrimaryRegion(ctx, move); codeOf(err) != "UnsupportedOperationException" {
			t.Errorf("from the former primary: %v", err)
		}
	})
}

func TestAReplicaIsRefusedWhereItCannotBe(t *testing.T) {
	const reader = "arn:aws:iam::111122223333:role/reader"
	for name, test := range map[string]struct {
		region, policy, id string
		scene              func(*fakeaws.Cloud)
		want               string
	}{
		"a Region that has one":         {region: "eu-west-1", want: "AlreadyExistsException"},
		"the Region of the primary":     {region: "us-east-1", want: "AlreadyExistsException"},
		"a Region that is not enabled":  {region: "af-south-1", want: "UnsupportedOperationException"},
		"another partition":             {region: "cn-north-1", want: "UnsupportedOperationException"},
		"what is no Region":             {region: "Frankfurt", want: "ValidationException"},
		"a policy that leaves it out":   {region: "eu-west-2", policy: policyFor(`"` + reader + `"`), want: "MalformedPolicyDocumentException"},
		"a single-Region key":           {region: "eu-west-2", id: keyID, want: "UnsupportedOperationException"},
		"IAM does not let it make keys": {region: "eu-west-2", scene: func(c *fakeaws.Cloud) { c.KMS.SetIAM(admin, false) }, want: "AccessDeniedException"},
	} {
		t.Run(name, func(t *testing.T) {
			c := start(t, fakeaws.Options{})
			c.cloud.EnableRegions(account, "us-east-1", "eu-west-1", "eu-west-2")
			c.cloud.KMS.AddPrincipal(reader)
			c.cloud.KMS.CreateKey(fakeaws.KeySpec{ID: keyID})
			c.cloud.KMS.CreateKey(fakeaws.KeySpec{ID: mrk, Policy: policyFor(`"` + admin + `"`)})
			c.cloud.KMS.CreateKey(fakeaws.KeySpec{ID: mrk, Region: "eu-west-1", Primary: "us-east-1"})
			if test.scene != nil {
				test.scene(c.cloud)
			}
			in := &kms.ReplicateKeyInput{KeyId: aws.String(mrk), ReplicaRegion: &test.region}
			if test.id != "" {
				in.KeyId = &test.id
			}
			if test.policy != "" {
				in.Policy = &test.policy
			}
			if _, err := c.kms.ReplicateKey(ctx, in); codeOf(err) != test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

// Both keys are changed, so both policies are asked.
func TestThePrimaryMovesOnlyIfBothPoliciesLetIt(t *testing.T) {
	c := start(t, fakeaws.Options{})
	c.cloud.KMS.CreateKey(fakeaws.KeySpec{ID: mrk})
	c.cloud.KMS.CreateKey(fakeaws.KeySpec{ID: mrk, Region: "eu-west-1", Primary: "us-east-1", Policy: policyFor(`"arn:aws:iam::111122223333:role/other"`)})
	move := func(region string) error {
		_, err := c.kms.UpdatePrimaryRegion(ctx, &kms.UpdatePrimaryRegionInput{KeyId: aws.String(mrk), PrimaryRegion: &region})
		return err
	}
	if err := move("eu-west-1"); codeOf(err) != "AccessDeniedException" {
		t.Errorf("the replica's policy says no: %v", err)
	}
	if err := move("eu-west-2"); codeOf(err) != "NotFoundException" {
		t.Errorf("there is no replica: %v", err)
	}
	c.cloud.KMS.SetPolicy(mrkInEU, rootOnly)
	if err := move("eu-west-1"); err != nil {
		t.Errorf("both say yes: %v", err)
	}
}

// One Region may be down while the others answer.
func TestARegionIsDownForAWhile(t *testing.T) {
	c := start(t, fakeaws.Options{})
	c.cloud.KMS.CreateKey(fakeaws.KeySpec{ID: mrk})
	c.cloud.KMS.CreateKey(fakeaws.KeySpec{ID: mrk, Region: "eu-west-1", Primary: "us-east-1"})
	heal := c.cloud.Fault(fakeaws.Fault{Service: "kms", Region: "eu-west-1", Kind: fakeaws.Drop})
	describe := func(region string) error {
		_, err := c.in(region).DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: aws.String(mrk)})
		return err
	}
	if here, there := describe("us-east-1"), describe("eu-west-1"); here != nil || there == nil {
		t.Errorf("here %v, there %v", here, there)
	}
	heal()
	if err := describe("eu-west-1"); err != nil {
		t.Errorf("healed: %v", err)
	}
	c.cloud.Fault(fakeaws.Fault{Account: member, Kind: fakeaws.Refuse})
	if err := describe("eu-west-1"); err != nil {
		t.Errorf("a fault of another account: %v", err)
	}
}
