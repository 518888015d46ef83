package queue_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/functest"
)

// deployed is the environment of a function that takes policies from its queue
// only.
var deployed = map[string]string{"DIRECT_REQUESTS": "false"}

// withPolicy is a request that carries a policy.
func withPolicy() []byte {
	return functest.Requested("r1", time.Now(), functest.M{"key": functest.KeyID, "policy": functest.Policy("requested")})
}

// from changes where the messages of a batch say that they come from.
func from(payload []byte, queue string) []byte {
	return []byte(strings.ReplaceAll(string(payload), ":apply\"", ":"+queue+"\""))
}

// untouched fails where anything but a refusal is the result.
func untouched(t *testing.T, w *functest.World, what string) {
	t.Helper()
	if w.Puts() != 0 || w.InForce(functest.KeyID) != "old" {
		t.Errorf("%s: the policy was put", what)
	}
	if _, stored := w.Cloud.S3.Get(functest.Bucket, functest.ObjectName); stored {
		t.Errorf("%s: the policy was stored", what)
	}
}

func handedBack(t *testing.T, w *functest.World, payload []byte) int {
	t.Helper()
	out, err := w.Invoke(payload)
	var answer struct{ BatchItemFailures []any }
	if err != nil || json.Unmarshal(out, &answer) != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return len(answer.BatchItemFailures)
}

func TestAPolicyFromTheFunctionsOwnQueueIsApplied(t *testing.T) {
	functest.Play(t, deployed, func(w *functest.World) {
		w.Cloud.SQS.Send("apply", string(withPolicy()))
		messages := w.Cloud.SQS.Receive("apply", 1)
		if n := handedBack(t, w, functest.BatchOf(messages)); n != 0 || w.InForce(functest.KeyID) != "requested" {
			t.Errorf("%d handed back, %q is in force", n, w.InForce(functest.KeyID))
		}
	})
}

// Who may invoke the function can invoke it with anything that looks like a
// message. None of it must become a policy.
func TestAPolicyFromAnywhereElseIsNotObeyed(t *testing.T) {
	functest.Play(t, deployed, func(w *functest.World) {
		planted := func() []fakeaws.Message {
			w.Cloud.SQS.CreateQueue("planted", nil)
			w.Cloud.SQS.Send("planted", string(withPolicy()))
			return w.Cloud.SQS.Receive("planted", 1)
		}
		handled := func() []fakeaws.Message {
			w.Cloud.SQS.Send("apply", string(withPolicy()))
			messages := w.Cloud.SQS.Receive("apply", 1)
			w.Cloud.SQS.Delete("apply", messages[0].Receipt)
			return messages
		}
		for what, payload := range map[string][]byte{
			"a receipt handle that was made up":          functest.Batch(withPolicy()),
			"a message of another queue":                 from(functest.BatchOf(planted()), "planted"),
			"a message of another queue, under our name": functest.BatchOf(planted()),
			"a message that was handled before":          functest.BatchOf(handled()),
			"a queue of our name in another account":     []byte(strings.ReplaceAll(string(functest.BatchOf(planted())), ":111122223333:apply", ":444455556666:apply")),
		} {
			if n := handedBack(t, w, payload); n != 1 || len(w.Events()) != 0 {
				t.Errorf("%s: %d handed back, %s", what, n, functest.SayAll(w.Events()))
			}
			untouched(t, w, what)
		}
		for _, c := range w.Cloud.Calls() {
			if c.Service == "sqs" && strings.HasSuffix(c.Resource, ":planted") {
				t.Errorf("a queue that the message named was called: %s", c.Action)
			}
		}
		if e := w.Single(withPolicy()); functest.Say(e) != "Rejected GUARDRAIL" {
			t.Errorf("a direct invocation: %s", functest.Say(e))
		}
		untouched(t, w, "a direct invocation")
	})
}

func TestWhereSQSDoesNotAnswerAPolicyIsNotObeyedAndComesAgain(t *testing.T) {
	for _, kind := range []fakeaws.Kind{fakeaws.Refuse, fakeaws.Hang, fakeaws.DropAfter} {
		functest.Play(t, deployed, func(w *functest.World) {
			w.Cloud.SQS.Send("apply", string(withPolicy()))
			w.Cloud.Fault(fakeaws.Fault{Service: "sqs", Action: "ChangeMessageVisibility", Kind: kind})
			if n := handedBack(t, w, functest.BatchOf(w.Cloud.SQS.Receive("apply", 1))); n != 1 {
				t.Errorf("%s: %d handed back", kind, n)
			}
			untouched(t, w, string(kind))
		})
	}
}

func TestOnlyAPolicyNeedsProofOfItsSender(t *testing.T) {
	functest.Play(t, deployed, func(w *functest.World) {
		w.Upload(functest.Policy("new"))
		named := functest.Requested("r2", time.Now(), functest.M{"object": functest.ObjectName})
		if failed := w.Batch(functest.Uploaded(functest.ObjectName, ""), named); failed != "" {
			t.Errorf("handed back %q", failed)
		}
		for _, c := range w.Cloud.Calls() {
			if c.Service == "sqs" && c.Action != "SendMessage" { // a reconcile for what was delivered before
				t.Errorf("SQS was called: %s", c.Action)
			}
		}
	})
}

func TestADirectReconcileNeverCountsAsALatePut(t *testing.T) {
	for direct, want := range map[string]string{"false": "Drift Detected", "true": "Applied"} {
		functest.Play(t, map[string]string{"DIRECT_REQUESTS": direct}, func(w *functest.World) {
			w.Applied(w.Upload(functest.Policy("new")), functest.Policy("new"))
			if got := functest.SayAll(w.Outcomes(functest.Reconcile(functest.ObjectName, "late-put"))); got != want {
				t.Errorf("DIRECT_REQUESTS=%s: %s, want %s", direct, got, want)
			}
		})
	}
}

// Confirm hides a message for as long as its queue would, from now on.
func TestAConfirmedMessageStaysHiddenForTheQueuesOwnTimeout(t *testing.T) {
	text, err := os.ReadFile("../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var template struct {
		Resources struct {
			ApplyQueue struct {
				Properties struct {
					VisibilityTimeout int `yaml:"VisibilityTimeout"`
				} `yaml:"Properties"`
			} `yaml:"ApplyQueue"`
		} `yaml:"Resources"`
	}
	if err := yaml.Unmarshal(text, &template); err != nil {
		t.Fatal(err)
	}
	functest.Play(t, deployed, func(w *functest.World) {
		w.Cloud.SQS.Send("apply", string(withPolicy()))
		start := time.Now()
		messages := w.Cloud.SQS.Receive("apply", 1) // hidden for 30 s
		handedBack(t, w, functest.BatchOf(messages))
		hidden := time.Duration(template.Resources.ApplyQueue.Properties.VisibilityTimeout) * time.Second
		time.Sleep(time.Until(start.Add(hidden - time.Second)))
		if len(w.Cloud.SQS.Receive("apply", 1)) != 0 {
			t.Error("it is visible before")
		}
		time.Sleep(time.Minute)
		if len(w.Cloud.SQS.Receive("apply", 1)) != 1 {
			t.Error("it is not visible afterwards")
		}
	})
}
