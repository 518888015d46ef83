package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/keysmith/keysmith/scripts/internal/terminal"
	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/samples"
)

// The events of the bus are shown with the line of the object that was judged;
// other events on it are none of keysmith's.
func TestTheResultOfOneEventIsShown(t *testing.T) {
	w, err := samples.LoadWorld("../../../events", samAccount)
	if err != nil {
		t.Fatal(err)
	}
	cloud := w.Build()
	const object = "policies/6f1c7a52-3c0e-4a86-9d7e-0b6a5f2e9c11.json"
	version := cloud.S3.Put(w.Bucket, object, []byte("{\n  \"Actoin\": 1\n}"), nil)
	var d outcome.Detail
	d.Data = outcome.Data{
		Trigger: "upload", Object: &outcome.Object{Bucket: w.Bucket, Key: object, VersionID: version},
		Error:    &outcome.Error{Code: outcome.InvalidPolicy},
		Findings: []keypolicy.Finding{{Rule: "some-rule", Severity: keypolicy.Error, Line: 2, Column: 3, Message: "What is wrong."}},
	}
	detail, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	cloud.Events.Publish("default", fakeaws.Entry{Source: outcome.Source, DetailType: string(outcome.Rejected), Detail: detail})
	var out bytes.Buffer
	if err := show(terminal.NewPlain(&out, 80), cloud, 0, []byte(`{"ignored":0}`)); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{object + "\n  ✘ Rejected (INVALID_POLICY): nothing was changed", `2 |   "Actoin": 1`, "The function returned\n{\n  \"ignored\": 0\n}"} {
		if !strings.Contains(out.String(), text) {
			t.Errorf("%q is not shown:\n%s", text, out.String())
		}
	}
	if strings.Contains(out.String(), "Object Created") {
		t.Errorf("an event of S3 is shown:\n%s", out.String())
	}
}
