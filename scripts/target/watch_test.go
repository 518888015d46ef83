package target_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/samtemplate"
)

const watchedKey = "1234abcd-12ab-34cd-56ef-1234567890ab"

// watch deploys watch.yaml in an account and Region, and the rules and queues of
// the hub that its events come to.
func (l *lab) watch(account, region string) {
	l.Helper()
	stack := l.watchStack(account, region, nil)
	role := stack.Roles[0]
	document, err := role.Document("")
	if err != nil {
		l.Fatal(err)
	}
	l.role(role.ARN, role.Trust, document)
	rule, dead := stack.Rules[0], stack.Queues[0]
	l.cloud.SQS.CreateQueue(dead.Name, map[string]string{"Policy": dead.Policy})
	if err := l.cloud.AddWatch(fakeaws.Watch{
		Account: account, Region: region, Name: rule.Name, Pattern: string(rule.Pattern), Role: role.ARN, Bus: rule.Targets[0].ARN,
		DeadLetter: rule.Targets[0].DeadLetterARN,
	}); err != nil {
		l.Fatal(err)
	}
}

func (l *lab) hubRules() {
	l.Helper()
	for _, q := range l.hub.Queues {
		l.cloud.SQS.CreateQueue(q.Name, map[string]string{"Policy": q.Policy})
	}
	for _, r := range l.hub.Rules {
		var targets []fakeaws.Target
		for _, target := range r.Targets {
			if strings.Contains(target.ARN, ":sqs:") {
				targets = append(targets, fakeaws.Target{ARN: target.ARN, DeadLetter: target.DeadLetterARN})
			}
		}
		if err := l.cloud.Events.PutRule(r.Name, r.Bus, string(r.Pattern), targets...); err != nil {
			l.Fatal(err)
		}
	}
}

// reconciles are the accounts and Regions whose events the reconcile queue got.
func (l *lab) reconciles() (from []string) {
	for _, q := range l.hub.Queues {
		if q.LogicalID != "ReconcileQueue" {
			continue
		}
		for _, m := range l.cloud.SQS.Receive(q.Name, 10) {
			var e struct{ Account, Region string }
			if err := json.Unmarshal([]byte(m.Body), &e); err != nil {
				l.Fatal(err)
			}
			from = append(from, e.Account+" "+e.Region)
		}
	}
	return from
}

// put has a caller put a policy on the key of an account and Region.
func (l *lab) put(cfg aws.Config, account string) {
	l.Helper()
	policy := strings.ReplaceAll(`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "ACCOUNT"}, "Action": "kms:*", "Resource": "*"}]}`, "ACCOUNT", account)
	_, err := kms.NewFromConfig(cfg).PutKeyPolicy(l.Context(), &kms.PutKeyPolicyInput{KeyId: aws.String(watchedKey), PolicyName: aws.String("default"), Policy: &policy})
	if err != nil {
		l.Fatal(err)
	}
}

func watching(t *testing.T, hub map[string]string) *lab {
	l := deploy(t, hub, nil)
	l.hubRules()
	for _, account := range []string{hubAccount, member, stranger} {
		for _, region := range []string{"us-east-1", "eu-west-1"} {
			l.cloud.KMS.CreateKey(fakeaws.KeySpec{ID: watchedKey, Account: account, Region: region})
			if account != hubAccount || region != "us-east-1" {
				l.watch(account, region)
			}
		}
	}
	l.cloud.StartTrail()
	return l
}

func TestTheHubIsToldWhoElseChangesAKeyOfItsTargets(t *testing.T) {
	l := watching(t, nil)
	admin := func(account, region string) aws.Config { return l.as("arn:aws:iam::"+account+":role/admin", region) }
	for name, test := range map[string]struct {
		cfg     aws.Config
		account string
		want    []string
	}{
		"a person in the target":                   {admin(member, "eu-west-1"), member, []string{member + " eu-west-1"}},
		"a person in another Region of the hub":    {admin(hubAccount, "eu-west-1"), hubAccount, []string{hubAccount + " eu-west-1"}},
		"a person in the hub":                      {admin(hubAccount, "us-east-1"), hubAccount, []string{hubAccount + " us-east-1"}},
		"a user":                                   {l.as("arn:aws:iam::"+member+":user/ann", "us-east-1"), member, []string{member + " us-east-1"}},
		"a person in an account that is no target": {admin(stranger, "eu-west-1"), stranger, nil},
		"keysmith in the target":                   {l.assumed(l.own("ApplyRole")+suffix, putRole(member), externalID, "eu-west-1"), member, nil},
		"keysmith in another Region of the hub":    {l.as(l.own("ApplyRole")+suffix, "eu-west-1"), hubAccount, nil},
	} {
		l.put(test.cfg, test.account)
		if got := l.reconciles(); !slices.Equal(got, test.want) {
			t.Errorf("%s: the queue got %v, want %v", name, got, test.want)
		}
	}
}

// What the delivery role did, and what it may do, are the same.
func TestTheDeliveryRoleMayOnlySendToTheHubsBus(t *testing.T) {
	stack, err := samtemplate.Load("watch.yaml", samtemplate.Options{Account: member, Parameters: map[string]string{
		"HubBusArn": "arn:aws:events:us-east-1:" + hubAccount + ":event-bus/keysmith-trail", "HubApplyRoleArn": "arn:aws:iam::" + hubAccount + ":role/keysmith-ApplyRole-*",
	}})
	if err != nil {
		t.Fatal(err)
	}
	may := stack.Roles[0].Statements
	if len(may) != 1 || !slices.Equal(may[0].Actions, []string{"events:PutEvents"}) || !slices.Equal(may[0].Resources, []string{stack.Rules[0].Targets[0].ARN}) {
		t.Errorf("it may %+v", may)
	}
}

func TestTheBusTakesNothingElse(t *testing.T) {
	l := watching(t, nil)
	for name, test := range map[string]struct{ who, source string }{
		"an application of a target":   {"arn:aws:iam::" + member + ":role/app", "app"},
		"an application of the hub":    {"arn:aws:iam::" + hubAccount + ":role/app", "app"},
		"an event in the name of KMS":  {"arn:aws:iam::" + hubAccount + ":role/app", "aws.kms"},
		"an account that is no target": {"arn:aws:iam::" + stranger + ":role/app", "aws.kms"},
	} {
		out, err := eventbridge.NewFromConfig(l.as(test.who, "us-east-1")).PutEvents(t.Context(), &eventbridge.PutEventsInput{Entries: []ebtypes.PutEventsRequestEntry{{
			Source: &test.source, DetailType: aws.String("AWS API Call via CloudTrail"), Detail: aws.String(`{"eventName": "PutKeyPolicy"}`),
			EventBusName: aws.String(l.hub.Outputs["TrailBusArn"]),
		}}})
		if err == nil && out.FailedEntryCount == 0 {
			t.Errorf("%s: the bus took it", name)
		}
	}
}

// A stack without targets has neither the bus nor the rule; with Regions only, the
// bus lets no other account in.
func TestTheBusIsThereOnlyForTargets(t *testing.T) {
	l := deploy(t, map[string]string{"TargetAccounts": "", "TargetRegions": ""}, nil)
	if l.hub.Outputs["TrailBusArn"] != "" {
		t.Errorf("it has %s", l.hub.Outputs["TrailBusArn"])
	}
	l = watching(t, map[string]string{"TargetAccounts": ""})
	l.put(l.as("arn:aws:iam::"+member+":role/admin", "eu-west-1"), member)
	l.put(l.as("arn:aws:iam::"+hubAccount+":role/admin", "eu-west-1"), hubAccount)
	if got := l.reconciles(); !slices.Equal(got, []string{hubAccount + " eu-west-1"}) {
		t.Errorf("the queue got %v", got)
	}
}
