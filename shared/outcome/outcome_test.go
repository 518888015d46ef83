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

// bus answers PutEvents from a script: the number of entries that it drops.
type bus struct{ drops []int32 }

func (b *bus) PutEvents(_ context.Context, in *eventbridge.PutEventsInput, _ ...func(*eventbridge.Options)) (*eventbridge.PutEventsOutput, error) {
	n := b.drops[0]
	if len(b.drops) > 1 {
		b.drops = b.drops[1:]
	}
	if n < 0 {
		return nil, &types.InternalException{}
	}
	return &eventbridge.PutEventsOutput{FailedEntryCount: n, Entries: make([]types.PutEventsResultEntry, len(in.Entries))}, nil
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
	} {
		synctest.Test(t, func(t *testing.T) {
			err := outcome.NewBus(&bus{c.drops}, "b").Send(t.Context(), event())
			if (err == nil) != c.ok {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
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
