package sam_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/samtemplate"
)

const requestBus = "keysmith-requests"

// deploy makes the bucket, queues, buses and rules of template.yaml, with their
// policies, in a fake AWS.
func deploy(t *testing.T, parameters map[string]string) (*samtemplate.Stack, *fakeaws.Cloud) {
	t.Helper()
	stack := load(t, parameters)
	cloud := fakeaws.New(fakeaws.Options{})
	for _, q := range stack.Queues {
		attributes := map[string]string{"Policy": q.Policy, "RedriveAllowPolicy": q.RedriveAllow}
		if q.DeadLetterARN != "" {
			attributes["RedrivePolicy"] = fmt.Sprintf(`{"deadLetterTargetArn": %q, "maxReceiveCount": %d}`, q.DeadLetterARN, q.MaxReceiveCount)
		}
		cloud.SQS.CreateQueue(q.Name, attributes)
	}
	for _, b := range stack.Buses {
		cloud.Events.CreateBus(b.Name)
		cloud.Events.SetPolicy(b.Name, b.Policy)
	}
	for _, b := range stack.Buckets {
		cloud.S3.CreateBucket(b.Name, b.Versioned)
		cloud.S3.SetPolicy(b.Name, b.Policy)
	}
	for _, r := range stack.Rules {
		var targets []fakeaws.Target
		for _, target := range r.Targets {
			targets = append(targets, fakeaws.Target{ARN: target.ARN})
		}
		if err := cloud.Events.PutRule(r.Name, r.Bus, string(r.Pattern), targets...); err != nil {
			t.Fatal(err)
		}
	}
	return stack, cloud
}

func load(t *testing.T, parameters map[string]string) *samtemplate.Stack {
	t.Helper()
	all := map[string]string{
		"KeyArns": "arn:aws:kms:us-east-1:111122223333:key/*", "PolicyBucketName": "keysmith-policies",
		"Mode": "apply", "WriterPrincipals": "arn:aws:iam::111122223333:role/pipeline",
		"RequestPrincipals": "arn:aws:iam::111122223333:role/pipeline",
	}
	for name, value := range parameters {
		all[name] = value
	}
	stack, err := samtemplate.Load("../../template.yaml", samtemplate.Options{Parameters: all})
	if err != nil {
		t.Fatal(err)
	}
	return stack
}

func sample(t *testing.T, name string) fakeaws.Entry {
	t.Helper()
	text, err := os.ReadFile("../../events/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var e fakeaws.Entry
	if err := json.Unmarshal(text, &e); err != nil {
		t.Fatal(err)
	}
	return e
}

func waiting(stack *samtemplate.Stack, cloud *fakeaws.Cloud) int {
	n := 0
	for _, q := range stack.Queues {
		n += cloud.SQS.Depth(q.Name)
	}
	return n
}

// where names the queues that hold a message.
func where(stack *samtemplate.Stack, cloud *fakeaws.Cloud) string {
	var names []string
	for _, q := range stack.Queues {
		for range cloud.SQS.Depth(q.Name) {
			names = append(names, q.LogicalID)
		}
	}
	return strings.Join(names, " ")
}

func TestSamplesAreDeliveredWhereTheyAreOurs(t *testing.T) {
	for _, c := range []struct{ sample, bus, queue string }{
		{"upload", "default", "ApplyQueue"},
		{"upload-plan", "default", "PlanQueue"},
		{"upload-bad-object-key", "default", "ApplyQueue"},
		{"upload-other-bucket", "default", ""},
		{"upload-other-prefix", "default", ""},
		{"unknown-event", "default", ""},
		{"hold-deleted", "default", "ReconcileQueue"},
		{"cloudtrail", "default", "ReconcileQueue"},
		{"cloudtrail-user", "default", "ReconcileQueue"}, // without a session issuer
		{"cloudtrail-root", "default", "ReconcileQueue"}, // without a session context
		{"cloudtrail-replicate", "default", "ReconcileQueue"},
		{"cloudtrail-primary-region", "default", "ReconcileQueue"},
		{"cloudtrail-unmanaged", "default", "ReconcileQueue"},
		{"cloudtrail-own-role", "default", ""}, // or a flood of keysmith's puts would be a flood of messages
		{"cloudtrail-refused", "default", ""},
		{"cloudtrail-other-call", "default", ""},
		{"cloudtrail-other-account", "default", ""},
		{"cloudtrail", requestBus, ""},
		{"request-object", requestBus, "ApplyQueue"},
		{"request-inline", requestBus, "ApplyQueue"},
		{"request-object-dry-run", requestBus, "PlanQueue"},
		{"request-inline-dry-run", requestBus, "PlanQueue"},
		{"request-not-understood", requestBus, "ApplyQueue"},
		{"request-object", "default", ""},
		{"upload", requestBus, ""},
		{"unknown-event", requestBus, ""},
	} {
		t.Run(c.sample+" on "+c.bus, func(t *testing.T) {
			stack, cloud := deploy(t, nil)
			cloud.Events.Publish(c.bus, sample(t, c.sample))
			if got := where(stack, cloud); got != c.queue {
				t.Errorf("a message waits in %q, want %q", got, c.queue)
			}
		})
	}
}

// Each request reaches exactly one function, whatever dryRun says: one that is not
// understood must still be answered. Whether EventBridge takes an object for
// something that exists is not documented, so that is left out.
func TestEveryRequestReachesOneFunction(t *testing.T) {
	for dryRun, queue := range map[string]string{
		`true`: "PlanQueue", `false`: "ApplyQueue", `null`: "ApplyQueue", `"true"`: "ApplyQueue", `""`: "ApplyQueue",
		`1`: "ApplyQueue", `-1.5e3`: "ApplyQueue", ``: "ApplyQueue",
	} {
		stack, cloud := deploy(t, nil)
		e := sample(t, "request-object")
		detail := `{"object": "policies/x.json"`
		if dryRun != "" {
			detail += `, "dryRun": ` + dryRun
		}
		e.Detail = []byte(detail + `}`)
		cloud.Events.Publish(requestBus, e)
		if got := where(stack, cloud); got != queue {
			t.Errorf("dryRun %s: a message waits in %q, want %q", dryRun, got, queue)
		}
	}
}

// Customers cannot send events whose source begins with "aws.", so the source
// and the account are what tells S3's own word from anybody else's.
func TestAnUploadThatSomebodyMadeUpIsNotDelivered(t *testing.T) {
	for name, change := range map[string]func(*fakeaws.Entry){
		"another source":  func(e *fakeaws.Entry) { e.Source = "platform.pipeline" },
		"another account": func(e *fakeaws.Entry) { e.Account = "444455556666" },
	} {
		stack, cloud := deploy(t, nil)
		e := sample(t, "upload")
		change(&e)
		cloud.Events.Publish("default", e)
		if got := waiting(stack, cloud); got != 0 {
			t.Errorf("an upload of %s was delivered", name)
		}
	}
}

// Nothing that keysmith says may wake it up, whichever bus it is said on and
// whatever it is called.
func TestNoResultEventComesBackAsATrigger(t *testing.T) {
	types := []outcome.Type{
		outcome.Applied, outcome.Rejected, outcome.Failed, outcome.Planned, outcome.DriftDetected, outcome.DriftResolved,
		"KMS Key Policy Apply Requested", "Object Created",
	}
	for _, bus := range []string{"default", requestBus} {
		for _, kind := range types {
			stack, cloud := deploy(t, nil)
			e := sample(t, "own-result")
			e.DetailType = string(kind)
			cloud.Events.Publish(bus, e)
			if got := len(cloud.Events.Entries(bus)); got != 1 {
				t.Fatalf("the bus %s took %d events, want 1", bus, got)
			}
			if got := waiting(stack, cloud); got != 0 {
				t.Errorf("%q of %s on the bus %s reached a queue", kind, e.Source, bus)
			}
		}
	}
}

// keysmith writes objects and puts policies; neither may wake it. Every pattern of
// the template is in force here, those of the brake included.
func TestNothingThatKeysmithWritesComesBackAsATrigger(t *testing.T) {
	stack, cloud := deploy(t, map[string]string{"ChangesPerHour": "100"})
	for _, object := range []string{
		"history/111122223333/us-east-1/x/20260115T091241.000Z-ab.json", "status/policies/x.json", "status/plans/x.json", "status/sweep.json", "status/unmanaged.json",
	} {
		for _, kind := range []string{"Object Created", "Object Deleted"} {
			e := sample(t, "upload")
			e.DetailType = kind
			e.Detail = []byte(strings.Replace(string(e.Detail), "policies/6f1c7a52-3c0e-4a86-9d7e-0b6a5f2e9c11.json", object, 1))
			if !strings.Contains(string(e.Detail), object) {
				t.Fatal("the sample has another object")
			}
			cloud.Events.Publish("default", e)
		}
	}
	put := sample(t, "cloudtrail-own-role")
	put.Detail = []byte(strings.ReplaceAll(string(put.Detail), "arn:aws:iam::111122223333:role/keysmith-ApplyRole", stack.Functions[0].RoleARN))
	cloud.Events.Publish("default", put)
	if got := where(stack, cloud); got != "" {
		t.Errorf("a message waits in %q", got)
	}
}

// The alarm of the brake starts what stops the reading of the apply queue, once
// for each time that it begins to ring.
func TestTheAlarmOfTheBrakeStopsTheReading(t *testing.T) {
	stack, cloud := deploy(t, map[string]string{"ChangesPerHour": "100"})
	for _, r := range stack.Rules {
		if r.LogicalID != "BrakeRule" {
			continue
		}
		var pattern struct{ Resources []string }
		if err := json.Unmarshal(r.Pattern, &pattern); err != nil || len(pattern.Resources) != 1 || !strings.Contains(pattern.Resources[0], "BrakeAlarm") {
			t.Fatalf("%v: %s", err, r.Pattern)
		}
		seen := fakeaws.Target{ARN: cloud.SQS.CreateQueue("seen", nil)}
		if err := cloud.Events.PutRule("seen", "default", string(r.Pattern), seen); err != nil {
			t.Fatal(err)
		}
		for _, state := range []string{"ALARM", "OK", "INSUFFICIENT_DATA"} {
			e := fakeaws.Entry{Source: "aws.cloudwatch", DetailType: "CloudWatch Alarm State Change", Account: "111122223333", Region: "us-east-1",
				Resources: pattern.Resources, Detail: []byte(`{"state": {"value": "` + state + `"}}`)}
			cloud.Events.Publish("default", e)
		}
		if n := cloud.SQS.Depth("seen"); n != 1 {
			t.Errorf("%d of three states start it", n)
		}
		if len(r.Targets) != 1 || !strings.Contains(r.Targets[0].ARN, "StopReading") {
			t.Errorf("it starts %+v", r.Targets)
		}
		return
	}
	t.Error("there is no such rule")
}

func TestTheLogGroupGetsEveryResult(t *testing.T) {
	for bus, want := range map[string]int{"default": 1, "own": 1} {
		stack, cloud := deploy(t, map[string]string{"ResultBus": bus})
		e := sample(t, "own-result")
		cloud.Events.Publish(stack.Functions[0].Environment["RESULT_BUS"], e)
		group := "arn:aws:logs:us-east-1:111122223333:log-group:/aws/events/keysmith-local"
		if got := len(cloud.Events.Logged(group)); got != want {
			t.Errorf("ResultBus=%s: %d events were logged, want %d", bus, got, want)
		}
	}
}
