package fakeaws_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"pgregory.net/rapid"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/fakeaws/internal/authz"
	"github.com/keysmith/keysmith/shared/fakeaws/internal/jsontree"
)

// roles are the callers whom random policies name and who are then judged.
func roles() []string {
	return []string{admin, "arn:aws:iam::" + account + ":role/a", "arn:aws:iam::" + account + ":role/b"}
}

func randomStatement(t *rapid.T, label string) map[string]any {
	names := append(roles(), "*", account, "arn:aws:iam::"+account+":root", "444455556666")
	s := map[string]any{
		"Effect": rapid.SampledFrom([]string{"Allow", "Allow", "Deny"}).Draw(t, label+" effect"),
		rapid.SampledFrom([]string{"Principal", "Principal", "NotPrincipal"}).Draw(t, label+" element"): map[string]any{
			"AWS": rapid.SliceOfN(rapid.SampledFrom(names), 1, 4).Draw(t, label+" principals"),
		},
		rapid.SampledFrom([]string{"Action", "Action", "NotAction"}).Draw(t, label+" action element"): rapid.SliceOfN(
			rapid.SampledFrom([]string{"kms:*", "kms:Put*", "kms:GetKeyPolicy", "kms:Decrypt"}), 1, 3).Draw(t, label+" actions"),
		"Resource": "*",
	}
	if rapid.Bool().Draw(t, label+" conditional") {
		s["Condition"] = map[string]any{"Bool": map[string]any{"aws:SecureTransport": rapid.Bool().Draw(t, label+" tls")}}
	}
	return s
}

func TestRewritingChangesNoPermission(t *testing.T) {
	c := bubble(fakeaws.Options{Seed: 1})
	for _, role := range roles() {
		c.cloud.KMS.AddPrincipal(role)
	}
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		id := fmt.Sprintf("00000000-0000-4000-8000-%012d", n)
		c.cloud.KMS.CreateKey(fakeaws.KeySpec{ID: id})
		var statements []any
		for i := range rapid.IntRange(1, 4).Draw(t, "statements") {
			statements = append(statements, randomStatement(t, fmt.Sprint(i)))
		}
		sent, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": statements})
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.kms.PutKeyPolicy(ctx, &kms.PutKeyPolicyInput{
			KeyId: aws.String(id), Policy: aws.String(string(sent)), BypassPolicyLockoutSafetyCheck: true,
		})
		if err != nil {
			t.Fatal(err)
		}
		served := c.cloud.KMS.Policy(id)
		for _, caller := range append(roles(), "arn:aws:iam::"+account+":root") {
			for _, action := range []string{"kms:PutKeyPolicy", "kms:GetKeyPolicy", "kms:Decrypt", "kms:Encrypt"} {
				before, after := judge(t, string(sent), caller, action), judge(t, served, caller, action)
				if before != after {
					t.Fatalf("%s for %s: sent %v, served %v\n%s\n%s", action, caller, before, after, sent, served)
				}
			}
		}
	})
}

func judge(t *rapid.T, policy, caller, action string) authz.Verdict {
	tree, err := jsontree.Parse(policy)
	if err != nil {
		t.Fatal(err)
	}
	return authz.Judge(tree, authz.Request{
		Caller: caller, Account: account, Action: action, Resource: "arn:aws:kms:us-east-1:" + account + ":key/x",
		Context: map[string][]string{"aws:securetransport": {"true"}},
	})
}

func TestNoMessageIsEverLost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := time.Unix(1_700_000_000, 0)
		cloud := fakeaws.New(fakeaws.Options{Now: func() time.Time { return now }})
		dead := cloud.SQS.CreateQueue("dead", nil)
		cloud.SQS.CreateQueue("work", map[string]string{
			"VisibilityTimeout": "5", "RedrivePolicy": `{"deadLetterTargetArn":"` + dead + `","maxReceiveCount":"2"}`,
		})
		sent, deleted := 0, 0
		var held []fakeaws.Message
		t.Repeat(map[string]func(*rapid.T){
			"send": func(t *rapid.T) {
				sent++
				cloud.SQS.SendAfter("work", "m", time.Duration(rapid.IntRange(0, 9).Draw(t, "delay"))*time.Second)
			},
			"receive": func(t *rapid.T) {
				held = append(held, cloud.SQS.Receive("work", rapid.IntRange(1, 10).Draw(t, "limit"))...)
			},
			"delete": func(t *rapid.T) {
				if len(held) == 0 {
					return
				}
				before := cloud.SQS.Depth("work")
				cloud.SQS.Delete("work", rapid.SampledFrom(held).Draw(t, "message").Receipt)
				deleted += before - cloud.SQS.Depth("work")
			},
			"wait": func(t *rapid.T) { now = now.Add(time.Duration(rapid.IntRange(1, 9).Draw(t, "seconds")) * time.Second) },
			"": func(t *rapid.T) {
				if left := cloud.SQS.Depth("work") + cloud.SQS.Depth("dead"); left+deleted != sent {
					t.Fatalf("%d sent, %d deleted, %d left", sent, deleted, left)
				}
			},
		})
	})
}
