package status

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/keysmith/keysmith/scripts/internal/repoconfig"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/cli"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/status/page"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/subject"
	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/outcome"
)

// realPolicy is as long as key policies of applications are: administrators, users,
// grants for AWS services, another account, and a Deny for the rest of the world.
func realPolicy(i int) string {
	team := i % 40
	everybody := ""
	if i%25 == 24 {
		everybody = `,
  {"Sid": "Open", "Effect": "Allow", "Principal": "*", "Action": "kms:Encrypt", "Resource": "*"}`
	}
	list := func(kind string, n int) string {
		var arns []string
		for j := range n {
			arns = append(arns, fmt.Sprintf("%q", fmt.Sprintf("arn:aws:iam::111122223333:role/team-%02d/%s-%d", team, kind, j)))
		}
		return strings.Join(arns, ", ")
	}
	return fmt.Sprintf(`{"Version": "2012-10-17", "Statement": [
  {"Sid": "Root", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*"},
  {"Sid": "Administrators", "Effect": "Allow", "Principal": {"AWS": [%s]},
   "Action": ["kms:Create*", "kms:Describe*", "kms:Enable*", "kms:List*", "kms:Put*", "kms:Update*", "kms:Revoke*", "kms:Disable*", "kms:Get*", "kms:ScheduleKeyDeletion", "kms:CancelKeyDeletion"], "Resource": "*"},
  {"Sid": "Users", "Effect": "Allow", "Principal": {"AWS": [%s]},
   "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"], "Resource": "*"},
  {"Sid": "Grants", "Effect": "Allow", "Principal": {"AWS": [%s]}, "Action": ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"], "Resource": "*",
   "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}}},
  {"Sid": "Reader", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app-%d"}, "Action": "kms:Decrypt", "Resource": "*",
   "Condition": {"StringEquals": {"kms:EncryptionContext:service": "s-%d"}}},
  {"Sid": "Organization", "Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*",
   "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}, "Bool": {"aws:PrincipalIsAWSService": "false"}}}%s
]}`, list("admin", 2), list("user", 6), list("user", 6), i, i, everybody)
}

var made = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)

// bigFleet has so many keys, in every state.
func bigFleet(n int) *Fleet {
	f := &Fleet{Schema: Schema, Bucket: "keysmith-policies", Time: made, Notes: []string{}, Sweep: &Sweep{Ended: made, Complete: true, Failed: []string{}}}
	base := repoconfigSettings().Options().Key
	for i := range n {
		id := fmt.Sprintf("%08x-0000-4000-8000-%012x", i*7919, i)
		k := &Key{Object: "policies/" + id + ".json", State: InSync, Since: made.Add(-time.Duration(i) * time.Minute), LastApplied: made.Add(-24 * time.Hour),
			VersionID: fmt.Sprintf("%032x", i), Commit: "4bbb6f0c", text: []byte(realPolicy(i))}
		if i%20 == 0 {
			k.State = States[(i/20)%len(States)]
			k.Message = "the policy in force is not the one that was last applied"
		}
		if k.State == Drifted {
			k.Author = &outcome.Author{ARN: fmt.Sprintf("arn:aws:sts::111122223333:assumed-role/Admin/person-%d", i)}
		}
		k.facts = subject.Named(base, k.Object)
		k.Key = &outcome.Key{ARN: "arn:aws:kms:eu-west-1:111122223333:key/" + id, ID: id, Account: "111122223333", Region: "eu-west-1"}
		f.Keys = append(f.Keys, k)
	}
	f.settle()
	return f
}

func repoconfigSettings() repoconfig.Settings {
	s, err := repoconfig.Set{"account": {Values: []string{"111122223333"}}, "region": {Values: []string{"eu-west-1"}}, "own-org": {Values: []string{"o-a1b2c3d4e5"}}}.Settings()
	if err != nil {
		panic(err)
	}
	return s
}

func testReporter() *reporter {
	return &reporter{env: cli.Env{Now: made}, settings: repoconfigSettings(), html: "fleet.html"}
}

// Whatever a name, a policy or a message holds, the page has no element and no
// script but its own.
func TestWhatOthersWroteIsDataOfThePage(t *testing.T) {
	hostile := `</script><script>alert(1)</script><img src=x onerror=alert(2)>"'` + "\u2028<!--"
	quoted, err := json.Marshal(hostile)
	if err != nil {
		t.Fatal(err)
	}
	f := bigFleet(3)
	f.Bucket, f.Notes = hostile, []string{hostile}
	k := f.Keys[0]
	k.Object, k.Message, k.Commit, k.VersionID = hostile, hostile, hostile, hostile
	k.Author = &outcome.Author{ARN: hostile}
	k.text = []byte(`{"Version": "2012-10-17", "Statement": {"Sid": ` + string(quoted) + `, "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:Decrypt", "Resource": "*",
		"Condition": {"StringEquals": {"kms:EncryptionContext:a": ` + string(quoted) + `}}}}`)
	text, err := page.Render(testReporter().pageData(f))
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"<script>alert", "<img", "onerror=alert(2)>\""} {
		if strings.Contains(string(text), bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
	if n := strings.Count(string(text), "<script"); n != 2 {
		t.Errorf("the page has %d scripts; want its data and its program", n)
	}
	if n := strings.Count(string(text), "</script"); n != 2 {
		t.Errorf("%d scripts end; want 2", n)
	}
}

func TestThePageSaysOfEachKeyWhoMayDoWhat(t *testing.T) {
	d := testReporter().pageData(bigFleet(1))
	k := d.Keys[0]
	got := map[string]string{}
	for _, h := range d.Holders[k.Holders] {
		for i, action := range d.Actions {
			if h[2]&(1<<i) != 0 {
				got[d.Texts[h[0]]] += " " + strings.TrimPrefix(action, "kms:")
			}
		}
	}
	if want := " CreateGrant PutKeyPolicy ScheduleKeyDeletion DisableKey"; got["arn:aws:iam::111122223333:role/team-00/admin-0"] != want {
		t.Errorf("an administrator may do%s; want%s", got["arn:aws:iam::111122223333:role/team-00/admin-0"], want)
	}
	if want := " Decrypt"; got["arn:aws:iam::111122223333:role/app-0"] != want {
		t.Errorf("the reader may do%s; want%s", got["arn:aws:iam::111122223333:role/app-0"], want)
	}
	p, _ := keypolicy.Parse([]byte(realPolicy(0)))
	if p.Opaque() {
		t.Error("the policy of the test cannot be judged")
	}
}

// sample is the page of most tests. KEYSMITH_PAGE_KEYS=10000 makes it a large one.
var sample = sync.OnceValue(func() *page.Data {
	n, err := strconv.Atoi(cmp.Or(os.Getenv("KEYSMITH_PAGE_KEYS"), "200"))
	if err != nil {
		panic(err)
	}
	return testReporter().pageData(bigFleet(n))
})
