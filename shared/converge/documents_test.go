package converge_test

import (
	"github.com/keysmith/keysmith/shared/functest"

	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/keypolicy"
)

const fire = "arn:aws:iam::" + functest.Account + ":role/fire"

// statements makes a policy of the root's statement and some more.
func statements(more ...string) string {
	root := `{"Sid": "root", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::` + functest.Account + `:root"}, "Action": "kms:*", "Resource": "*"}`
	return `{"Version": "2012-10-17", "Id": "more", "Statement": [` + strings.Join(append([]string{root}, more...), ", ") + `]}`
}

func allow(rest string) string { return `{"Sid": "more", "Effect": "Allow", ` + rest + `}` }

func TestDocumentsThatMustNeverBePut(t *testing.T) {
	toFire := `"Principal": {"AWS": "` + fire + `"}, `
	toAlice := `"Principal": {"AWS": "arn:aws:iam::` + functest.Account + `:role/alice"}, `
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
		"row 24: everybody but one":           {nil, statements(allow(`"NotPrincipal": {"AWS": "arn:aws:iam::` + functest.Account + `:role/alice"}, "Action": "kms:Decrypt", "Resource": "*"`)), "Rejected"},
		"row 24: everything but one":          {nil, statements(allow(toAlice + `"NotAction": "kms:Decrypt", "Resource": "*"`)), "Rejected"},
		"row 24: everybody, in a list":        {nil, statements(allow(`"Principal": {"AWS": ["*"]}, "Action": "kms:Decrypt", "Resource": "*"`)), "Rejected GUARDRAIL"},
		"row 26: another key":                 {nil, statements(allow(toAlice + `"Action": "kms:Decrypt", "Resource": "arn:aws:kms:us-east-1:111122223333:key/` + functest.OtherID + `"`)), "Rejected"},
		"row 26: another service":             {nil, statements(allow(toAlice + `"Action": "kms:Decrypt", "Resource": "arn:aws:s3:::bucket"`)), "Rejected"},
		"row 26: no Resource":                 {nil, statements(allow(toAlice + `"Action": "kms:Decrypt"`)), "Rejected INVALID_POLICY"},
		"row 26: no Action":                   {nil, statements(allow(toAlice + `"Resource": "*"`)), "Rejected INVALID_POLICY"},
		"row 27: a member twice, deep inside": {nil, statements(allow(toAlice + `"Action": "kms:Decrypt", "Resource": "*", "Condition": {"Bool": {"a:b": "true", "a:b": "false"}}`)), "Rejected INVALID_POLICY"},
		"row 28: invalid UTF-8":               {nil, strings.Replace(functest.Policy("x"), "root", "r\xffot", 1), "Rejected INVALID_POLICY"},
		"row 28: a NUL":                       {nil, strings.Replace(functest.Policy("x"), "root", "r\x00ot", 1), "Rejected INVALID_POLICY"},
		"row 28: a lone surrogate":            {nil, strings.Replace(functest.Policy("x"), "root", `r\ud800ot`, 1), "Rejected INVALID_POLICY"},
		"row 28: a character by its number":   {nil, strings.Replace(functest.Policy("x"), "root", `r\u4e2dot`, 1), "Rejected INVALID_POLICY"},
		"row 30: a comment":                   {nil, "// mine\n" + functest.Policy("x"), "Rejected INVALID_POLICY"},
		"row 30: a trailing comma":            {nil, strings.Replace(functest.Policy("x"), `"Resource": "*"}`, `"Resource": "*",}`, 1), "Rejected INVALID_POLICY"},
		"row 31: objects within objects":      {nil, strings.Repeat(`{"a":`, 6_000), "Rejected INVALID_POLICY"},
	} {
		t.Run(name, func(t *testing.T) {
			functest.Play(t, c.env, func(w *functest.World) {
				w.Cloud.KMS.AddPrincipal(fire)
				first := w.Single(functest.Uploaded(functest.ObjectName, w.Upload(c.body)))
				if !strings.HasPrefix(functest.Say(first), c.want) || w.Puts() != 0 || w.InForce(functest.KeyID) != "old" || len(first.Detail.Data.Findings) == 0 {
					t.Fatalf("%s with %+v, %d puts; want %s", functest.Say(first), first.Detail.Data.Findings, w.Puts(), c.want)
				}
				second := w.Single(functest.Uploaded(functest.ObjectName, ""))
				if !reflect.DeepEqual(first.Detail.Data.Findings, second.Detail.Data.Findings) {
					t.Error("the same document gets another verdict the second time")
				}
			})
		})
	}
}

// Row 17.
func TestTheLargestPolicyPassesAndOneByteMoreDoesNot(t *testing.T) {
	for size, want := range map[int]string{keypolicy.MaxSize: "Applied", keypolicy.MaxSize + 1: "Rejected TOO_LARGE"} {
		functest.Play(t, nil, func(w *functest.World) {
			text := functest.Policy("new")
			e := w.Single(functest.Uploaded(functest.ObjectName, w.Upload(text+strings.Repeat(" ", size-len(text)))))
			if functest.Say(e) != want {
				t.Errorf("%d bytes: %s; want %s", size, functest.Say(e), want)
			}
			for _, c := range w.Cloud.Calls() {
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
			functest.Play(t, nil, func(w *functest.World) {
				c.object.Key, c.object.Body = functest.ObjectName, []byte(functest.Policy("new"))
				w.Cloud.S3.PutObject(functest.Bucket, c.object)
				if e := w.Single(functest.Uploaded(functest.ObjectName, "")); functest.Say(e) != c.want || w.Puts() != 0 {
					t.Errorf("%s, %d puts; want %s", functest.Say(e), w.Puts(), c.want)
				}
			})
		})
	}
}

// Row 34.
func TestAMomentWithoutAccessToTheObjectIsNoFailure(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		w.Upload(functest.Policy("new"))
		w.Intercept = functest.First(2, http.MethodGet, functest.Fails(http.StatusForbidden, "AccessDenied", "no"))
		if e := w.Single(functest.Uploaded(functest.ObjectName, "")); functest.Say(e) != "Applied" || w.InForce(functest.KeyID) != "new" {
			t.Errorf("%s, %s in force", functest.Say(e), w.InForce(functest.KeyID))
		}
	})
}

// Row 37.
func TestARequestForAKeyOfAnotherPartitionIsRefused(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		e := w.Single(functest.Requested("r1", time.Now(), functest.M{"key": "arn:aws-cn:kms:cn-north-1:" + functest.Account + ":key/" + functest.KeyID, "policy": functest.Raw(functest.Policy("new"))}))
		if functest.Say(e) != "Rejected BAD_OBJECT_KEY" || w.Puts() != 0 {
			t.Errorf("%s, %d puts", functest.Say(e), w.Puts())
		}
	})
}
