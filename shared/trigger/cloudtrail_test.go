package trigger

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

const keyARN = "arn:aws:kms:us-east-1:111122223333:key/6f1c7a52-3c0e-4a86-9d7e-0b6a5f2e9c11"

func TestACallThatCloudTrailReportsNamesItsKeyAndItsAuthor(t *testing.T) {
	for name, who := range map[string]struct{ arn, issuer string }{
		"cloudtrail":      {"arn:aws:sts::111122223333:assumed-role/orders/jane", "arn:aws:iam::111122223333:role/orders"},
		"cloudtrail-user": {"arn:aws:iam::111122223333:user/jane", ""},
		"cloudtrail-root": {"arn:aws:iam::111122223333:root", ""},
	} {
		got := one(t, sample(t, name))
		if got.Kind != CloudTrail || got.Object != object || got.Key != keyARN || got.Account != "111122223333" || got.Author == nil {
			t.Fatalf("%s: %+v", name, got)
		}
		want := Author{
			ARN: who.arn, Issuer: who.issuer, SourceIP: "192.0.2.44", UserAgent: "aws-cli/2.22.0 md/awscrt#0.23.4 exec-env/CloudShell",
			EventID: got.Author.EventID, Time: time.Date(2026, 1, 15, 9, 12, 41, 0, time.UTC), Account: "111122223333",
		}
		if *got.Author != want || want.EventID == "" {
			t.Errorf("%s: %+v; want %+v", name, *got.Author, want)
		}
		if !got.Author.Names(who.arn) || got.Author.Names("") || who.issuer != "" && !got.Author.Names(who.issuer) {
			t.Errorf("%s: the author is not recognized", name)
		}
	}
}

// They change the key, but not the policy that the key has.
func TestACallThatLeavesThePolicyHasNoAuthor(t *testing.T) {
	for _, name := range []string{"cloudtrail-replicate", "cloudtrail-primary-region"} {
		if got := one(t, sample(t, name)); got.Kind != CloudTrail || got.Object != object || got.Author != nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestACallThatIsNoHintIsIgnoredWithAReason(t *testing.T) {
	for name, want := range map[string]string{
		"cloudtrail-refused":           "KMS refused (AccessDenied)",
		"cloudtrail-other-call":        `the call "EnableKey", which changes no key policy`,
		"cloudtrail-other-account":     `of account "444455556666", recorded in account "111122223333"`,
		"cloudtrail-other-key-account": "without the ARN of a key of account 111122223333",
		"cloudtrail-wrong-arn":         "without the ARN of a key",
	} {
		triggers, ignored, err := Parse(sample(t, name), bucket)
		if err != nil || len(triggers) > 0 || !strings.Contains(ignored, want) {
			t.Errorf("%s: %d triggers, ignored %q, %v; want ignored with %q", name, len(triggers), ignored, err, want)
		}
	}
	for _, source := range []string{"evil", "aws.s3 ", ""} {
		forged := strings.Replace(string(sample(t, "cloudtrail")), `"aws.kms"`, `"`+source+`"`, 1)
		if triggers, ignored, err := Parse([]byte(forged), bucket); err != nil || len(triggers) > 0 || !strings.Contains(ignored, "not KMS") {
			t.Errorf("source %q: %d triggers, ignored %q, %v", source, len(triggers), ignored, err)
		}
	}
}

// A caller without an ARN is named by what CloudTrail says instead.
func TestACallerWithoutAnARNIsNamedAllTheSame(t *testing.T) {
	event := string(sample(t, "cloudtrail-root"))
	without := strings.Replace(event, `"arn": "arn:aws:iam::111122223333:root",`, ``, 1)
	if got := one(t, []byte(without)); got.Author.ARN != "111122223333" {
		t.Errorf("%+v", got.Author)
	}
	service := strings.Replace(event, `"arn": "arn:aws:iam::111122223333:root",`, `"invokedBy": "cloudformation.amazonaws.com",`, 1)
	if got := one(t, []byte(service)); got.Author.ARN != "cloudformation.amazonaws.com" {
		t.Errorf("%+v", got.Author)
	}
}

// What is sent on to another queue must say there what it said here.
func TestACallIsReadAgainAsItWasWritten(t *testing.T) {
	for _, name := range []string{"cloudtrail", "cloudtrail-user", "cloudtrail-root", "cloudtrail-replicate"} {
		want := one(t, sample(t, name))
		text, err := Write(want, bucket)
		if err != nil {
			t.Fatal(err)
		}
		if got := one(t, text); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v %+v; want %+v %+v", name, got, got.Author, want, want.Author)
		}
	}
}

func TestADeletedHoldAsksForAReconcileOfWhatItHeld(t *testing.T) {
	got := one(t, sample(t, "hold-deleted"))
	if got.Kind != Sweep || got.Object != object {
		t.Errorf("%+v", got)
	}
	direct := `{"Records": [{"eventSource": "aws:s3", "eventName": "ObjectRemoved:DeleteMarkerCreated",
		"s3": {"bucket": {"name": "keysmith-policies"}, "object": {"key": "holds/` + object + `"}}}]}`
	if got := one(t, []byte(direct)); got.Kind != Sweep || got.Object != object {
		t.Errorf("%+v", got)
	}
	for _, other := range []string{"holds/plans/x.json", "policies/x.json", "holds/x"} {
		event := strings.Replace(string(sample(t, "hold-deleted")), "holds/"+object, other, 1)
		if triggers, ignored, err := Parse([]byte(event), bucket); err != nil || len(triggers) > 0 || ignored == "" {
			t.Errorf("%s: %d triggers, ignored %q, %v", other, len(triggers), ignored, err)
		}
	}
}
