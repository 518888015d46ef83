package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/keypolicy"
)

const fire = "arn:aws:iam::" + account + ":role/fire"

// statements makes a policy of the root's statement and some more.
func statements(more ...string) string {
	root := `{"Sid": "root", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::` + account + `:root"}, "Action": "kms:*", "Resource": "*"}`
	return `{"Version": "2012-10-17", "Id": "more", "Statement": [` + strings.Join(append([]string{root}, more...), ", ") + `]}`
}

func allow(rest string) string { return `{"Sid": "more", "Effect": "Allow", ` + rest + `}` }

func TestDocumentsThatMustNeverBePut(t *testing.T) {
	toFire := `"Principal": {"AWS": "` + fire + `"}, `
	toAlice := `"Principal": {"AWS": "arn:aws:iam::` + account + `:role/alice"}, `
	glass := map[string]string{"BREAK_GLASS_PRINCIPALS": fire}
	for name, c := range map[string]struct {
		env  map[string]string
		body string
		want string
	}{
		"row 22: break-glass, and a Deny for everybody": {glass, statements(
			allow(toFire+`"Action": "kms:*", "Resource": "*"`),
			`{"Sid": "deny", "Effect": "Deny", "Principal": "*", "Action": "kms:PutKeyPolicy", "Resource": "*"}`), "Rejected LOCKOUT"},
		"row 22: break-glass, and a Deny with a wildcard": {glass, statements(
			allow(toFire+`"Action": "kms:*", "Resource": "*"`),
			`{"Sid": "deny", "Effect": "Deny", "Principal": {"AWS": "`+fire+`"}, "Action": "kms:Put*", "Resource": "*"}`), "Rejected LOCKOUT"},
		"row 23: break-glass under a condition": {glass, statements(
			allow(toFire + `"Action": "kms:*", "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}`)), "Rejected LOCKOUT"},
		"row 24: everybody but one":           {nil, statements(allow(`"NotPrincipal": {"AWS": "arn:aws:iam::` + account + `:role/alice"}, "Action": "kms:Decrypt", "Resource": "*"`)), "Rejected"},
		"row 24: everything but one":          {nil, statements(allow(toAlice + `"NotAction": "kms:Decrypt", "Resource": "*"`)), "Rejected"},
		"row 24: everybody, in a list":        {nil, statements(allow(`"Principal": {"AWS": ["*"]}, "Action": "kms:Decrypt", "Resource": "*"`)), "Rejected GUARDRAIL"},
		"row 26: another key":                 {nil, statements(allow(toAlice + `"Action": "kms:Decrypt", "Resource": "arn:aws:kms:us-east-1:111122223333:key/` + otherID + `"`)), "Rejected"},
		"row 26: another service":             {nil, statements(allow(toAlice + `"Action": "kms:Decrypt", "Resource": "arn:aws:s3:::bucket"`)), "Rejected"},
		"row 26: no Resource":                 {nil, statements(allow(toAlice + `"Action": "kms:Decrypt"`)), "Rejected INVALID_POLICY"},
		"row 26: no Action":                   {nil, statements(allow(toAlice + `"Resource": "*"`)), "Rejected INVALID_POLICY"},
		"row 27: a member twice, deep inside": {nil, statements(allow(toAlice + `"Action": "kms:Decrypt", "Resource": "*", "Condition": {"Bool": {"a:b": "true", "a:b": "false"}}`)), "Rejected INVALID_POLICY"},
		"row 28: invalid UTF-8":               {nil, strings.Replace(policy("x"), "root", "r\xffot", 1), "Rejected INVALID_POLICY"},
		"row 28: a NUL":                       {nil, strings.Replace(policy("x"), "root", "r\x00ot", 1), "Rejected INVALID_POLICY"},
		"row 28: a lone surrogate":            {nil, strings.Replace(policy("x"), "root", `r\ud800ot`, 1), "Rejected INVALID_POLICY"},
		"row 28: a character by its number":   {nil, strings.Replace(policy("x"), "root", `r\u4e2dot`, 1), "Rejected INVALID_POLICY"},
		"row 30: a comment":                   {nil, "// mine\n" + policy("x"), "Rejected INVALID_POLICY"},
		"row 30: a trailing comma":            {nil, strings.Replace(policy("x"), `"Resource": "*"}`, `"Resource": "*",}`, 1), "Rejected INVALID_POLICY"},
		"row 31: objects within objects":      {nil, strings.Repeat(`{"a":`, 6_000), "Rejected INVALID_POLICY"},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, c.env, func(w *world) {
				w.cloud.KMS.AddPrincipal(fire)
				first := w.single(uploaded(objectName, w.upload(c.body)))
				if !strings.HasPrefix(say(first), c.want) || w.puts() != 0 || w.inForce(keyID) != "old" || len(first.Detail.Data.Findings) == 0 {
					t.Fatalf("%s with %+v, %d puts; want %s", say(first), first.Detail.Data.Findings, w.puts(), c.want)
				}
				second := w.single(uploaded(objectName, ""))
				if fmt.Sprint(first.Detail.Data.Findings) != fmt.Sprint(second.Detail.Data.Findings) {
					t.Error("the same document gets another verdict the second time")
				}
			})
		})
	}
}

// Row 17.
func TestTheLargestPolicyPassesAndOneByteMoreDoesNot(t *testing.T) {
	for size, want := range map[int]string{keypolicy.MaxSize: "Applied", keypolicy.MaxSize + 1: "Rejected TOO_LARGE"} {
		play(t, nil, func(w *world) {
			text := policy("new")
			e := w.single(uploaded(objectName, w.upload(text+strings.Repeat(" ", size-len(text)))))
			if say(e) != want {
				t.Errorf("%d bytes: %s; want %s", size, say(e), want)
			}
			for _, c := range w.cloud.Calls() {
				if c.Error == "LimitExceededException" {
					t.Error("KMS had to refuse it")
				}
			}
		})
	}
}

func TestObjectsThatCannotBeReadAsTheyAre(t *testing.T) {
	for name, c := range map[string]struct {
		object fakeaws.Object
		want   string
	}{
		"row 32: archived":   {fakeaws.Object{StorageClass: "GLACIER"}, "Failed UNREADABLE"},
		"row 32: compressed": {fakeaws.Object{ContentEncoding: "br"}, "Rejected INVALID_POLICY"},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, nil, func(w *world) {
				c.object.Key, c.object.Body = objectName, []byte(policy("new"))
				w.cloud.S3.PutObject(policyBkt, c.object)
				if e := w.single(uploaded(objectName, "")); say(e) != c.want || w.puts() != 0 {
					t.Errorf("%s, %d puts; want %s", say(e), w.puts(), c.want)
				}
			})
		})
	}
}

// Row 34.
func TestAMomentWithoutAccessToTheObjectIsNoFailure(t *testing.T) {
	play(t, nil, func(w *world) {
		w.upload(policy("new"))
		w.intercept = first(2, http.MethodGet, fails(http.StatusForbidden, "AccessDenied", "no"))
		if e := w.single(uploaded(objectName, "")); say(e) != "Applied" || w.inForce(keyID) != "new" {
			t.Errorf("%s, %s in force", say(e), w.inForce(keyID))
		}
	})
}

// Row 37.
func TestARequestForAKeyOfAnotherPartitionIsRefused(t *testing.T) {
	play(t, nil, func(w *world) {
		e := w.single(requested("r1", time.Now(), m{"key": "arn:aws-cn:kms:cn-north-1:" + account + ":key/" + keyID, "policy": raw(policy("new"))}))
		if say(e) != "Rejected BAD_OBJECT_KEY" || w.puts() != 0 {
			t.Errorf("%s, %d puts", say(e), w.puts())
		}
	})
}
