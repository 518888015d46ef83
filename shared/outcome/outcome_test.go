package outcome_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/outcome/outcometest"
)

func event() outcome.Event {
	return outcome.Event{Source: outcome.Source, Type: outcome.Rejected, Resources: []string{}, Detail: outcome.Detail{
		Metadata: outcome.Metadata{Schema: outcome.Schema, ID: "6f1c7a52-3c0e-4a86-9d7e-0b6a5f2e9c11",
			IdempotencyKey: strings.Repeat("0", 32), Attempt: 1, Time: time.Now(), Version: "test"},
		Data: outcome.Data{Trigger: "upload", Error: &outcome.Error{Code: outcome.InvalidPolicy, Message: "m"}},
	}}
}

func TestTheBusTakesAnEventAsItsSchemaSays(t *testing.T) {
	cloud := fakeaws.New(fakeaws.Options{})
	url, stop := fakeaws.Start(cloud)
	defer stop()
	api := eventbridge.New(eventbridge.Options{Region: "us-east-1", BaseEndpoint: &url,
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""), HTTPClient: http.DefaultClient})
	e := event()
	for i := range 250 { // far more than a bus would take
		e.Detail.Data.Findings = append(e.Detail.Data.Findings, keypolicy.Finding{
			Rule: "some-rule", Severity: keypolicy.Error, Message: fmt.Sprint(i, strings.Repeat("x", 4000)), Line: 1, Column: 1, Path: "$"})
	}
	if err := outcome.NewBus(api, "default").Send(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	entries := cloud.Events.Entries("default")
	if len(entries) != 1 || entries[0].Source != "keysmith" || len(entries[0].Detail) > 200_000 {
		t.Fatalf("%d entries", len(entries))
	}
	if err := outcometest.Check(outcome.Rejected, []byte(entries[0].Detail)); err != nil {
		t.Error(err)
	}
	var got outcome.Detail
	if err := json.Unmarshal([]byte(entries[0].Detail), &got); err != nil {
		t.Fatal(err)
	}
	if n := len(got.Data.Findings); n == 0 || n > 100 || n+got.Data.Truncated["findings"] != 250 {
		t.Errorf("%d findings and %d left out; want 250 in all", n, got.Data.Truncated["findings"])
	}
}

// An event that a bus refuses for its size would never be reported. Whatever
// part is long, and however much longer it gets in JSON, the event fits.
func TestNoTextMakesAnEventTooLargeForABus(t *testing.T) {
	cloud := fakeaws.New(fakeaws.Options{})
	url, stop := fakeaws.Start(cloud)
	defer stop()
	api := eventbridge.New(eventbridge.Options{Region: "us-east-1", BaseEndpoint: &url,
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""), HTTPClient: http.DefaultClient})
	for _, unit := range []string{"x", "\x01", "<", "é", "\u2028", "\xff", `"`, "😀"} {
		long := strings.Repeat(unit, 90_000/len(unit))
		e := event()
		e.Resources = []string{"arn:aws:s3:::" + long, long}
		e.Detail.Metadata.CorrelationID, e.Detail.Metadata.Version, e.Detail.Metadata.TraceID = long, long, "Root=1"
		d := &e.Detail.Data
		d.Key = &outcome.Key{ID: long, Aliases: []string{"alias/" + long}, Account: "111122223333", Region: long}
		d.Object = &outcome.Object{Bucket: long, Key: long, VersionID: long, ETag: long, Commit: long,
			UploadedBy: &outcome.Uploader{Requester: long, SourceIP: long}}
		d.Policy = &outcome.Policy{SHA256: strings.Repeat("0", 64)}
		d.Error.Message = long
		for range 5 {
			d.Findings = append(d.Findings, keypolicy.Finding{Rule: "some-rule", Severity: keypolicy.Error, Message: long, Line: 1, Column: 1, Path: long})
		}
		if err := outcome.NewBus(api, "default").Send(t.Context(), e); err != nil {
			t.Fatalf("%q: %v", unit, err)
		}
		entries := cloud.Events.Entries("default")
		entry := entries[len(entries)-1]
		if err := outcometest.Check(outcome.Rejected, []byte(entry.Detail)); err != nil {
			t.Errorf("%q: %.300v", unit, err)
		}
		if size := len(entry.Detail) + len(strings.Join(entry.Resources, "")); size > 250_000 {
			t.Errorf("%q: %d bytes", unit, size)
		}
		if len(d.Error.Message) != len(long) || len(d.Findings) != 5 {
			t.Error("the caller's event was cut as well")
		}
	}
}

// What the scripted bus answers beside a number of dropped entries: success
// without any entry, and success with an entry that has no id.
const nothing, noID = 100, 101

// bus answers PutEvents from a script: the number of entries that it drops.
type bus struct {
	drops []int32
	taken []string // detail types
}

func (b *bus) PutEvents(_ context.Context, in *eventbridge.PutEventsInput, _ ...func(*eventbridge.Options)) (*eventbridge.PutEventsOutput, error) {
	n := b.drops[0]
	if len(b.drops) > 1 {
		b.drops = b.drops[1:]
	}
	if n < 0 {
		return nil, &types.InternalException{}
	}
	switch n {
	case nothing:
		return &eventbridge.PutEventsOutput{}, nil
	case noID:
		return &eventbridge.PutEventsOutput{Entries: make([]types.PutEventsResultEntry, len(in.Entries))}, nil
	}
	out := &eventbridge.PutEventsOutput{FailedEntryCount: n}
	for i, e := range in.Entries {
		r := types.PutEventsResultEntry{EventId: aws.String("id")}
		if int32(i) < n {
			r = types.PutEventsResultEntry{ErrorCode: aws.String("InternalFailure")}
		} else {
			b.taken = append(b.taken, aws.ToString(e.DetailType))
		}
		out.Entries = append(out.Entries, r)
	}
	return out, nil
}

func TestAnEntryThatWasDroppedIsSentAgain(t *testing.T) {
	for name, c := range map[string]struct {
		drops []int32
		ok    bool
	}{
		"taken at once":          {[]int32{0}, true},
		"dropped twice":          {[]int32{1, 1, 0}, true},
		"refused, then taken":    {[]int32{-1, 0}, true},
		"dropped again and gain": {[]int32{1}, false},
		"200 without an entry":   {[]int32{nothing}, false},
		"200 without an id":      {[]int32{noID}, false},
		"at last with an id":     {[]int32{nothing, noID, 0}, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			err := outcome.NewBus(&bus{drops: c.drops}, "b").Send(t.Context(), event())
			if (err == nil) != c.ok {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
}

// Ten entries a call: where the bus takes some, only the others are sent again.
func TestSeveralEventsShareCallsAndOnlyThoseThatWereDroppedAreSentAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var events []outcome.Event
		for i := range 23 {
			e := event()
			e.Type = outcome.Type(fmt.Sprint(i))
			events = append(events, e)
		}
		b := &bus{drops: []int32{2, 1, 0, 0, 3, 0}}
		for i, err := range outcome.NewBus(b, "b").SendAll(t.Context(), events) {
			if err != nil {
				t.Errorf("event %d: %v", i, err)
			}
		}
		seen := map[string]int{}
		for _, one := range b.taken {
			seen[one]++
		}
		if len(b.taken) != 23 || len(seen) != 23 {
			t.Errorf("%d taken, %d different ones", len(b.taken), len(seen))
		}
	})
}

func TestTheSchemasRefuseWhatTheContractDoesNotSay(t *testing.T) {
	good, err := json.Marshal(event().Detail)
	if err != nil {
		t.Fatal(err)
	}
	var d map[string]map[string]any
	broken := func(change func()) error {
		if err := json.Unmarshal(good, &d); err != nil {
			t.Fatal(err)
		}
		d["data"]["findings"] = []any{}
		change()
		b, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		return outcometest.Check(outcome.Rejected, b)
	}
	if err := broken(func() {}); err != nil {
		t.Fatal(err)
	}
	for what, change := range map[string]func(){
		"an unknown member":            func() { d["data"]["policyText"] = "{}" },
		"a rejection that changed":     func() { d["data"]["changed"] = true },
		"a rejection to be tried anew": func() { d["data"]["error"].(map[string]any)["retryable"] = true },
		"an unknown code":              func() { d["data"]["error"].(map[string]any)["code"] = "OOPS" },
		"no idempotency key":           func() { delete(d["metadata"], "idempotencyKey") },
		"an unknown trigger":           func() { d["data"]["trigger"] = "whim" },
	} {
		if broken(change) == nil {
			t.Errorf("the schema takes %s", what)
		}
	}
	if outcometest.Check("KMS Key Policy Guessed", good) == nil {
		t.Error("an unknown type has a schema")
	}
}
