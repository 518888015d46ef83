package main

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/functest"
	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/status"
)

// The program, ended by SIGKILL at each of its API calls in turn while it repairs
// drift: the key is repaired, and who changed it is reported.
func TestTheBinarySurvivesSIGKILLAtEveryCallOfARepair(t *testing.T) {
	killedAtEachCall(t, 12, 60, (*process).drifted, (*process).checkRepair)
}

// drifted lets somebody change the policy of a key that was applied an hour ago; what
// is delivered is CloudTrail's event.
func (p *process) drifted() {
	p.Helper()
	was, _ := keypolicy.Parse([]byte(functest.Policy("new")))
	then := time.Now().Add(-time.Hour).UTC()
	text, err := json.Marshal(status.Status{
		Schema: status.Schema, Object: functest.ObjectName, VersionID: p.version, Outcome: status.Applied, Time: then,
		LastApplied: &status.LastApplied{VersionID: p.version, CanonicalSHA256: was.Canonical("aws").Text, Time: then},
	})
	if err != nil {
		p.Fatal(err)
	}
	p.cloud.S3.Put(functest.Bucket, "status/"+functest.ObjectName, text, nil)
	p.cloud.KMS.SetPolicy(functest.KeyID, functest.PolicyWith("by hand", `"arn:aws:iam::`+functest.Account+`:role/alice", "arn:aws:iam::`+functest.Account+`:role/mallory"`))
	p.env = []string{"DRIFT_MODE=enforce", "DIRECT_REQUESTS=true"}
	now := time.Now().UTC().Format(time.RFC3339)
	p.body = functest.JSON(functest.M{
		"id": "trail-1", "source": "aws.kms", "detail-type": "AWS API Call via CloudTrail", "account": functest.Account, "time": now,
		"detail": functest.M{
			"eventName": "PutKeyPolicy", "eventTime": now, "eventID": "call-1", "recipientAccountId": functest.Account,
			"userIdentity": functest.M{"arn": mallory},
			"resources":    []functest.M{{"ARN": "arn:aws:kms:us-east-1:" + functest.Account + ":key/" + functest.KeyID}},
		},
	})
}

const mallory = "arn:aws:sts::" + functest.Account + ":assumed-role/orders/mallory"

// checkRepair: in force, and the drift, its author, its repair and its end reported.
func (p *process) checkRepair(when string) {
	p.Helper()
	if got := functest.IDOf(p.cloud.KMS.Policy(functest.KeyID)); got != "new" {
		p.Errorf("%s: %s is in force", when, got)
	}
	told := map[outcome.Type]bool{}
	for _, entry := range p.cloud.Events.Entries("default") {
		e := functest.ReadEvent(p.T, entry.DetailType, entry.Detail)
		d := e.Detail.Data.Drift
		told[e.Type] = told[e.Type] || e.Type == outcome.Applied || d != nil && d.Author != nil && d.Author.ARN == mallory
	}
	for _, one := range []outcome.Type{outcome.DriftDetected, outcome.Applied, outcome.DriftResolved} {
		if !told[one] {
			p.Errorf("%s: no event reports %s", when, one)
		}
	}
	if copies := p.cloud.S3.Keys(functest.Bucket, "history/"); len(copies) == 0 {
		p.Errorf("%s: the history has no copy of what was replaced", when)
	}
}
