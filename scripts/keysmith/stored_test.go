package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/objectkey"
	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/status"
)

// stack deploys a function with these variables: stack name variables.json.
func stack(ts *testscript.TestScript, _ bool, args []string) {
	var variables map[string]string
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[1])), &variables))
	cloud := accountsOf(ts)
	cloud.SetStack(args[0], map[string]fakeaws.StackResource{"ApplyFunction": {Type: "AWS::Lambda::Function", PhysicalID: args[0] + "-apply"}})
	cloud.Lambda.SetEnvironment(args[0]+"-apply", variables)
}

// replaced stores a policy in the history of a key, as keysmith does when it puts
// another one: replaced id time old.json new.json, or with the ARN of the key.
func replaced(ts *testscript.TestScript, _ bool, args []string) {
	at, err := time.Parse(time.RFC3339, args[1])
	ts.Check(err)
	keepHistory(accountsOf(ts), args[0], at, []byte(ts.ReadFile(args[2])), []byte(ts.ReadFile(args[3])))
}

func keepHistory(cloud *fakeaws.Cloud, id string, at time.Time, old, next []byte) {
	digest := sha256.Sum256(old)
	parsed, _ := keypolicy.Parse(next)
	key, ok := objectkey.ParseARN(id)
	object := objectkey.ForKey(key.Account, key.Region, key.KeyID)
	if !ok {
		key, object = objectkey.ARN{Account: "111122223333", Region: "eu-west-1", KeyID: id}, objectkey.For(id)
	}
	cloud.S3.Put("keysmith-policies", objectkey.History(key.Account, key.Region, key.KeyID, at, hex.EncodeToString(digest[:])), old, map[string]string{
		"replaced-by-object": object, "replaced-by-version": "v-" + at.Format(time.RFC3339),
		"replaced-by-canonical-sha256": parsed.Canonical("aws").Text,
	})
}

// verdict makes keysmith answer each upload: verdict Applied|Rejected|Failed|never [delay].
func verdict(ts *testscript.TestScript, _ bool, args []string) {
	cloud := accountsOf(ts)
	if args[0] == "never" {
		cloud.AfterEach(nil)
		return
	}
	cloud.AfterEach(func(c fakeaws.Call) { answerUpload(cloud, c, args[0]) })
}

// answerUpload stores the status of an upload.
func answerUpload(cloud *fakeaws.Cloud, c fakeaws.Call, outcomeWord string) {
	object, uploaded := strings.CutPrefix(c.Resource, "arn:aws:s3:::keysmith-policies/")
	if c.Action == "PutObject" && uploaded && c.Error == "" && strings.HasPrefix(object, objectkey.Policies) {
		o, _ := cloud.S3.Get("keysmith-policies", object)
		s := status.Status{Schema: status.Schema, Object: object, VersionID: o.VersionID, Outcome: status.Outcome(outcomeWord), Time: time.Now()}
		if outcomeWord != "Applied" {
			s.Error = &outcome.Error{Code: "STALE", Message: "somebody was faster"}
		}
		text, _ := json.Marshal(s)
		cloud.S3.Put("keysmith-policies", objectkey.Status(object), text, nil)
	}
}

// object prints the newest version of an object and its metadata: object key.
func object(ts *testscript.TestScript, _ bool, args []string) {
	o, found := accountsOf(ts).S3.Get("keysmith-policies", args[0])
	if !found {
		ts.Fatalf("there is no object %s", args[0])
	}
	metadata, err := json.Marshal(o.Metadata)
	ts.Check(err)
	_, _ = ts.Stdout().Write(append(append(metadata, '\n'), o.Body...))
}

// policy stores an object of the bucket: policy key file.
func policy(ts *testscript.TestScript, _ bool, args []string) {
	accountsOf(ts).S3.Put("keysmith-policies", args[0], []byte(ts.ReadFile(args[1])), nil)
}

// disable deletes a role or user, as IAM does: disable arn.
func disable(ts *testscript.TestScript, _ bool, args []string) {
	accountsOf(ts).KMS.RemovePrincipal(args[0])
}
