package trigger

import (
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
)

const (
	bucket = "keysmith-policies"
	object = "policies/6f1c7a52-3c0e-4a86-9d7e-0b6a5f2e9c11.json"
)

// sample reads one of the payloads that the function is tried with.
func sample(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile("../../events/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func one(t *testing.T, payload []byte) Trigger {
	t.Helper()
	triggers, ignored, err := Parse(payload, bucket)
	if err != nil || ignored != "" || len(triggers) != 1 {
		t.Fatalf("Parse: %d triggers, ignored %q, %v; want one trigger", len(triggers), ignored, err)
	}
	return triggers[0]
}

func TestAnUploadTellsItsVersionAndItsUploaderInBothShapes(t *testing.T) {
	for _, name := range []string{"upload", "s3-notification"} {
		got := one(t, sample(t, name))
		if got.Kind != Upload || got.Object != object {
			t.Errorf("%s: %s of %q", name, got.Kind, got.Object)
		}
		for what, s := range map[string]string{"id": got.ID, "version": got.VersionID, "etag": got.ETag, "requester": got.Requester, "address": got.SourceIP} {
			if s == "" {
				t.Errorf("%s: no %s was read", name, what)
			}
		}
		if got.Time.IsZero() {
			t.Errorf("%s: no time was read", name)
		}
	}
}

func TestBothShapesOfAnUploadNameTheSameObject(t *testing.T) {
	for _, key := range []struct{ literal, encoded string }{
		{"policies/a b.json", "policies/a+b.json"},
		{"policies/a+b.json", "policies/a%2Bb.json"},
		{"policies/a%2Fb.json", "policies/a%252Fb.json"},
		{"policies/ä.json", "policies/%C3%A4.json"},
		{"policies/%zz.json", "policies/%zz.json"},
	} {
		fromBus := one(t, marshal(t, map[string]any{"source": "aws.s3", "detail-type": "Object Created",
			"detail": map[string]any{"bucket": map[string]any{"name": bucket}, "object": map[string]any{"key": key.literal}}}))
		direct := one(t, marshal(t, map[string]any{"Records": []any{map[string]any{"eventSource": "aws:s3", "eventName": "ObjectCreated:Put",
			"s3": map[string]any{"bucket": map[string]any{"name": bucket}, "object": map[string]any{"key": key.encoded}}}}}))
		if fromBus.Object != key.literal || direct.Object != key.literal {
			t.Errorf("%q and %q; want %q from both", fromBus.Object, direct.Object, key.literal)
		}
	}
}

func marshal(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestWhatIsNotOursIsIgnoredWithAReason(t *testing.T) {
	for payload, want := range map[string]string{
		string(sample(t, "upload-other-bucket")): "is not the policy bucket",
		string(sample(t, "upload-other-prefix")): "none of keysmith's prefixes",
		string(sample(t, "s3-test-event")):       "test event",
		string(sample(t, "own-result")):          "keysmith's own event",
		`{"Records": []}`:                        "no records",
		`[]`:                                     "an empty list",
		`{"source": "aws.s3", "detail-type": "Object Deleted", "detail": {}}`:           "stores no object",
		`{"Records": [{"eventSource": "aws:s3", "eventName": "ObjectRemoved:Delete"}]}`: "ObjectRemoved",
		`{"Type": "Notification", "Message": "{\"Event\": \"s3:TestEvent\"}"}`:          "test event",
	} {
		triggers, ignored, err := Parse([]byte(payload), bucket)
		if err != nil || len(triggers) > 0 || !strings.Contains(ignored, want) {
			t.Errorf("%.60s: %d triggers, ignored %q, %v; want ignored with %q", payload, len(triggers), ignored, err, want)
		}
	}
}

// What nobody knows is an upload that somebody wired in another way, as far as
// anybody can tell: to acknowledge it would lose it.
func TestAnUnknownShapeIsAnError(t *testing.T) {
	for payload, want := range map[string]string{
		string(sample(t, "unknown-event")): `source "aws.events", detail-type "Scheduled Event"`,
		`[1,2]`:                            "not a JSON object",
		`"text"`:                           "not a JSON object",
		`null`:                             "not a JSON object",
		`{}`:                               "the members ",
		`{"Object": "policies/x"}`:         "the members Object",
		`{"keysmith": "sweep"}`:            `a message to keysmith ("sweep"`,
		`{"keysmith": "reconcile", "reason": "sweep"}`:                       "a message to keysmith",
		`{"keysmith": "reconcile", "object": "policies/x", "reason": "x"}`:   "a message to keysmith",
		`{"source": "evil", "detail-type": "Object Created", "detail": {}}`:  `source "evil"`,
		`{"source": "aws.s3", "detail-type": "Object Created", "detail": 3}`: "not an Object Created event",
		`{"Records": 3}`: "Records is not a list",
		`{"Records": [{"eventSource": "aws:dynamodb"}]}`:   `a record of "aws:dynamodb"`,
		`{"Type": "Notification", "Message": "Hello"}`:     "not JSON",
		`{"Type": "Notification", "Message": 3}`:           "not JSON",
		`[[[[{"object": "policies/x"}]]]]`:                 "an envelope inside an envelope",
		`{"requestContext": {}, "requestPayload": "text"}`: "not a JSON object",
	} {
		triggers, _, err := Parse([]byte(payload), bucket)
		if !errors.Is(err, ErrUnknown) || len(triggers) > 0 || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s: %d triggers, %v; want an error with %q", payload, len(triggers), err, want)
		}
	}
}

func TestEveryEnvelopeThatPeopleWireIsOpened(t *testing.T) {
	for name, want := range map[string][]Kind{
		"sqs-sns-s3-notification": {Upload}, "sns-s3-notification": {Upload}, "pipes-sqs-upload": {Upload}, "pipes-requests": {Request, Upload},
		"destination-failure": {Upload}, "destination-success": {Request}, "request-bare-object": {Request}, "heartbeat": {Heartbeat},
	} {
		payload := sample(t, name)
		if messages, ok := Messages(payload); ok {
			payload = messages[0].Body
		}
		triggers, ignored, err := Parse(payload, bucket)
		var got []Kind
		for _, trigger := range triggers {
			got = append(got, trigger.Kind)
			if trigger.Kind != Heartbeat && trigger.Object != object {
				t.Errorf("%s: a trigger for %q", name, trigger.Object)
			}
		}
		if err != nil || ignored != "" || !slices.Equal(got, want) {
			t.Errorf("%s: %v, ignored %q, %v; want %v", name, got, ignored, err, want)
		}
	}
}

// One item that nobody knows must not lose the others, nor be lost with them.
func TestTheRestOfAListIsReadWhereOneItemIsUnknown(t *testing.T) {
	triggers, _, err := Parse([]byte(`[{"object": "`+object+`"}, {"what": "ever"}]`), bucket)
	if len(triggers) != 1 || !errors.Is(err, ErrUnknown) {
		t.Errorf("%d triggers, %v", len(triggers), err)
	}
}

func TestARequestKeepsThePolicyAsItWasSent(t *testing.T) {
	for detail, want := range map[string]string{
		`{"key": "alias/a", "policy": {"b": 1,  "b": 2}}`:  `{"b": 1,  "b": 2}`,
		`{"key": "alias/a", "policy": "{\"b\":\n1}"}`:      "{\"b\":\n1}",
		`{"key": "alias/a", "policy": null}`:               `null`,
		`{"key": "alias/a", "policy": "", "dryRun": true}`: ``,
	} {
		got := one(t, []byte(`{"detail-type": "KMS Key Policy Apply Requested", "detail": `+detail+`}`))
		if got.Problem != "" || got.Inline == nil || string(got.Inline.Policy) != want {
			t.Errorf("%s: %+v, problem %q; want the policy %q", detail, got.Inline, got.Problem, want)
		}
	}
}

func TestARequestThatCannotBeUnderstoodSaysWhatIsWrong(t *testing.T) {
	for detail, want := range map[string]string{
		`3`:                                 "not a JSON object",
		`{}`:                                `needs "object"`,
		`{"object": 7}`:                     "detail.object must be a non-empty string",
		`{"object": ""}`:                    "detail.object must be a non-empty string",
		`{"object": "o", "key": "k"}`:       "one of the two forms",
		`{"object": "o", "policy": {}}`:     "one of the two forms",
		`{"key": "k"}`:                      "has no policy",
		`{"policy": {}}`:                    `needs "object"`,
		`{"object": "o", "dryrun": true}`:   `unknown member "dryrun"`,
		`{"object": "o", "dryRun": "true"}`: "write true or false",
		`{"object": "o", "dryRun": null}`:   "write true or false",
		`{"object": "o", "dryRun": true, "dryRun": false}`: "twice",
	} {
		got := one(t, []byte(`{"id": "e1", "detail-type": "KMS Key Policy Apply Requested", "detail": `+detail+`}`))
		if !strings.Contains(got.Problem, want) || got.ID != "e1" {
			t.Errorf("%s: id %q, problem %q; want %q", detail, got.ID, got.Problem, want)
		}
	}
}

func TestAReconcileReadsBackAsItWasWritten(t *testing.T) {
	for _, kind := range []Kind{Sweep, LatePut} {
		got := one(t, Reconcile(object, kind))
		if got.Kind != kind || got.Object != object {
			t.Errorf("got %+v", got)
		}
	}
}

func TestAMessageOfTheVersionBeforeIsStillUnderstood(t *testing.T) {
	for _, kind := range []Kind{Sweep, LatePut} {
		got := one(t, []byte(`{"keysmith": "look", "object": "`+object+`", "reason": "`+string(kind)+`"}`))
		if want := one(t, Reconcile(object, kind)); !reflect.DeepEqual(got, want) {
			t.Errorf("%+v; want %+v", got, want)
		}
	}
}

func TestAReconcileBecauseOfCloudTrailNamesNobody(t *testing.T) {
	got := one(t, []byte(`{"keysmith": "reconcile", "object": "`+object+`", "reason": "cloudtrail"}`))
	if got.Kind != CloudTrail || got.Author != nil || got.Object != object {
		t.Errorf("%+v", got)
	}
}

func TestOnlySQSBatchesAreMessages(t *testing.T) {
	messages, ok := Messages(sample(t, "sqs-batch"))
	if !ok || len(messages) < 2 {
		t.Fatalf("%d messages, %v", len(messages), ok)
	}
	for _, m := range messages {
		if m.ID == "" || m.ReceiptHandle == "" || m.Receives < 1 || len(m.Body) == 0 {
			t.Errorf("%+v", m)
		}
	}
	for _, other := range []string{`{}`, `[]`, `{"Records": []}`, `{"Records": [{"eventSource": "aws:s3"}]}`} {
		if _, ok := Messages([]byte(other)); ok {
			t.Errorf("%s was taken for an SQS batch", other)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, name := range []string{"upload", "s3-notification-several", "request-inline", "request-inline-text", "reconcile-sweep", "sqs-batch", "pipes-requests", "sns-s3-notification", "destination-success"} {
		b, err := os.ReadFile("../../events/" + name + ".json")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		triggers, ignored, err := Parse(payload, bucket)
		if json.Valid(payload) == errors.Is(err, ErrNotJSON) {
			t.Fatalf("valid JSON: %v, error: %v", json.Valid(payload), err)
		}
		if err != nil && !errors.Is(err, ErrNotJSON) && !errors.Is(err, ErrUnknown) {
			t.Fatalf("an error of no kind: %v", err)
		}
		if err == nil && len(triggers) == 0 && ignored == "" {
			t.Fatal("a payload vanished without a word")
		}
		Messages(payload)
	})
}
