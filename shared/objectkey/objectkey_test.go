package objectkey

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

const (
	id    = "1234abcd-12ab-34cd-56ef-1234567890ab"
	mrkID = "mrk-1234abcd12ab34cd56ef1234567890ab"
)

func TestNamesThatAreAccepted(t *testing.T) {
	for object, want := range map[string]Name{
		"policies/" + id + ".json":                                       {Object: "policies/" + id + ".json", KeyID: id},
		"policies/" + mrkID + ".json":                                    {Object: "policies/" + mrkID + ".json", KeyID: mrkID},
		"plans/" + id + ".json":                                          {Object: "plans/" + id + ".json", KeyID: id, Plan: true},
		"plans/pr-17/policies/" + id + ".json":                           {Object: "plans/pr-17/policies/" + id + ".json", Run: "pr-17", KeyID: id, Plan: true},
		"plans/policies/policies/" + mrkID + ".json":                     {Object: "plans/policies/policies/" + mrkID + ".json", Run: "policies", KeyID: mrkID, Plan: true},
		"plans/" + strings.Repeat("x", 64) + "/policies/" + id + ".json": {Object: "plans/" + strings.Repeat("x", 64) + "/policies/" + id + ".json", Run: strings.Repeat("x", 64), KeyID: id, Plan: true},
		"policies/444455556666/eu-west-1/" + id + ".json":                {Object: "policies/444455556666/eu-west-1/" + id + ".json", KeyID: id, Account: "444455556666", Region: "eu-west-1"},
		"policies/multi-region/" + mrkID + ".json":                       {Object: "policies/multi-region/" + mrkID + ".json", KeyID: mrkID, MultiRegion: true},
		"policies/444455556666/multi-region/" + mrkID + ".json":          {Object: "policies/444455556666/multi-region/" + mrkID + ".json", KeyID: mrkID, Account: "444455556666", MultiRegion: true},
		"plans/444455556666/us-gov-east-1/" + mrkID + ".json":            {Object: "plans/444455556666/us-gov-east-1/" + mrkID + ".json", KeyID: mrkID, Account: "444455556666", Region: "us-gov-east-1", Plan: true},
		"plans/17/policies/multi-region/" + mrkID + ".json":              {Object: "plans/17/policies/multi-region/" + mrkID + ".json", Run: "17", KeyID: mrkID, MultiRegion: true, Plan: true},
		"plans/17/policies/444455556666/eu-west-1/" + id + ".json":       {Object: "plans/17/policies/444455556666/eu-west-1/" + id + ".json", Run: "17", KeyID: id, Account: "444455556666", Region: "eu-west-1", Plan: true},
	} {
		got, err := Parse(object)
		if err != nil || got != want {
			t.Errorf("Parse(%q) = %+v, %v; want %+v", object, got, err, want)
		}
	}
}

func TestEachRefusalNamesThePlaceAndTheRemedy(t *testing.T) {
	for object, want := range map[string]struct {
		column int
		say    string
	}{
		"policies/a b.json":                                              {11, `' ' is not allowed`},
		"policies/a%2Fb.json":                                            {11, `'%' is not allowed`},
		"policies/ä.json":                                                {10, `'ä' is not allowed`},
		"policies/../" + id + ".json":                                    {10, `".." is not allowed`},
		"policies//" + id + ".json":                                      {10, "empty name"},
		"policies/" + id:                                                 {46, "must end in .json"},
		"policies/.json":                                                 {10, "the key id is missing"},
		"policies/" + strings.ToUpper(id) + ".json":                      {10, "lower case"},
		"policies/readme.json":                                           {10, "not a KMS key id"},
		"policies/alias/x.json":                                          {10, "alias"},
		"policies/multi-region/" + id + ".json":                          {23, "not a multi-Region key"},
		"policies/multi-region/readme.json":                              {23, "write policies/multi-region/<key-id>.json"},
		"policies/444455556666/multi-region/" + id + ".json":             {36, "write policies/<key-id>.json, or policies/<account>/<region>/<key-id>.json"},
		"policies/444455556666/europe/" + id + ".json":                   {23, "not the name of a Region"},
		"policies/444455556666/eu-west-1/x.json":                         {33, "write policies/444455556666/<region>/<key-id>.json"},
		"policies/444455556666/" + id + ".json":                          {23, "the Region is missing"},
		"policies/eu-west-1/" + id + ".json":                             {10, "the account is missing"},
		"policies/eu-west-1/444455556666/" + id + ".json":                {10, "the account comes before the Region"},
		"policies/44445555666/eu-west-1/" + id + ".json":                 {10, "12 digits"},
		"plans/17/policies/444455556666/x/" + id + ".json":               {32, "write plans/17/policies/444455556666/<region>/<key-id>.json"},
		"policies/team/" + id + ".json":                                  {10, "without folders"},
		"plans/1/2/3/4.json":                                             {7, "without folders"},
		"plans/policies/" + id + ".json":                                 {7, "without folders"},
		"plans/a.b/policies/" + id + ".json":                             {8, "the name of a run"},
		"plans/a_b/policies/" + id + ".json":                             {8, "the name of a run"},
		"plans/" + strings.Repeat("x", 65) + "/policies/" + id + ".json": {71, "the name of a run"},
		"plans/17/policies/readme.json":                                  {19, "write plans/17/policies/<key-id>.json"},
		"plans/17/policies/team/" + id + ".json":                         {19, "without folders"},
		"policies/17/policies/" + id + ".json":                           {10, "12 digits"},
		"other/" + id + ".json":                                          {1, "not under policies/"},
		"policies/mrk-1234.json":                                         {10, "not a KMS key id"},
		"policies/1234abcd-12ab-34cd-56ef-1234567890a-b.json":            {10, "not a KMS key id"},
		"policies/1234abcd12ab34cd56ef1234567890abcdefabcd.json":         {10, "not a KMS key id"},
		"policies/1234abcd-12ab-34cd-56ef-12345-67890b-c.json":           {10, "not a KMS key id"},
		"policies/1234abcd-12ab-34cd-56ef-1234567890ab.json.json":        {10, "not a KMS key id"},
	} {
		_, err := Parse(object)
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("Parse(%q) = %v; want an *Error", object, err)
			continue
		}
		if e.Column != want.column || !strings.Contains(e.Message, want.say) {
			t.Errorf("Parse(%q): column %d, %q; want column %d and %q", object, e.Column, e.Message, want.column, want.say)
		}
	}
}

func TestWhatIsAcceptedReadsTheSameDecodedAndNamesItsKeyAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		object := rapid.OneOf(
			rapid.StringMatching(`(policies|plans)/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\.json`),
			rapid.StringMatching(`(policies|plans)/([0-9]{12}/)?(multi-region|[a-z]{2}-[a-z]{2,5}-[1-9])/mrk-[0-9a-f]{32}\.json`),
			rapid.StringMatching(`(policies|plans)/[a-zA-Z0-9/_.=%+ -]{0,50}\.json`),
			rapid.StringMatching(`plans/[a-zA-Z0-9_.-]{0,70}/policies/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\.json`),
		).Draw(t, "object")
		name, err := Parse(object)
		if err != nil {
			return
		}
		if decoded, err := url.QueryUnescape(object); err != nil || decoded != object {
			t.Fatalf("%q decodes to %q, %v", object, decoded, err)
		}
		if !name.Plan && spelled(name) != object {
			t.Fatalf("%q and %q both name %s", object, spelled(name), name.KeyID)
		}
	})
}

// spelled is the only name of the key, or the set, that a name stands for.
func spelled(n Name) string {
	switch {
	case n.MultiRegion:
		return ForSet(n.Account, n.KeyID)
	case n.Account != "":
		return ForKey(n.Account, n.Region, n.KeyID)
	}
	return For(n.KeyID)
}

func FuzzParse(f *testing.F) {
	f.Add("policies/444455556666/eu-west-1/" + id + ".json")
	f.Add("plans/1/policies/444455556666/multi-region/" + mrkID + ".json")
	f.Add("policies/" + id + ".json")
	f.Add("policies/\xff%2e%2e/\u202e.json")
	f.Fuzz(func(t *testing.T, object string) {
		name, err := Parse(object)
		if err == nil && !IsKeyID(name.KeyID) {
			t.Fatalf("%q was accepted with the key id %q", object, name.KeyID)
		}
		if err == nil && !name.Plan && spelled(name) != object {
			t.Fatalf("%q and %q both name %s", object, spelled(name), name.KeyID)
		}
		var e *Error
		if err != nil && (!errors.As(err, &e) || e.Column < 1) {
			t.Fatalf("%q: %v has no place", object, err)
		}
	})
}

func TestHistoryNamesSortByTimeAndStayInTheGrammar(t *testing.T) {
	at := time.Date(2026, 11, 21, 9, 8, 7, 6e6, time.FixedZone("", 3600))
	sum := strings.Repeat("ab", 32)
	got := History("111122223333", "eu-west-1", id, at, sum)
	if want := "history/111122223333/eu-west-1/" + id + "/20261121T080807.006Z-" + sum + ".json"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if later := History("111122223333", "eu-west-1", id, at.Add(time.Millisecond), sum); later <= got {
		t.Errorf("%s sorts before %s", later, got)
	}
	if err := characters(got); err != nil {
		t.Error(err)
	}
}

func TestARNsAreReadPartByPart(t *testing.T) {
	for s, want := range map[string]ARN{
		"arn:aws:kms:us-east-1:111122223333:key/" + id:         {"aws", "us-east-1", "111122223333", id},
		"arn:aws-cn:kms:cn-north-1:111122223333:alias/mine":    {"aws-cn", "cn-north-1", "111122223333", "alias/mine"},
		"arn:aws:kms:us-east-1:11112222333:key/" + id:          {},
		"arn:aws:s3:us-east-1:111122223333:key/" + id:          {},
		"arn:aws:kms:us-east-1:111122223333:key/":              {},
		"arn:aws:kms:us-east-1:111122223333:custom-key-store/": {},
		id: {},
	} {
		got, ok := ParseARN(s)
		if ok != (want != ARN{}) || ok && got != want {
			t.Errorf("ParseARN(%q) = %+v, %v; want %+v", s, got, ok, want)
		}
	}
}
