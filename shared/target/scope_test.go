package target

import (
	"errors"
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/objectkey"
)

const (
	hub   = "111122223333"
	other = "444455556666"
	id    = "1234abcd-12ab-34cd-56ef-1234567890ab"
	mrkID = "mrk-1234abcd12ab34cd56ef1234567890ab"
)

var own = Place{"aws", hub, "us-east-1"}

func TestEachObjectHasItsPlace(t *testing.T) {
	scope := Scope{Accounts: []string{other}, Regions: []string{"eu-west-1", "us-east-1"}}
	for object, want := range map[string]Place{
		"policies/" + id + ".json":                                    own,
		"policies/" + mrkID + ".json":                                 own,
		"policies/" + hub + "/eu-west-1/" + id + ".json":              {"aws", hub, "eu-west-1"},
		"policies/" + other + "/eu-west-1/" + id + ".json":            {"aws", other, "eu-west-1"},
		"policies/" + other + "/us-east-1/" + id + ".json":            {"aws", other, "us-east-1"},
		"policies/multi-region/" + mrkID + ".json":                    {"aws", hub, ""},
		"policies/" + other + "/multi-region/" + mrkID + ".json":      {"aws", other, ""},
		"plans/7/policies/" + other + "/eu-west-1/" + mrkID + ".json": {"aws", other, "eu-west-1"},
	} {
		name, err := objectkey.Parse(object)
		if err != nil {
			t.Fatal(err)
		}
		got, err := scope.Place(own, name)
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v; want %+v", object, got, err, want)
		}
		again := Name(own, want, name.KeyID)
		if name.MultiRegion {
			again = SetName(own, want, name.KeyID)
		}
		if !name.Plan && again != object {
			t.Errorf("%s is called %s", object, again)
		}
	}
}

func TestWhatIsNoTargetIsRefusedWithTheSettingToChange(t *testing.T) {
	some := Scope{Accounts: []string{other}, Regions: []string{"eu-west-1"}}
	everything := Scope{Accounts: []string{Any}, Org: "o-a1b2c3d4e5", Regions: []string{Any}}
	for _, c := range []struct {
		scope  Scope
		object string
		column int
		say    string
	}{
		{some, "policies/" + hub + "/us-east-1/" + id + ".json", 10, "write policies/" + id + ".json"},
		{some, "plans/7/policies/" + hub + "/us-east-1/" + id + ".json", 18, "write plans/7/policies/" + id + ".json"},
		{some, "policies/" + hub + "/multi-region/" + mrkID + ".json", 10, "write policies/multi-region/" + mrkID + ".json"},
		{some, "policies/777788889999/eu-west-1/" + id + ".json", 10, "the account 777788889999 is not one"},
		{some, "policies/777788889999/multi-region/" + mrkID + ".json", 10, "TARGET_ACCOUNTS"},
		{some, "policies/" + other + "/us-east-1/" + id + ".json", 23, "TARGET_REGIONS"},
		{Scope{}, "policies/" + hub + "/eu-west-1/" + id + ".json", 23, "the Region eu-west-1 is not one"},
		{everything, "policies/" + other + "/cn-north-1/" + id + ".json", 23, "partition aws-cn"},
		{everything, "policies/" + other + "/eu-west-9/" + id + ".json", 23, "does not know the Region eu-west-9"},
	} {
		name, err := objectkey.Parse(c.object)
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.scope.Place(own, name)
		var bad *objectkey.Error
		if !errors.As(err, &bad) || bad.Column != c.column || !strings.Contains(bad.Message, c.say) {
			t.Errorf("%s: %v; want column %d and %q", c.object, err, c.column, c.say)
		}
	}
	name, _ := objectkey.Parse("policies/" + other + "/eu-west-1/" + id + ".json")
	if _, err := everything.Place(Place{Partition: "aws", Region: "us-east-1"}, name); err == nil || !strings.Contains(err.Error(), "WRITER_ROLE_ARN") {
		t.Errorf("without knowing its own account: %v", err)
	}
	if _, err := everything.Place(own, name); err != nil {
		t.Error(err)
	}
}

func TestAPlaceIsATargetAsItsObjectsAre(t *testing.T) {
	scope := Scope{Accounts: []string{other}, Regions: []string{"eu-west-1"}}
	for p, want := range map[Place]bool{
		own: true, {"aws", hub, "eu-west-1"}: true, {"aws", other, "eu-west-1"}: true, {"aws", hub, "us-west-2"}: false,
		{"aws", other, "us-east-1"}: false, {"aws", "777788889999", "eu-west-1"}: false, {"aws-cn", other, "eu-west-1"}: false,
	} {
		if got := scope.Has(own, p); got != want {
			t.Errorf("%+v: %t", p, got)
		}
		name, _ := objectkey.Parse(Name(own, p, id))
		if _, err := scope.Place(own, name); p.Partition == "aws" && (err == nil) != want {
			t.Errorf("%+v: %v", p, err)
		}
	}
}
