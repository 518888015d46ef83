package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"github.com/keysmith/keysmith/shared/fakeaws"
)

// Events that somebody made up. That no customer can send one whose source
// begins with "aws." is for EventBridge to see to; what comes all the same,
// past the rules and the queue's policy, finds the function not believing it.

func TestForgedEventsChangeNothingButWhatTheBucketSays(t *testing.T) {
	event := func(change func(map[string]any)) []byte {
		var e map[string]any
		if err := json.Unmarshal(uploaded(objectName, "forged-version"), &e); err != nil {
			t.Fatal(err)
		}
		change(e)
		return toJSON(e)
	}
	detail := func(e map[string]any) map[string]any { return e["detail"].(map[string]any) }
	for name, c := range map[string]struct {
		payload []byte
		want    string
	}{
		"of another bucket":                     {event(func(e map[string]any) { detail(e)["bucket"] = m{"name": "attackers-bucket"} }), ""},
		"of another account":                    {event(func(e map[string]any) { e["account"] = "999999999999" }), ""},
		"of another source":                     {event(func(e map[string]any) { e["source"] = "custom.s3" }), ""},
		"of a source that only looks like S3's": {event(func(e map[string]any) { e["source"] = "aws.s3 " }), ""},
		"of another kind":                       {event(func(e map[string]any) { e["detail-type"] = "Object Deleted" }), ""},
		"of a bucket with the policy bucket's name in another case": {event(func(e map[string]any) { detail(e)["bucket"] = m{"name": strings.ToUpper(policyBkt)} }), ""},
		"with a policy inside": {event(func(e map[string]any) { detail(e)["policy"] = raw(policy("forged")) }), "Applied"},
		"of a version that never was, smaller than it is": {event(func(e map[string]any) {
			detail(e)["object"] = m{"key": objectName, "version-id": "forged", "etag": "forged", "size": 1, "sequencer": "FF"}
		}), "Applied"},
		"straight from S3, of another bucket": {[]byte(strings.Replace(string(notified(objectName)), policyBkt, "attackers-bucket", 1)), ""},
		"straight from somebody else":         {[]byte(strings.Replace(string(notified(objectName)), "aws:s3", "aws:dynamodb", 1)), ""},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, nil, func(w *world) {
				version := w.upload(policy("bucket"))
				for _, payload := range [][]byte{c.payload, batch(c.payload)} { // alone, and through the queue
					before := len(w.events())
					if _, err := w.invoke(payload); err != nil {
						t.Fatal(err)
					}
					told := w.events()[before:]
					if sayAll(told) != c.want || c.want != "" && versionOf(told[0]) != version {
						t.Errorf("%s; want %q of the version in the bucket", sayAll(told), c.want)
					}
				}
				if in := w.inForce(keyID); (in == "bucket") != (c.want != "") || in == "forged" {
					t.Errorf("%s is in force", in)
				}
			})
		})
	}
}

// Whoever creates a bucket by this name in another account, after ours was
// deleted, must not be believed.
func TestABucketOfAnotherAccountIsNotBelieved(t *testing.T) {
	ours := strings.Replace(writer, account, "444455556666", 1)
	play(t, map[string]string{"WRITER_ROLE_ARN": ours}, func(w *world) {
		w.upload(policy("theirs"))
		_, err := w.invoke(notified(objectName))
		if got := sayAll(w.events()); got != "Failed UNREADABLE" || err != nil || w.puts() != 0 {
			t.Errorf("%s, handed back: %v, %d puts", got, err, w.puts())
		}
	})
}

// customer is somebody in the account who may send events to any bus.
const customer = "arn:aws:iam::" + account + ":role/customer"

// deployedRules are the rules and queues of the template in a fake AWS.
func deployedRules(t *testing.T, w *world) (client *eventbridge.Client, queues []string) {
	t.Helper()
	stack := deployment(t)
	for _, q := range stack.Queues {
		w.cloud.SQS.CreateQueue(q.Name, nil)
		queues = append(queues, q.Name)
	}
	for _, b := range stack.Buses {
		w.cloud.Events.CreateBus(b.Name)
	}
	for _, r := range stack.Rules {
		var targets []fakeaws.Target
		for _, target := range r.Targets {
			targets = append(targets, fakeaws.Target{ARN: target.ARN})
		}
		if err := w.cloud.Events.PutRule(r.Name, r.Bus, string(r.Pattern), targets...); err != nil {
			t.Fatal(err)
		}
	}
	w.cloud.SetCredentials("AKIDCUSTOMER", customer)
	return eventbridge.NewFromConfig(aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String("http://aws.test"), HTTPClient: w.client,
		Credentials: credentials.NewStaticCredentialsProvider("AKIDCUSTOMER", "secret", ""),
	}), queues
}

func TestAnUploadThatACustomerSendsReachesNoQueue(t *testing.T) {
	var event struct{ Detail json.RawMessage }
	if err := json.Unmarshal(uploaded(objectName, "v"), &event); err != nil {
		t.Fatal(err)
	}
	for _, source := range []string{"aws.s3", "AWS.s3", "aws.s3.", "s3"} {
		play(t, nil, func(w *world) {
			client, queues := deployedRules(t, w)
			_, err := client.PutEvents(w.Context(), &eventbridge.PutEventsInput{Entries: []ebtypes.PutEventsRequestEntry{{
				Source: &source, DetailType: aws.String("Object Created"), Detail: aws.String(string(event.Detail)), Time: aws.Time(time.Now()),
			}}})
			if err != nil {
				t.Fatal(err)
			}
			if n := depths(w, queues); n > 0 {
				t.Errorf("source %q: %d messages were delivered", source, n)
			}
			w.cloud.S3.NotifyEventBridge(policyBkt, true)
			w.upload(policy("new"))
			if n := depths(w, queues); n != 1 {
				t.Errorf("S3's own event: %d messages were delivered", n)
			}
		})
	}
}

func depths(w *world, queues []string) (n int) {
	for _, q := range queues {
		n += w.cloud.SQS.Depth(q)
	}
	return n
}
