package catalog_test

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
)

func TestAServicePrincipalIsTakenApart(t *testing.T) {
	for text, want := range map[string]catalog.ServiceName{
		"sns.amazonaws.com":                            {Base: "sns", Domain: "amazonaws.com", Known: catalog.Yes},
		"sns.eu-west-1.amazonaws.com":                  {Base: "sns", Region: "eu-west-1", Domain: "amazonaws.com", Known: catalog.Yes},
		"logs.cn-north-1.amazonaws.com.cn":             {Base: "logs", Region: "cn-north-1", Domain: "amazonaws.com.cn", Known: catalog.Yes},
		"logs.eusc-de-east-1.amazonaws.eu":             {Base: "logs", Region: "eusc-de-east-1", Domain: "amazonaws.eu", Known: catalog.Yes},
		"logs.us-iso-east-1.c2s.ic.gov":                {Base: "logs", Region: "us-iso-east-1", Domain: "c2s.ic.gov", Known: catalog.Yes},
		"delivery.logs.amazonaws.com":                  {Base: "delivery.logs", Domain: "amazonaws.com", Known: catalog.Yes},
		"dnssec-route53.amazonaws.com":                 {Base: "dnssec-route53", Domain: "amazonaws.com", Known: catalog.Yes},
		"GuardDuty.me-south-1.amazonaws.com":           {Base: "guardduty", Region: "me-south-1", Domain: "amazonaws.com", Known: catalog.Yes},
		"eu-west-1.elasticache-snapshot.amazonaws.com": {Base: "elasticache-snapshot", Region: "eu-west-1", Domain: "amazonaws.com", Known: catalog.Yes},
		"logs.mars-north-1.amazonaws.com":              {Base: "logs", Region: "mars-north-1", Domain: "amazonaws.com", Known: catalog.Yes},
		"cloudtrial.amazonaws.com":                     {Base: "cloudtrial", Domain: "amazonaws.com", Known: catalog.No, Near: "cloudtrail"},
		"delivery.log.amazonaws.com":                   {Base: "delivery.log", Domain: "amazonaws.com", Known: catalog.No, Near: "delivery.logs"},
		"verifiedpermissions.amazonaws.com":            {Base: "verifiedpermissions", Domain: "amazonaws.com"},
		"newthing.sagemaker.amazonaws.com":             {Base: "newthing.sagemaker", Domain: "amazonaws.com"},
		"a-service-that-nobody-knows.amazonaws.com":    {Base: "a-service-that-nobody-knows", Domain: "amazonaws.com"},
		"sns": {Base: "sns", Known: catalog.Yes},
		"":    {},
	} {
		if got := catalog.Service(text); got != want {
			t.Errorf("%q: %+v, want %+v", text, got, want)
		}
	}
}

func TestEveryPrincipalIsKnownInEveryRegionalForm(t *testing.T) {
	for _, p := range catalog.Principals() {
		for _, text := range []string{p.Base + ".amazonaws.com", p.Base + ".ap-east-2.amazonaws.com", p.Base + ".us-isof-south-1.csp.hci.ic.gov"} {
			if n := catalog.Service(text); n.Known != catalog.Yes || n.Base != p.Base {
				t.Errorf("%s: %+v", text, n)
			}
		}
		if !strings.HasPrefix(p.Source, "https://docs.aws.amazon.com/") {
			t.Errorf("%s has the source %q", p.Base, p.Source)
		}
	}
	if n := len(catalog.Principals()); n < 300 {
		t.Errorf("there are %d principals", n)
	}
}

func TestNoServiceThatExistsIsCalledASlip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(catalog.AWSServices()).Draw(t, "service")
		if got := catalog.Service(name + ".amazonaws.com"); got.Known == catalog.No {
			t.Fatalf("%s is called a slip of %s", name, got.Near)
		}
		if known, near := catalog.ViaService(name); known == catalog.No {
			t.Fatalf("%s in kms:ViaService is called a slip of %s", name, near)
		}
	})
	if !slices.IsSorted(catalog.AWSServices()) || len(slices.Compact(catalog.AWSServices())) != len(catalog.AWSServices()) {
		t.Error("the names of services are not sorted, or one stands twice")
	}
}

func TestViaServiceTellsNamesThatAreNotListedFromSlips(t *testing.T) {
	for name, want := range map[string]struct {
		known catalog.Answer
		near  string
	}{
		"s3": {catalog.Yes, ""}, "xray": {catalog.Yes, ""},
		"sso": {}, "identitystore": {}, "logs": {}, "q": {}, "qbusiness": {}, "aps": {}, "datazone": {}, "verifiedpermissions": {},
		"voiceid": {}, "acm": {}, "lightsail": {}, "dsql": {},
		"secretmanager": {catalog.No, "secretsmanager"}, "dynamdb": {catalog.No, "dynamodb"}, "somethingelsealtogether": {}, "": {},
	} {
		if known, near := catalog.ViaService(name); known != want.known || near != want.near {
			t.Errorf("%q: %v, %q", name, known, near)
		}
	}
}

func TestEveryUseHasASourceAndMakesSense(t *testing.T) {
	seen := map[[2]string]bool{}
	for _, u := range catalog.Uses() {
		id := [2]string{u.Service, u.Name}
		if seen[id] || u.Name == "" || u.Actions == 0 || u.Actions.Len() > 20 {
			t.Errorf("%v stands twice, or lacks a name or actions", id)
		}
		seen[id] = true
		if !strings.HasPrefix(u.Source, "https://docs.aws.amazon.com/") || !strings.Contains(u.Source, ".html") {
			t.Errorf("%v has the source %q", id, u.Source)
		}
		if (u.ArnHasAccount != catalog.Unknown) != (u.SourceArn == catalog.Yes) {
			t.Errorf("%v: whether the ARN has an account is told exactly where there is one", id)
		}
		if (u.ContextHasAccount != catalog.Unknown) != (u.Context != "") {
			t.Errorf("%v: whether the context has an account is told exactly where there is one", id)
		}
		if u.Printed == catalog.Unsupported && len(u.Guards()) != 0 {
			t.Errorf("%v has no guard and yet %v", id, u.Guards())
		}
		if u.Printed == catalog.Guarded && len(u.Guards()) == 0 {
			t.Errorf("%v is printed with a guard, and the row has none", id)
		}
		if got := catalog.Service(u.Service + ".amazonaws.com"); got.Known != catalog.Yes || got.Base != u.Service {
			t.Errorf("%v: the principal is taken apart into %+v", id, got)
		}
		for _, key := range u.Guards() {
			if catalog.LookupKey(key) == nil {
				t.Errorf("%v: no condition key %s", id, key)
			}
		}
		if again, answer := catalog.UsesOf(u.Service, u.Actions); answer != catalog.Yes || !slices.ContainsFunc(again, func(v catalog.Use) bool { return v == u }) {
			t.Errorf("%v is not found by its own actions", id)
		}
	}
}

func TestAContextThatNamesTheAccountComesBeforeASourceThatDoesNot(t *testing.T) {
	u := catalog.Use{SourceArn: catalog.Yes, ArnHasAccount: catalog.No, Context: "a", ContextHasAccount: catalog.Yes}
	if got := u.Guards(); !slices.Equal(got, []string{"kms:EncryptionContext:a", "aws:SourceArn"}) {
		t.Errorf("guards %v", got)
	}
	u.ContextHasAccount, u.ArnHasAccount = catalog.No, catalog.Yes
	if got := u.Guards(); !slices.Equal(got, []string{"aws:SourceArn", "kms:EncryptionContext:a"}) {
		t.Errorf("guards %v", got)
	}
}

func TestAStatementIsToldApartByItsActions(t *testing.T) {
	dataKeys, _ := catalog.Match("kms:GenerateDataKey*")
	for _, c := range []struct {
		service string
		allowed catalog.Set
		answer  catalog.Answer
		names   []string
	}{
		{"cloudtrail", catalog.GenerateDataKey | catalog.Decrypt, catalog.Yes, []string{"log files of trails", "event data stores of CloudTrail Lake"}},
		{"cloudtrail", dataKeys, catalog.Yes, []string{"log files of trails"}},
		{"cloudtrail", catalog.All, catalog.No, nil},
		{"delivery.logs", catalog.Decrypt, catalog.Yes, []string{"logs of AWS services in an encrypted bucket", "logs of encrypted Step Functions state machines"}},
		{"lambda", catalog.Decrypt, catalog.Unknown, nil},
	} {
		var names []string
		uses, answer := catalog.UsesOf(c.service, c.allowed)
		for _, u := range uses {
			names = append(names, u.Name)
		}
		if answer != c.answer || !slices.Equal(names, c.names) {
			t.Errorf("%s with %v: %v, %v", c.service, c.allowed.Names(), answer, names)
		}
	}
}

func TestTheGuardThatNamesAnAccountComesFirst(t *testing.T) {
	for _, u := range catalog.Uses() {
		if guards := u.Guards(); u.Service == "s3" && guards[0] != "aws:SourceAccount" || u.Service == "guardduty" && guards[0] != "aws:SourceArn" {
			t.Errorf("%s: %v", u.Name, guards)
		}
	}
}

func TestRegionalFormsHaveASource(t *testing.T) {
	for base, want := range map[string]catalog.Form{"logs": catalog.OnlyForm, "sns": catalog.OptInForm, "states": catalog.EitherForm, "s3": catalog.AnyForm} {
		form, source := catalog.RegionalForm(base)
		if form != want || (source == "") != (want == catalog.AnyForm) {
			t.Errorf("%s: %v from %q", base, form, source)
		}
	}
}

// The list of endpoints that botocore carries is the nearest thing to a list of
// AWS's services that can be had without a network.
func TestTheNamesOfServicesAreThoseOfBotocore(t *testing.T) {
	out, err := exec.Command("python3", "-c", "import botocore.session as s, json; print(json.dumps(sorted({e for p in s.get_session().get_available_partitions() for e in s.get_session().get_component('endpoint_resolver')._endpoint_data['partitions'][0]['services']})))").Output()
	if err != nil {
		t.Skip("python3 with botocore is not installed; the names of services were not compared with its list")
	}
	var names []string
	if err := json.Unmarshal(out, &names); err != nil || len(names) < 200 {
		t.Fatalf("botocore lists %d services, %v", len(names), err)
	}
	for _, name := range names {
		label := name[strings.LastIndexByte(name, '.')+1:]
		if catalog.AWSService(label) != catalog.Yes {
			t.Errorf("the table lacks %s", name)
		}
	}
}
