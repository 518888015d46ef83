package target_test

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/samtemplate"
)

const (
	hubAccount = "111122223333"
	member     = "444455556666"
	stranger   = "777788889999"
	externalID = "sesame"
	// suffix is the random end that CloudFormation gives to the name of a role.
	suffix = "-1A2B3C4D5E6F"
)

// A lab is a hub and a target account, deployed from the templates in a fake AWS.
type lab struct {
	*testing.T
	cloud *fakeaws.Cloud
	hub   *samtemplate.Stack
}

func deploy(t *testing.T, hub, target map[string]string) *lab {
	t.Helper()
	l := &lab{T: t, cloud: fakeaws.New(fakeaws.Options{})}
	parameters := map[string]string{
		"PolicyBucketName": "keysmith-policies", "KeyArns": "arn:aws:kms:*:" + hubAccount + ":key/*", "Mode": "apply", "WriterPrincipals": "*",
		"TargetAccounts": member, "TargetRegions": "us-east-1,eu-west-1", "TargetExternalId": externalID,
	}
	maps.Copy(parameters, hub)
	l.hub = l.load("../../template.yaml", samtemplate.Options{Account: hubAccount, Parameters: parameters})
	for _, f := range l.hub.Functions {
		role, _ := l.hub.RoleByARN(f.RoleARN)
		document, err := role.Document(f.ARN)
		if err != nil {
			t.Fatal(err)
		}
		l.role(f.RoleARN+suffix, role.Trust, document)
	}
	for _, b := range l.hub.Buses {
		l.cloud.Events.CreateBus(b.Name)
		l.cloud.Events.SetPolicy(b.Name, b.Policy)
	}
	l.target(member, target)
	return l
}

func (l *lab) load(file string, o samtemplate.Options) *samtemplate.Stack {
	l.Helper()
	template, err := templates[file]()
	if err != nil {
		l.Fatal(err)
	}
	stack, err := template.Stack(o)
	if err != nil {
		l.Fatal(err)
	}
	return stack
}

// templates are read once.
var templates = map[string]func() (*samtemplate.Template, error){
	"../../template.yaml": once("../../template.yaml"), "target.yaml": once("target.yaml"), "watch.yaml": once("watch.yaml"),
}

func once(file string) func() (*samtemplate.Template, error) {
	return sync.OnceValues(func() (*samtemplate.Template, error) { return samtemplate.ReadFile(file) })
}

func (l *lab) role(arn, trust, may string) {
	l.Helper()
	l.cloud.AddRole(fakeaws.Role{ARN: arn, Trust: trust})
	if err := l.cloud.KMS.SetIAMPolicy(arn, may); err != nil {
		l.Fatal(err)
	}
}

// target deploys target.yaml in an account.
func (l *lab) target(account string, parameters map[string]string) {
	l.Helper()
	all := map[string]string{
		"HubApplyRoleArn": l.own("ApplyRole") + "-*", "ExternalId": externalID,
		"HubReadRoleArns": strings.Join([]string{l.own("ApplyRole") + "-*", l.own("PlanRole") + "-*", l.own("SweepRole") + "-*"}, ","),
	}
	maps.Copy(all, parameters)
	stack := l.load("target.yaml", samtemplate.Options{Account: account, StackName: "keysmith-target", Parameters: all})
	for _, role := range stack.Roles {
		document, err := role.Document("")
		if err != nil {
			l.Fatal(err)
		}
		l.role(role.ARN, role.Trust, document)
	}
}

// own is a role of the hub by its logical id, without the random end.
func (l *lab) own(logicalID string) string {
	l.Helper()
	i := slices.IndexFunc(l.hub.Roles, func(r samtemplate.Role) bool { return r.LogicalID == logicalID })
	if i < 0 {
		l.Fatalf("the hub has no %s", logicalID)
	}
	return l.hub.Roles[i].ARN
}

// as is a configuration with the credentials of a role.
func (l *lab) as(role, region string) aws.Config {
	key := strings.NewReplacer(":", "-", "/", "-").Replace(role)
	l.cloud.SetCredentials(key, "arn:aws:sts::"+strings.Replace(strings.TrimPrefix(role, "arn:aws:iam::"), ":role/", ":assumed-role/", 1)+"/run")
	return aws.Config{
		Region: region, BaseEndpoint: aws.String("http://fakeaws"), RetryMaxAttempts: 1,
		HTTPClient:  &http.Client{Transport: l.cloud.Transport()},
		Credentials: credentials.NewStaticCredentialsProvider(key, "secret", ""),
	}
}

// assumed is the same of a role that another one assumes.
func (l *lab) assumed(from, role, id, region string) aws.Config {
	cfg := l.as(from, region)
	cfg.Credentials = stscreds.NewAssumeRoleProvider(sts.NewFromConfig(cfg), role, func(o *stscreds.AssumeRoleOptions) {
		o.RoleSessionName = "run"
		if id != "" {
			o.ExternalID = &id
		}
	})
	return cfg
}

// assumes is the error code of assuming a role.
func (l *lab) assumes(from, role, id string) string {
	_, err := l.assumed(from, role, id, "us-east-1").Credentials.Retrieve(l.Context())
	return codeOf(err)
}

func codeOf(err error) string {
	var refused smithy.APIError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &refused):
		return refused.ErrorCode()
	}
	return err.Error()
}

func putRole(account string) string  { return "arn:aws:iam::" + account + ":role/keysmith-target" }
func readRole(account string) string { return "arn:aws:iam::" + account + ":role/keysmith-target-plan" }
