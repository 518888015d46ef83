package fakeaws_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keysmith/keysmith/shared/fakeaws"
)

// A seen is what these tests look at in an event of CloudTrail.
type seen struct {
	EventName, AwsRegion, ErrorCode, RecipientAccountId, EventID string

	UserIdentity struct {
		Arn            string
		SessionContext struct{ SessionIssuer struct{ Arn string } }
	}
	Resources []struct{ ARN string }
}

func trail(t *testing.T, entries []fakeaws.Entry) []seen {
	t.Helper()
	var all []seen
	for _, e := range entries {
		var one seen
		if err := json.Unmarshal(e.Detail, &one); err != nil || e.Source != "aws.kms" || e.DetailType != "AWS API Call via CloudTrail" {
			t.Fatalf("%+v: %v", e, err)
		}
		all = append(all, one)
	}
	return all
}

func names(events []seen) string {
	var all []string
	for _, e := range events {
		all = append(all, e.EventName+" "+e.AwsRegion)
	}
	return strings.Join(all, ", ")
}

func TestCloudTrailReportsWhoChangedWhichKey(t *testing.T) {
	c := start(t, fakeaws.Options{})
	c.cloud.KMS.CreateKey(fakeaws.KeySpec{ID: keyID})
	c.cloud.KMS.AddPrincipal("arn:aws:iam::111122223333:role/team/writer")
	c.cloud.SetCredentials("AKIAEXAMPLE", "arn:aws:sts::111122223333:assumed-role/writer/run-1")
	if err := put(c, rootOnly); err != nil || len(c.cloud.Events.Entries("default")) > 0 {
		t.Fatalf("without a trail there is no event: %v", err)
	}
	c.cloud.StartTrail()
	_ = put(c, rootOnly)
	_ = put(c, "{}")
	_, _ = c.kms.GetKeyPolicy(ctx, &kms.GetKeyPolicyInput{KeyId: aws.String(keyID), PolicyName: aws.String("default")})
	got := trail(t, c.cloud.Events.Entries("default"))
	if len(got) != 2 {
		t.Fatalf("got %+v, want the two puts", got)
	}
	done, refused := got[0], got[1]
	if done.EventName != "PutKeyPolicy" || done.ErrorCode != "" || done.RecipientAccountId != account ||
		done.UserIdentity.Arn != "arn:aws:sts::111122223333:assumed-role/writer/run-1" ||
		done.UserIdentity.SessionContext.SessionIssuer.Arn != "arn:aws:iam::111122223333:role/team/writer" ||
		len(done.Resources) != 1 || done.Resources[0].ARN != "arn:aws:kms:us-east-1:111122223333:key/"+keyID {
		t.Errorf("got %+v", done)
	}
	if refused.ErrorCode != "MalformedPolicyDocument" || refused.EventID == done.EventID {
		t.Errorf("refused: %+v", refused)
	}
}

// A policy that the caller did not hear of was put all the same.
func TestAPutWithoutAnAnswerIsReportedToo(t *testing.T) {
	c := start(t, fakeaws.Options{})
	c.cloud.KMS.CreateKey(fakeaws.KeySpec{ID: keyID})
	c.cloud.StartTrail()
	c.cloud.Fault(fakeaws.Fault{Action: "PutKeyPolicy", Kind: fakeaws.DropAfter, Times: 1})
	c.cloud.Fault(fakeaws.Fault{Action: "PutKeyPolicy", Kind: fakeaws.Drop})
	for range 2 {
		if err := put(c, rootOnly); err == nil {
			t.Error("the connection was not dropped")
		}
	}
	if got := c.cloud.Events.Entries("default"); len(got) != 1 {
		t.Errorf("got %d events, want that of the put that was done", len(got))
	}
}

func TestEventsOfCloudTrailComeLateTwiceAndOutOfOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := bubble(fakeaws.Options{})
		c.cloud.KMS.CreateKey(fakeaws.KeySpec{ID: keyID})
		c.cloud.StartTrail(account)
		for _, f := range []fakeaws.Fault{
			{Action: "PutKeyPolicy", Times: 1, Kind: fakeaws.Slow, Delay: time.Minute},
			{Action: "PutKeyPolicy", Times: 1, Kind: fakeaws.Duplicate, Delay: time.Hour},
			{Action: "PutKeyPolicy", Times: 1, Kind: fakeaws.Drop},
		} {
			f.Service = "cloudtrail"
			c.cloud.Fault(f)
		}
		for range 3 {
			if err := put(c, rootOnly); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
		}
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		entries := c.cloud.Events.Entries("default")
		got := trail(t, entries)
		if len(got) != 3 || !entries[0].Time.After(entries[1].Time) || got[0].EventID == got[1].EventID || got[0].EventID != got[2].EventID {
			t.Errorf("got %+v, want the second, the first, and the second again", got)
		}
	})
}

const watched = `{"source": ["aws.kms"], "detail": {"eventName": ["PutKeyPolicy", "ReplicateKey", "UpdatePrimaryRegion"], "errorCode": [{"exists": false}]}}`

// watching has a bus whose policy names the member, and a rule there and in the
// other Regions of the account itself.
func watching(t *testing.T, o fakeaws.Options) clients {
	t.Helper()
	c := start(t, o)
	bus := c.cloud.Events.CreateBus("trail")
	c.cloud.Events.SetPolicy("trail", `{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "events:PutEvents", "Resource": "`+bus+`", "Condition": {
		"StringEquals": {"aws:PrincipalAccount": "`+member+`", "events:detail-type": "AWS API Call via CloudTrail"}, "ForAllValues:StringEquals": {"events:source": "aws.kms"}}}]}`)
	for _, id := range []string{account, member} {
		role := "arn:aws:iam::" + id + ":role/watch"
		c.cloud.AddRole(fakeaws.Role{ARN: role, Trust: `{"Statement": [{"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sts:AssumeRole"}]}`})
		if err := c.cloud.AddWatch(fakeaws.Watch{Account: id, Name: "watch", Pattern: watched, Role: role, Bus: bus}); err != nil {
			t.Fatal(err)
		}
	}
	c.cloud.StartTrail()
	c.cloud.SetCredentials("AKIAMEMBER", "arn:aws:iam::"+member+":role/admin")
	return c
}

// of is a client with the credentials of the member account.
func (c clients) of(key, region string) *kms.Client {
	o := c.kms.Options()
	o.Region, o.Credentials = region, credentials.NewStaticCredentialsProvider(key, "secret", "")
	return kms.New(o)
}

// EventBridge takes a dead-letter queue of the rule's account and Region only, and
// the queue's policy has to let the rule send.
func TestWhatABusRefusesGoesToTheDeadLetterQueueOfItsRule(t *testing.T) {
	c := watching(t, fakeaws.Options{})
	c.cloud.Events.SetPolicy("trail", "")
	allow := func(rule string) string {
		return `{"Statement": [{"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": "*",
			"Condition": {"ArnEquals": {"aws:SourceArn": "arn:aws:events:eu-west-1:` + member + `:rule/` + rule + `"}}}]}`
	}
	for name, policy := range map[string]string{"own": allow("own"), "foreign": allow("other"), "far": allow("far")} {
		c.cloud.SQS.CreateQueue(name, map[string]string{"Policy": policy})
		region := "eu-west-1"
		if name == "far" {
			region = "us-east-1"
		}
		if err := c.cloud.AddWatch(fakeaws.Watch{
			Account: member, Name: name, Pattern: watched, Role: "arn:aws:iam::" + member + ":role/watch", Bus: "trail",
			DeadLetter: "arn:aws:sqs:" + region + ":" + member + ":" + name,
		}); err != nil {
			t.Fatal(err)
		}
	}
	theirs := c.cloud.KMS.CreateKey(fakeaws.KeySpec{Account: member, Region: "eu-west-1"})
	if _, err := c.of("AKIAMEMBER", "eu-west-1").PutKeyPolicy(ctx, &kms.PutKeyPolicyInput{
		KeyId: &theirs, PolicyName: aws.String("default"), Policy: aws.String(strings.ReplaceAll(rootOnly, account, member)),
	}); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]int{"own": 1, "foreign": 0, "far": 0} {
		if got := c.cloud.SQS.Depth(name); got != want {
			t.Errorf("the queue %s holds %d, want %d", name, got, want)
		}
	}
}

func TestRulesElsewhereSendWhatTheBusTakes(t *testing.T) {
	c := watching(t, fakeaws.Options{})
	theirs := c.cloud.KMS.CreateKey(fakeaws.KeySpec{Account: member, Region: "eu-west-1"})
	tag := &kms.ScheduleKeyDeletionInput{KeyId: &theirs}
	putTheirs := func() error {
		_, err := c.of("AKIAMEMBER", "eu-west-1").PutKeyPolicy(ctx, &kms.PutKeyPolicyInput{
			KeyId: &theirs, PolicyName: aws.String("default"), Policy: aws.String(strings.ReplaceAll(rootOnly, account, member)),
		})
		return err
	}
	if err := putTheirs(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.of("AKIAMEMBER", "eu-west-1").ScheduleKeyDeletion(ctx, tag); err != nil {
		t.Fatal(err)
	}
	entries := c.cloud.Events.Entries("trail")
	if got := names(trail(t, entries)); got != "PutKeyPolicy eu-west-1" || entries[0].Account != member {
		t.Errorf("got %s", got)
	}
	if len(c.cloud.Events.Entries("default")) > 0 {
		t.Error("an event of another account is on the default bus")
	}
	// What the role, IAM or the bus refuses does not come, and is noted.
	for name, scene := range map[string]func(){
		"the bus": func() { c.cloud.Events.SetPolicy("trail", "") },
		"IAM":     func() { c.cloud.KMS.SetIAM("arn:aws:iam::"+member+":role/watch", false) },
		"no role": func() { c.cloud.RemoveRole("arn:aws:iam::" + member + ":role/watch") },
	} {
		scene()
		if err := putTheirs(); err != nil {
			t.Fatal(err)
		}
		calls := c.cloud.Calls()
		last := calls[slices.IndexFunc(calls, func(call fakeaws.Call) bool { return call.Error == "AccessDeniedException" })]
		if len(c.cloud.Events.Entries("trail")) != 1 || last.Action != "PutEvents" || last.Account != member {
			t.Errorf("%s: %+v", name, last)
		}
	}
}

func TestAChangeOfASetIsReportedInBothRegions(t *testing.T) {
	c := watching(t, fakeaws.Options{})
	c.cloud.KMS.CreateKey(fakeaws.KeySpec{ID: mrk})
	if err := c.replicate("eu-west-1", ""); err != nil {
		t.Fatal(err)
	}
	if _, err := c.kms.UpdatePrimaryRegion(ctx, &kms.UpdatePrimaryRegionInput{KeyId: aws.String(mrk), PrimaryRegion: aws.String("eu-west-1")}); err != nil {
		t.Fatal(err)
	}
	if got := names(trail(t, c.cloud.Events.Entries("default"))); got != "ReplicateKey us-east-1, UpdatePrimaryRegion us-east-1" {
		t.Errorf("here: %s", got)
	}
	there := trail(t, c.cloud.Events.Entries("trail"))
	if got := names(there); got != "UpdatePrimaryRegion eu-west-1" || there[0].Resources[0].ARN != mrkInEU {
		t.Errorf("there: %s", got)
	}
}
