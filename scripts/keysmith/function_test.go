package main

import (
	"encoding/json"
	"fmt"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/objectkey"
	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/status"
	"github.com/keysmith/keysmith/shared/status/statustest"
)

const policyBucket = "keysmith-policies"

// A function stands for the deployed one: it answers each upload with a status
// object, which follows the published schema.
type function struct {
	cloud *fakeaws.Cloud

	mu       sync.Mutex
	answers  [][2]string // pattern of the object's name, and what becomes of it
	retrying map[string]string
}

// answer says what becomes of uploads: answer '*1111*' Rejected. Without a rule they
// are Applied. "retried" is a Failed that keysmith tries again and that is Applied
// when its status is read next; "never" is an upload without an answer.
func answer(ts *testscript.TestScript, _ bool, args []string) {
	f := ts.Value(functionKey{}).(*function)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answers = append([][2]string{{args[0], args[1]}}, f.answers...)
}

type functionKey struct{}

// drift reports that what is in force was changed: drift object repair [author].
func drift(ts *testscript.TestScript, _ bool, args []string) {
	cloud := cloudOf(ts)
	o, _ := cloud.S3.Get(policyBucket, objectkey.Status(args[0]))
	var s status.Status
	ts.Check(json.Unmarshal(o.Body, &s))
	since := time.Date(2026, 11, 27, 10, 30, 0, 0, time.UTC)
	s.Drift = &outcome.Drift{Since: since, Repair: outcome.Repair(args[1])}
	if len(args) > 2 {
		s.Drift.Author = &outcome.Author{ARN: args[2], SourceIP: "192.0.2.7", EventID: "3038e9a1", Time: since, ReportedBy: "111122223333"}
	}
	text, err := json.Marshal(s)
	ts.Check(err)
	ts.Check(statustest.Check(text))
	cloud.S3.Put(policyBucket, objectkey.Status(args[0]), text, nil)
}

// members reports how each key of a multi-Region set is: members object eu-west-1=Applied us-east-1=Failed.
func members(ts *testscript.TestScript, _ bool, args []string) {
	cloud := cloudOf(ts)
	o, _ := cloud.S3.Get(policyBucket, objectkey.Status(args[0]))
	var s status.Status
	ts.Check(json.Unmarshal(o.Body, &s))
	id := strings.TrimSuffix(path.Base(args[0]), ".json")
	for _, arg := range args[1:] {
		region, word, _ := strings.Cut(arg, "=")
		r := outcome.Replica{Region: region, ARN: "arn:aws:kms:" + region + ":111122223333:key/" + id, Outcome: word}
		if word == "Failed" {
			r.Error = &outcome.Error{Code: outcome.Throttled, Message: "KMS is not reached in this Region", Retryable: true}
		}
		s.Replicas = append(s.Replicas, r)
	}
	text, err := json.Marshal(s)
	ts.Check(err)
	ts.Check(statustest.Check(text))
	cloud.S3.Put(policyBucket, objectkey.Status(args[0]), text, nil)
}

// remove deletes an object of the bucket: delete policies/….json.
func remove(ts *testscript.TestScript, _ bool, args []string) {
	cloudOf(ts).S3.Delete(policyBucket, args[0])
}

func (f *function) after(call fakeaws.Call) {
	object, ours := strings.CutPrefix(call.Resource, "arn:aws:s3:::"+policyBucket+"/")
	if call.Service != "s3" || !ours || call.Error != "" {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	reported, isStatus := strings.CutPrefix(object, "status/")
	switch {
	case call.Action == "PutObject" && objectkey.Ours(object):
		f.report(object, f.outcome(object))
	case call.Action == "GetObject" && isStatus && f.retrying[reported] != "":
		f.report(reported, "Applied")
		delete(f.retrying, reported)
	}
}

func (f *function) outcome(object string) string {
	for _, a := range f.answers {
		if ok, _ := path.Match(a[0], strings.ReplaceAll(object, "/", ":")); ok {
			return a[1]
		}
	}
	if strings.HasPrefix(object, objectkey.Plans) {
		return "Planned"
	}
	return "Applied"
}

// report writes the status of the newest version.
func (f *function) report(object, what string) {
	o, found := f.cloud.S3.Get(policyBucket, object)
	if !found || what == "never" {
		return
	}
	old, _ := f.cloud.S3.Get(policyBucket, objectkey.Status(object))
	var before status.Status
	_ = json.Unmarshal(old.Body, &before)
	id := strings.TrimSuffix(path.Base(object), ".json")
	p, _ := keypolicy.Parse(o.Body)
	now := time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)
	s := status.Status{
		Schema: status.Schema, Object: object, VersionID: o.VersionID, ETag: strings.Trim(o.ETag, `"`), Outcome: status.Outcome(what), Time: now,
		Key:         &outcome.Key{ARN: "arn:aws:kms:eu-west-1:111122223333:key/" + id, ID: id, Account: "111122223333", Region: "eu-west-1"},
		Policy:      &outcome.Policy{SHA256: strings.Repeat("a", 64), CanonicalSHA256: p.Canonical("aws").Text, Bytes: len(o.Body)},
		LastApplied: before.LastApplied,
	}
	switch what {
	case "Applied":
		s.Verification = &outcome.Verification{Reads: 3, ElapsedMS: 900}
		s.LastApplied = &status.LastApplied{VersionID: o.VersionID, CanonicalSHA256: s.Policy.CanonicalSHA256, Time: now}
	case "Rejected":
		s.Error = &outcome.Error{Code: outcome.Guardrail, Message: "line 3, column 58: it opens the key to everybody"}
	case "Failed":
		s.Error = &outcome.Error{Code: outcome.NotFound, Message: "there is no such key in this account and Region"}
	case "retried", "retrying":
		s.Outcome, s.Error = status.Failed, &outcome.Error{Code: outcome.AccessDenied, Message: "kms:PutKeyPolicy is denied", Retryable: true}
		if what == "retried" {
			f.retrying[object] = what
		}
	}
	text, err := json.Marshal(s)
	if err == nil {
		err = statustest.Check(text)
	}
	if err != nil {
		panic(fmt.Sprintf("the status of %s: %v", object, err))
	}
	f.cloud.S3.Put(policyBucket, objectkey.Status(object), text, nil)
}
