package verdict

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/keysmith/keysmith/scripts/internal/terminal"
	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/outcome"
)

const judged = "{\n  \"Actoin\": 1\n}"

func finding(s keypolicy.Severity, rule string) keypolicy.Finding {
	return keypolicy.Finding{Rule: rule, Severity: s, Message: "What is wrong.", Line: 2, Column: 3, Link: "https://docs.aws.amazon.com/" + rule}
}

func event(t outcome.Type, d outcome.Data) outcome.Event {
	e := outcome.Event{Type: t}
	e.Detail.Data = d
	return e
}

func show(e outcome.Event, about About) string {
	var out bytes.Buffer
	Writer{Screen: terminal.NewPlain(&out, 80), RejectAt: keypolicy.Security, Show: keypolicy.Warning}.Event(e, about)
	return out.String()
}

func TestEachOutcomeSaysWhetherAnythingWasChanged(t *testing.T) {
	key := &outcome.Key{ARN: "arn:aws:kms:us-east-1:111122223333:key/k1", ID: "k1", Account: "111122223333"}
	object := &outcome.Object{Bucket: "b", Key: "policies/k1.json"}
	failure := func(c outcome.Code, retryable bool) *outcome.Error {
		return &outcome.Error{Code: c, Message: "Why.", Retryable: retryable}
	}
	for name, c := range map[string]struct {
		event outcome.Event
		about About
		want  string
	}{
		"applied": {
			event(outcome.Applied, outcome.Data{Trigger: "upload", Changed: true, Verification: &outcome.Verification{Reads: 5, ElapsedMS: 84}}), About{},
			"  ✔ Applied: the new policy is in force, verified by 5 equal reads in 84 ms\n    (trigger: upload)\n",
		},
		"applied with a finding": {
			event(outcome.Applied, outcome.Data{Trigger: "upload", Findings: []keypolicy.Finding{finding(keypolicy.Warning, "some-rule")}}), About{Document: []byte(judged)},
			"  ✔ Applied: unchanged, this policy was in force already\n    The policy is accepted. 1 finding, for you to consider:\n" +
				"    line 2, column 3: warning some-rule\n      What is wrong.\n       2 |   \"Actoin\": 1\n         |   ^\n      https://docs.aws.amazon.com/some-rule\n",
		},
		"rejected for two findings of one place": {
			event(outcome.Rejected, outcome.Data{Error: failure(outcome.InvalidPolicy, false), Findings: []keypolicy.Finding{finding(keypolicy.Info, "i"), finding(keypolicy.Security, "a"), finding(keypolicy.Error, "b")}}),
			About{Document: []byte(judged)},
			"  ✘ Rejected (INVALID_POLICY): nothing was changed\n" +
				"    line 2, column 3: error b\n      What is wrong.\n      https://docs.aws.amazon.com/b\n" +
				"    line 2, column 3: security a\n      What is wrong.\n       2 |   \"Actoin\": 1\n         |   ^\n      https://docs.aws.amazon.com/a\n" +
				"    1 finding below warning not shown (to show: --events, or lint --show info).\n",
		},
		"rejected without a finding": {
			event(outcome.Rejected, outcome.Data{Error: failure(outcome.ProtectedKey, false)}), About{},
			"  ✘ Rejected (PROTECTED_KEY): nothing was changed\n    Why.\n",
		},
		"failed before a put": {
			event(outcome.Failed, outcome.Data{Error: failure(outcome.NotFound, true)}), About{},
			"  ✘ Failed (NOT_FOUND): nothing was changed\n    Why.\n    keysmith tries again by itself.\n",
		},
		"failed after a put": {
			event(outcome.Failed, outcome.Data{Error: failure(outcome.Unverified, false)}), About{Puts: 1},
			"  ✘ Failed (UNVERIFIED): KMS accepted the policy, but keysmith could not verify\n    that it is in force\n    Why.\n",
		},
		"planned": {
			event(outcome.Planned, outcome.Data{Key: key, Changes: []keypolicy.Change{{Kind: "added", Sid: "S", Summary: "Allow"}, {Kind: "removed", Summary: "Deny"}},
				Access: []keypolicy.AccessChange{{Principal: "arn:aws:iam::111122223333:role/r", Gains: []string{"kms:Decrypt"}}, {Principal: "arn:aws:iam::999988887777:role/r", Loses: []string{"kms:Encrypt"}}}}), About{},
			"  ✔ Planned: nothing was changed\n    If it is applied:\n    + statement S added: Allow\n    - removed: Deny\n    role/r gains kms:Decrypt\n    arn:aws:iam::999988887777:role/r loses kms:Encrypt\n",
		},
		"a set of which one key failed": {event(outcome.Failed, outcome.Data{Error: &outcome.Error{Code: outcome.AccessDenied, Message: "Why."},
			Replicas: []outcome.Replica{{Region: "us-east-1", Outcome: "Applied"}, {Region: "eu-west-1", Outcome: "Failed"}}}), About{},
			"  ✘ Failed (ACCESS_DENIED) for the set: us-east-1 Applied, eu-west-1 Failed\n    Why.\n"},
		"planned, and in force already": {event(outcome.Planned, outcome.Data{}), About{}, "  ✔ Planned: nothing was changed. This policy is in force already\n"},
		"drift": {
			event(outcome.DriftDetected, outcome.Data{Key: key, Object: object, Changes: []keypolicy.Change{{Kind: "changed", Sid: "S", Summary: "more"}}}), About{},
			"  ! Drift Detected: KMS serves another policy than the bucket holds\n    In force, compared with the bucket:\n    ~ statement S changed: more\n" +
				"    To restore the policy of the bucket, store it again:\n      object=s3://b/policies/k1.json\n      aws s3 cp $object - | aws s3 cp - $object\n    To keep what is in force, make it the policy of the bucket:\n" +
				"      aws kms get-key-policy --policy-name default --query Policy \\\n        --output text --key-id k1 \\\n        > policy.json\n",
		},
		"drift whose author is known": {event(outcome.DriftDetected, outcome.Data{Key: key, Object: object, Drift: &outcome.Drift{Repair: outcome.RepairPending, Author: &outcome.Author{
			ARN: "arn:aws:iam::111122223333:user/jo", SourceIP: "192.0.2.4", UserAgent: "aws-cli", EventID: "e1", Time: time.Unix(0, 0), ReportedBy: "111122223333"}}}), About{},
			"  ! Drift Detected: KMS serves another policy than the bucket holds\n    Author: arn:aws:iam::111122223333:user/jo from 192.0.2.4 with aws-cli, at\n    1970-01-01T00:00:00Z.\n" +
				"    CloudTrail event e1, reported by account 111122223333.\n    Repair: pending. keysmith puts the policy of the bucket.\n"},
		"drift that waits for its author": {event(outcome.DriftDetected, outcome.Data{Drift: &outcome.Drift{Repair: outcome.RepairPending}}), About{},
			"  ! Drift Detected: KMS serves another policy than the bucket holds\n    Author: not known. CloudTrail has not reported the change.\n" +
				"    Repair: pending. keysmith puts the policy of the bucket when CloudTrail\n    reports the author, or 15 minutes after it first saw the drift.\n"},
		"drift that is held": {event(outcome.DriftDetected, outcome.Data{Drift: &outcome.Drift{Repair: outcome.RepairHeld, Author: &outcome.Author{ARN: "a", EventID: "e1", Time: time.Unix(0, 0), ReportedBy: "b"}}}), About{},
			"  ! Drift Detected: KMS serves another policy than the bucket holds\n    Author: a, at 1970-01-01T00:00:00Z.\n    CloudTrail event e1, reported by account b.\n" +
				"    Repair: held. The change only removes access, a break-glass principal made\n    it, or a hold is in force. keysmith leaves it until the object is uploaded\n    again or the hold ends.\n"},
		"a rollback":                    {event(outcome.Applied, outcome.Data{Changed: true, RollbackOf: "v7"}), About{}, "  ✔ Applied: the new policy is in force\n    The upload is a rollback of v7.\n"},
		"the end of a drift":            {event(outcome.DriftResolved, outcome.Data{}), About{}, "  ✔ Drift Resolved: KMS serves the policy of the bucket again\n"},
		"an outcome of a later version": {event("KMS Key Policy Repaired", outcome.Data{}), About{}, "  ! Repaired\n"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := show(c.event, c.about); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestABadNameIsShownAsTheDocument(t *testing.T) {
	f := finding(keypolicy.Error, "object-key")
	f.Line = 1
	got := show(event(outcome.Rejected, outcome.Data{Object: &outcome.Object{Key: "policies/x y.json"}, Error: &outcome.Error{Code: outcome.BadObjectKey}, Findings: []keypolicy.Finding{f}}), About{Document: []byte(judged)})
	if !strings.Contains(got, "| policies/x y.json\n") {
		t.Errorf("got\n%s", got)
	}
}

func TestManyFindingsAreSummedUpByRule(t *testing.T) {
	var all []keypolicy.Finding
	for range 60 {
		all = append(all, finding(keypolicy.Error, "a"), finding(keypolicy.Warning, "b"))
	}
	got := show(event(outcome.Rejected, outcome.Data{Findings: all, Truncated: map[string]int{"findings": 7}}), About{Document: []byte(judged)})
	if n := strings.Count(got, "What is wrong."); n != 2*mostOfARule {
		t.Errorf("%d findings are shown", n)
	}
	if want := "121 findings more: 57 × a, 57 × b, 7 that the event leaves out."; !strings.Contains(got, want) {
		t.Errorf("got\n%s", got)
	}
}

func TestEveryEventHasASubject(t *testing.T) {
	for want, d := range map[string]outcome.Data{
		"policies/k1.json":          {Trigger: "upload", Object: &outcome.Object{Key: "policies/k1.json"}},
		"request for alias/nowhere": {Trigger: "request", Key: &outcome.Key{Aliases: []string{"alias/nowhere"}}},
		"request for arn:1":         {Trigger: "request", Key: &outcome.Key{ARN: "arn:1"}},
		"request that names no key": {Trigger: "request"},
	} {
		if got := Subject(event(outcome.Failed, d)); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	e := event(outcome.Failed, outcome.Data{Trigger: "request"})
	e.Resources = []string{"arn:2"}
	if got := Subject(e); got != "request for arn:2" {
		t.Errorf("got %q", got)
	}
}

func TestTheCaretHasTheColourOfTheVerdict(t *testing.T) {
	for _, c := range []struct {
		rejectAt, severity keypolicy.Severity
		want               terminal.Style
	}{
		{keypolicy.Security, keypolicy.Error, terminal.Red},
		{keypolicy.Error, keypolicy.Security, terminal.Red},
		{keypolicy.Security, keypolicy.Warning, terminal.Yellow},
		{keypolicy.Warning, keypolicy.Warning, terminal.Red},
		{keypolicy.Security, keypolicy.Info, terminal.Blue},
	} {
		if got := (Writer{RejectAt: c.rejectAt}).style(c.severity); got != c.want {
			t.Errorf("rejecting at %s, %s is %q", c.rejectAt, c.severity, got)
		}
	}
	if bad.Style != terminal.Red {
		t.Error("the mark of a rejection has another colour")
	}
}

func TestARawEventStaysTheSameJSON(t *testing.T) {
	given := `{"a":"x\u001by","b":"` + "\u009b\u202e\U000E0001" + `","c":[1]}`
	var out bytes.Buffer
	Writer{Screen: terminal.NewPlain(&out, 80)}.Raw([]byte(given))
	var want, got map[string]any
	if json.Unmarshal([]byte(given), &want) != nil || json.Unmarshal(out.Bytes(), &got) != nil {
		t.Fatalf("not JSON: %s", out.String())
	}
	if got["a"] != want["a"] || got["b"] != want["b"] || strings.ContainsAny(out.String(), "\u009b\u202e\uFFFD") {
		t.Errorf("got %q", out.String())
	}
}
