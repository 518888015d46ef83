package guardrails

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestEachFaultHasItsPlaceAndSaysWhatToWrite(t *testing.T) {
	assertion := func(text string) string { return "-- assertions/a.yaml --\n" + text + "\n" }
	settings := func(text string) string { return "-- settings.yaml --\n" + text + "\n" }
	only := "  only: {who: anyone, actions: kms:Decrypt}"
	for _, c := range []struct{ archive, want string }{
		{assertion("name: x"), `assertions/a.yaml:1:1: the file must be a list of assertions`},
		{assertion("- x"), `a.yaml:1:3: an assertion must have members`},
		{assertion("- only: {who: anyone, actions: kms:Decrypt}"), `a.yaml:1:3: the assertion has no name`},
		{assertion("- name: x\n" + only), `a.yaml:1:3: the assertion has no reason: write why it exists`},
		{assertion("- name: x\n  reason:\n" + only), `a.yaml:2:10: reason has no value`},
		{assertion("- name: 7\n" + only), `a.yaml:1:9: name must be a text, and YAML reads 7 as int: write it in quotes`},
		{assertion("- name: [x]\n" + only), `a.yaml:1:9: name must be one value, and this is a list`},
		{assertion("- name:\n" + only), `a.yaml:1:8: name has no value`},
		{assertion("- name: x\n  resaon: y\n" + only), `a.yaml:2:3: an assertion has no member "resaon": write one of name, reason, keys`},
		{assertion("- name: x\n  name: y\n" + only), `a.yaml:2:3: "name" appears twice`},
		{assertion("- name: x"), `a.yaml:1:3: the assertion has 0 of can, cannot and only: write one of them`},
		{assertion("- name: x\n" + only + "\n  can: {who: anyone, actions: kms:Decrypt}"), `a.yaml:1:3: the assertion has 2 of can, cannot and only`},
		{assertion("- name: x\n  only: anyone"), `a.yaml:2:9: only must have members (who, actions), and this is one value`},
		{assertion("- name: x\n  only: {who: anyone, actions: kms:Decrypt, when: {}}"), `a.yaml:2:45: only has no member "when"`},
		{assertion("- name: x\n  can: {who: {account}, actions: kms:Decrypt}"), `a.yaml:2:14: who: write "{account}" in quotes`},
		{assertion("- name: x\n  can: {actions: kms:Decrypt}"), `a.yaml:2:8: can: who is empty`},
		{assertion("- name: x\n  can: {who: [], actions: kms:Decrypt}"), `a.yaml:2:14: can: who is empty`},
		{assertion("- name: x\n  can:\n    who:\n      - anyone\n      - arn:aws:iam::111122223333:group/x\n    actions: kms:Decrypt"), `a.yaml:5:9: can: "arn:aws:iam::111122223333:group/x" is the ARN of no principal`},
		{assertion("- name: x\n  can: {who: anyone, actions: [kms:Encrypt, kms:Decrpyt]}"), `a.yaml:2:45: can: KMS has no action "kms:Decrpyt": did you mean kms:Decrypt?`},
		{assertion("- name: x\n  can: {who: anyone, actions: kms:Decrypt, when: [x]}"), `a.yaml:2:50: when must have condition keys with their values`},
		{assertion("- name: x\n  can: {who: anyone, actions: kms:Decrypt, when: {mfa: x}}"), `a.yaml:2:51: can: "mfa" is no condition key`},
		{assertion("- name: x\n  can: {who: anyone, actions: kms:Decrypt, when: {kms:ViaService: {a: b}}}"), `a.yaml:2:67: kms:ViaService must be one value`},
		{assertion("- name: x\n  keys: orders.json\n" + only), `a.yaml:2:9: keys: no object has a name like "orders.json"`},
		{assertion("- name: x\n  keys: plans/*\n" + only), `a.yaml:2:9: keys: "plans/*": a plan is judged as the object under policies/`},
		{assertion("- name: x\n  keys: policies/orders.json\n" + only), `a.yaml:2:9: keys: "policies/orders.json" is not the name of an object`},
		{assertion("- name: x\n  keys: 'policies/{a,b}*'\n" + only), `there are only * and ?`},
		{assertion("- name: x\n  keys: []\n" + only), `a.yaml:2:9: keys is empty`},
		{assertion("- name: x\n" + only + "\n- name: x\n" + only), `a.yaml:3:3: line 1 has an assertion with the name "x" already`},
		{assertion("- name: x\n" + only + "\n---\n- name: y\n" + only), `a.yaml:3:1: a second document begins here`},
		{assertion("- name: &n x\n" + only + "\n- name: *n\n" + only), `a.yaml:3:9: name must be one value, and this is an alias`},
		{assertion("- name: x\n only: ["), `a.yaml:1:1: this is not YAML`},
		{assertion("- name: x\n  only: !!binary 'x'"), `a.yaml:2:9`},

		{"-- baselines/b.json --\n{\"Version\": \"2012-10-17\",\n \"Statement\": [{\"Effect\": \"Deny\", \"Principal\": \"*\", \"Action\": \"kms:*\", \"Resource\": \"*\",\n  \"Conditon\": {}}]}\n", `baselines/b.json:3:3: unknown-element: `},
		{"-- baselines/b.json --\n" + deny + deny + "\n", `baselines/b.json:1:`},
		{"-- baselines/b.yaml --\n\n", `baselines/b.yaml: this file is not read: the files of baselines are called NAME.json`},
		{"-- assertions/a.yml --\n\n", `assertions/a.yml: this file is not read: the files of assertions are called NAME.yaml`},
		{"-- baselines/old/b.json --\n" + deny + "\n", `baselines/old: this file is not read`},
		{"-- baseline/b.json --\n" + deny + "\n", `baseline: this folder is not read`},
		{"-- settings.yml --\n\n", `settings.yml: this file is not read: write baselines/NAME.json`},
		{"-- baselines/x.json --\n" + deny + "\n" + assertion("- name: x\n"+only), `a.yaml:1:1: the name "x" is already the name of`},

		{settings("- x"), `settings.yaml:1:1: settings.yaml must have members`},
		{settings("breakglass: []"), `settings.yaml:1:1: settings.yaml has no member "breakglass": write one of examples, exceptions, break-glass`},
		{settings("break-glass: 111122223333"), `settings.yaml:1:14: break-glass must be a list`},
		{settings("trusted-accounts: [111122223333, 1]"), `settings.yaml:1:34: trusted-accounts: want 12 digits`},
		{settings("examples: own"), `settings.yaml:1:11: examples must be a list of names`},
		{settings("examples: [own]") + "-- examples/other/baseline.json --\n" + deny, `settings.yaml:1:12: there is no example "own": the examples are other`},
		{settings("examples: [../baselines]"), `is not the name of an example`},
		{settings("examples: [a, a]") + "-- examples/a/baseline.json --\n" + deny, `settings.yaml:1:15: the example a is switched on twice`},
		{settings("examples: [{name: a, key: x}]"), `settings.yaml:1:22: an example has no member "key"`},
		{settings("examples: [a]") + "-- examples/a/baseline.json --\n{}", `examples/a/baseline.json:1:1: `},
		{settings("examples: [a]") + "-- examples/a/baseline.json --\n" + deny + "\n-- baselines/a.json --\n" + deny, `the name "a" is already the name of`},
		{settings("exceptions: {}"), `settings.yaml:1:13: exceptions must be a list`},
		{settings("exceptions: [{rule: public-access}]"), `settings.yaml:1:14: the exception has no owner`},
		{settings("exceptions: [{rule: x, object: policies/, owner: a, reason: b, until: 2027-06-30}]"), `settings.yaml:1:14: there is no rule, baseline or assertion "x"`},
		{settings("exceptions: [{rule: root-lockout, object: policies/, owner: a, reason: b, until: 2027-06-30}]"), `an exception from root-lockout is not possible, because it is a rule of the class lockout`},
		{settings("exceptions: [{rule: exception-ends, object: policies/, owner: a, reason: b, until: 2027-06-30}]"), `a rule of the class notice`},
		{settings("exceptions: [{rule: public-access, object: policies/, owner: a, reason: b, until: soon}]"), `settings.yaml:1:83: until: "soon" is not a date`},
		{settings("exceptions: [{rule: public-access, object: policies/*.json, owner: a, reason: b, until: 2027-06-30}]"), `wildcards are not allowed here`},
		{settings("exceptions: [{rule: public-access, object: plans/, owner: a, reason: b, until: 2027-06-30}]"), `"plans/" is not a folder of policies`},
		{settings("exceptions: [{rule: public-access, owner: a, reason: b, until: 2027-06-30}]"), `must have either an object`},
		{settings("exceptions: [{rule: public-access, object: policies/, folder: policies/, owner: a, reason: b, until: 2027-06-30}]"), `must have either an object`},
	} {
		dir := folder(t, c.archive)
		if _, err := Load(dir, checks); err == nil || !strings.Contains(strings.ReplaceAll(err.Error(), dir+string(filepath.Separator), ""), c.want) {
			t.Errorf("%s\n%v; want %s", c.archive, err, c.want)
		}
	}
}

func TestAllFaultsOfAFolderAreReportedTogether(t *testing.T) {
	dir := folder(t, `
-- baselines/a.json --
{}
-- baselines/b.json --
[
-- assertions/a.yaml --
- name: x
- 7
-- assertions/b.yaml --
x: y
-- settings.yaml --
exampels: []
break-glass: [x]
-- other.json --
{}
`)
	_, err := Load(dir, checks)
	for _, place := range []string{"a.json:1:1", "b.json:1:", "a.yaml:1:3", "a.yaml:2:3", "b.yaml:1:1", "settings.yaml:1:1", "settings.yaml:2:15", "other.json"} {
		if err == nil || !strings.Contains(err.Error(), place) {
			t.Errorf("%v; want %s in it", err, place)
		}
	}
}

func TestAFolderThatIsMissingIsAFault(t *testing.T) {
	if _, err := Load(filepath.Join(t.TempDir(), "none"), checks); err == nil || !strings.Contains(err.Error(), "none") {
		t.Error(err)
	}
}

func TestFilesWithoutContentRequireNothing(t *testing.T) {
	for _, text := range []string{"", "\n", "# nothing yet\n", "---\n"} {
		s := load(t, "-- assertions/a.yaml --\n"+text+"-- settings.yaml --\n"+text)
		if g := s.For(object, now); len(g.Required) > 0 {
			t.Errorf("%q: %+v", text, g)
		}
	}
}
