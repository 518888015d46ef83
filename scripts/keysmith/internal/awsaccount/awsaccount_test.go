package awsaccount

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keysmith/keysmith/shared/fakeaws"
)

const (
	own   = "111122223333"
	other = "444455556666"
	trust = `{"Statement": [{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole",
		"Condition": {"StringEquals": {"sts:ExternalId": "sesame"}}}]}`
)

// world is a fake AWS and the environment in which a person runs a command.
func world(t *testing.T) *fakeaws.Cloud {
	t.Helper()
	cloud := fakeaws.New(fakeaws.Options{})
	url, stop := fakeaws.Start(cloud)
	t.Cleanup(stop)
	cloud.AddRole(fakeaws.Role{ARN: "arn:aws:iam::" + other + ":role/" + DefaultRole, Trust: trust})
	for name, value := range map[string]string{ //nolint:gosec // made up, for the fake
		"AWS_ENDPOINT_URL": url, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "AKIAANN", "AWS_SECRET_ACCESS_KEY": "secret",
		"AWS_SESSION_TOKEN": "", "AWS_PROFILE": "", "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
		"AWS_EC2_METADATA_DISABLED": "true",
	} {
		t.Setenv(name, value)
	}
	return cloud
}

func open(t *testing.T, e Elsewhere) *Accounts {
	t.Helper()
	if e.Role == "" {
		e.Role = DefaultRole
	}
	a, err := Open(context.Background(), "", e)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// list lists the keys of an account and Region.
func (a *Accounts) list(account, region string) error {
	if _, err := a.KMS(account, region).ListKeys(context.Background(), &kms.ListKeysInput{}); err != nil {
		return a.Trouble(err, Place{Account: account, Region: region, Action: "kms:ListKeys"})
	}
	return nil
}

func TestOwnKeysAreReadAsTheCallerAndOthersThroughTheRole(t *testing.T) {
	cloud := world(t)
	a := open(t, Elsewhere{ExternalID: "sesame"})
	for _, at := range [][2]string{{own, "us-east-1"}, {own, "eu-west-1"}, {other, "us-east-1"}, {other, "eu-west-1"}} {
		if err := a.list(at[0], at[1]); err != nil {
			t.Error(err)
		}
	}
	assumed := 0
	for _, call := range cloud.Calls() {
		switch {
		case call.Action == "AssumeRole":
			assumed++
		case call.Action == "ListKeys" && (call.Account == other) != strings.Contains(call.Caller, ":assumed-role/"+DefaultRole+"/"):
			t.Errorf("%s of %s was called by %s", call.Region, call.Account, call.Caller)
		}
	}
	if a.Own != own || a.Partition != "aws" || assumed != 1 {
		t.Errorf("own %s, partition %s, the role was assumed %d times", a.Own, a.Partition, assumed)
	}
}

// What goes wrong is said with the place and the remedy.
func TestEachTroubleNamesThePlaceAndTheRemedy(t *testing.T) {
	for name, test := range map[string]struct {
		scene           func(*testing.T, *fakeaws.Cloud)
		elsewhere       Elsewhere
		account, region string
		cause           Cause
		say             []string
	}{
		"no credentials": {func(t *testing.T, _ *fakeaws.Cloud) {
			t.Setenv("AWS_ACCESS_KEY_ID", "")
			t.Setenv("AWS_SECRET_ACCESS_KEY", "")
		}, Elsewhere{}, "", "", NoCredentials, []string{"no AWS credentials were found", "AWS_PROFILE"}},
		"expired credentials": {func(_ *testing.T, c *fakeaws.Cloud) {
			c.SetExpiringCredentials("AKIAANN", "arn:aws:iam::111122223333:user/ann", time.Now().Add(-time.Minute))
		}, Elsewhere{}, "", "", Expired, []string{"have expired", "aws sso login", "continues where it stopped"}},
		"unknown credentials": {func(_ *testing.T, c *fakeaws.Cloud) { c.EnableRegions(own) }, Elsewhere{}, "", "", BadCredentials, []string{"does not know these credentials in us-east-1"}},
		"the role is missing": {func(_ *testing.T, c *fakeaws.Cloud) { c.RemoveRole("arn:aws:iam::" + other + ":role/" + DefaultRole) },
			Elsewhere{ExternalID: "sesame"}, other, "eu-west-1", NoRole, []string{"account 444455556666, eu-west-1", "may not assume arn:aws:iam::444455556666:role/keysmith-target-plan", "Deploy the role"}},
		"no external id":     {nil, Elsewhere{}, other, "us-east-1", NoRole, []string{"--external-id"}},
		"a role out of form": {nil, Elsewhere{Role: "a b"}, other, "us-east-1", NoRole, []string{"role/a b", "Correct --role"}},
		"denied": {func(_ *testing.T, c *fakeaws.Cloud) { c.KMS.SetIAM("arn:aws:iam::"+other+":role/"+DefaultRole, false) },
			Elsewhere{ExternalID: "sesame"}, other, "us-east-1", Denied, []string{"account 444455556666, us-east-1", "kms:ListKeys", "allow that call"}},
		"a Region that is not enabled": {func(_ *testing.T, c *fakeaws.Cloud) { c.EnableRegions(other, "us-east-1") },
			Elsewhere{ExternalID: "sesame"}, other, "af-south-1", NotEnabled, []string{"af-south-1 is not enabled in account 444455556666", "--regions"}},
		"a Region that is enabled here and not there": {func(_ *testing.T, c *fakeaws.Cloud) { c.EnableRegions(other, "eu-west-1") },
			Elsewhere{ExternalID: "sesame"}, other, "us-east-1", NotEnabled, []string{"us-east-1 is not enabled in account 444455556666"}},
		"throttled": {func(_ *testing.T, c *fakeaws.Cloud) {
			c.Fault(fakeaws.Fault{Service: "kms", Kind: fakeaws.Refuse, Code: "ThrottlingException"})
		}, Elsewhere{}, own, "us-east-1", Throttling, []string{"kept throttling kms:ListKeys", "run the command again later"}},
		"expired while a role is assumed": {func(_ *testing.T, c *fakeaws.Cloud) {
			c.Fault(fakeaws.Fault{Service: "sts", Action: "", Nth: 2, Kind: fakeaws.Refuse, Code: "ExpiredToken", Status: http.StatusForbidden})
		}, Elsewhere{ExternalID: "sesame"}, other, "us-east-1", Expired, []string{"have expired"}},
	} {
		t.Run(name, func(t *testing.T) {
			cloud := world(t)
			if test.scene != nil {
				test.scene(t, cloud)
			}
			if test.elsewhere.Role == "" {
				test.elsewhere.Role = DefaultRole
			}
			a, err := Open(context.Background(), "", test.elsewhere)
			if err == nil && test.account != "" {
				err = a.list(test.account, test.region)
			}
			var trouble *Trouble
			if !errors.As(err, &trouble) || trouble.Cause != test.cause {
				t.Fatalf("got %v, want the cause %s", err, test.cause)
			}
			for _, words := range test.say {
				if !strings.Contains(err.Error(), words) {
					t.Errorf("%q does not say %q", err, words)
				}
			}
		})
	}
}

func TestAConfigurationThatIsWrongSaysWhatToSet(t *testing.T) {
	for name, test := range map[string]struct {
		variable, value string
		elsewhere       Elsewhere
		say             string
	}{
		"no Region":     {"AWS_REGION", "", Elsewhere{}, "no AWS Region is set"},
		"no profile":    {"AWS_PROFILE", "nobody", Elsewhere{}, `there is no AWS profile "nobody"`},
		"no AWS at all": {"AWS_ENDPOINT_URL", "http://127.0.0.1:1", Elsewhere{}, "AWS_ENDPOINT_URL"},
		"an ARN":        {"AWS_REGION", "us-east-1", Elsewhere{Role: "arn:aws:iam::111122223333:role/x"}, "write the name of the role only"},
	} {
		t.Run(name, func(t *testing.T) {
			world(t)
			t.Setenv(test.variable, test.value)
			if _, err := Open(context.Background(), "", test.elsewhere); err == nil || !strings.Contains(err.Error(), test.say) {
				t.Errorf("got %v, want %q", err, test.say)
			}
		})
	}
}
