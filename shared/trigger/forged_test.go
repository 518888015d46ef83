package trigger_test

import (
	"github.com/keysmith/keysmith/shared/functest"

	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/trigger"
)

// Events that somebody made up. That no customer can send one whose source
// begins with "aws." is for EventBridge to see to; what comes all the same,
// past the rules and the queue's policy, finds the function not believing it.

func TestForgedEventsChangeNothingButWhatTheBucketSays(t *testing.T) {
	event := func(change func(map[string]any)) []byte {
		var e map[string]any
		if err := json.Unmarshal(functest.Uploaded(functest.ObjectName, "forged-version"), &e); err != nil {
			t.Fatal(err)
		}
		change(e)
		return functest.JSON(e)
	}
	detail := func(e map[string]any) map[string]any { return e["detail"].(map[string]any) }
	for name, c := range map[string]struct {
		payload []byte
		want    string
	}{
		"of another bucket":                     {event(func(e map[string]any) { detail(e)["bucket"] = functest.M{"name": "attackers-bucket"} }), ""},
		"of another account":                    {event(func(e map[string]any) { e["account"] = "999999999999" }), ""},
		"of another source":                     {event(func(e map[string]any) { e["source"] = "custom.s3" }), ""},
		"of a source that only looks like S3's": {event(func(e map[string]any) { e["source"] = "aws.s3 " }), ""},
		"of another kind":                       {event(func(e map[string]any) { e["detail-type"] = "Object Deleted" }), ""},
		"of a bucket with the policy bucket's name in another case": {event(func(e map[string]any) { detail(e)["bucket"] = functest.M{"name": strings.ToUpper(functest.Bucket)} }), ""},
		"with a policy inside": {event(func(e map[string]any) { detail(e)["policy"] = functest.Raw(functest.Policy("forged")) }), "Applied"},
		"of a version that never was, smaller than it is": {event(func(e map[string]any) {
			detail(e)["object"] = functest.M{"key": functest.ObjectName, "version-id": "forged", "etag": "forged", "size": 1, "sequencer": "FF"}
		}), "Applied"},
		"straight from S3, of another bucket": {[]byte(strings.Replace(string(functest.Notified(functest.ObjectName)), functest.Bucket, "attackers-bucket", 1)), ""},
		"straight from somebody else":         {[]byte(strings.Replace(string(functest.Notified(functest.ObjectName)), "aws:s3", "aws:dynamodb", 1)), ""},
	} {
		t.Run(name, func(t *testing.T) {
			functest.Play(t, nil, func(w *functest.World) {
				version := w.Upload(functest.Policy("bucket"))
				for _, payload := range [][]byte{c.payload, functest.Batch(c.payload)} { // alone, and through the queue
					before := len(w.Events())
					if _, err := w.Invoke(payload); err != nil && !errors.Is(err, trigger.ErrUnknown) {
						t.Fatal(err)
					}
					told := w.Events()[before:]
					if functest.SayAll(told) != c.want || c.want != "" && functest.VersionOf(told[0]) != version {
						t.Errorf("%s; want %q of the version in the bucket", functest.SayAll(told), c.want)
					}
				}
				if in := w.InForce(functest.KeyID); (in == "bucket") != (c.want != "") || in == "forged" {
					t.Errorf("%s is in force", in)
				}
			})
		})
	}
}

// Somebody who creates a bucket by this name in another account, after ours was
// deleted, must not be believed.
func TestABucketOfAnotherAccountIsNotBelieved(t *testing.T) {
	ours := strings.Replace(functest.Writer, functest.Account, "444455556666", 1)
	functest.Play(t, map[string]string{"WRITER_ROLE_ARN": ours}, func(w *functest.World) {
		w.Upload(functest.Policy("theirs"))
		_, err := w.Invoke(functest.Notified(functest.ObjectName))
		if got := functest.SayAll(w.Events()); got != "Failed UNREADABLE" || err != nil || w.Puts() != 0 {
			t.Errorf("%s, returned: %v, %d puts", got, err, w.Puts())
		}
	})
}

// deployedRules are the rules and queues of the template in a fake AWS.
func deployedRules(t *testing.T, w *functest.World) (client *eventbridge.Client, queues []string) {
	t.Helper()
	stack := functest.Deployment(t)
	for _, q := range stack.Queues {
		w.Cloud.SQS.CreateQueue(q.Name, nil)
		queues = append(queues, q.Name)
	}
	for _, b := range stack.Buses {
		w.Cloud.Events.CreateBus(b.Name)
	}
	for _, r := range stack.Rules {
		var targets []fakeaws.Target
		for _, target := range r.Targets {
			targets = append(targets, fakeaws.Target{ARN: target.ARN})
		}
		if err := w.Cloud.Events.PutRule(r.Name, r.Bus, string(r.Pattern), targets...); err != nil {
			t.Fatal(err)
		}
	}
	w.Cloud.SetCredentials("AKIDCUSTOMER", functest.Customer)
	return eventbridge.NewFromConfig(aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String("http://aws.test"), HTTPClient: w.Client,
		Credentials: credentials.NewStaticCredentialsProvider("AKIDCUSTOMER", "secret", ""),
	}), queues
}

func TestAnUploadThatACustomerSendsReachesNoQueue(t *testing.T) {
	var event struct{ Detail json.RawMessage }
	if err := json.Unmarshal(functest.Uploaded(functest.ObjectName, "v"), &event); err != nil {
		t.Fatal(err)
	}
	for _, source := range []string{"aws.s3", "AWS.s3", "aws.s3.", "s3"} {
		functest.Play(t, nil, func(w *functest.World) {
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
			w.Cloud.S3.NotifyEventBridge(functest.Bucket, true)
			w.Upload(functest.Policy("new"))
			if n := depths(w, queues); n != 1 {
				t.Errorf("S3's own event: %d messages were delivered", n)
			}
		})
	}
}

func depths(w *functest.World, queues []string) (n int) {
	for _, q := range queues {
		n += w.Cloud.SQS.Depth(q)
	}
	return n
}
