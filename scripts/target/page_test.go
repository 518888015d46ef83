package target_test

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/samtemplate"
)

// The commands of shared/docs/many-accounts.md, word for word: what they give the
// templates must be what the templates take, and fit together. `make test-moto` runs
// them with the AWS CLI.
const page = "../../shared/docs/many-accounts.md"

var fenced = regexp.MustCompile("(?ms)^```\n(.*?)^```$")

// A command is its words, as a shell passes them.
type command []string

// commands are those of the page with a word among theirs.
func commands(t *testing.T, word string) (list []command) {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range fenced.FindAllStringSubmatch(string(text), -1) {
		// Functions in place of the programs write down what they are given.
		said := exec.CommandContext(t.Context(), "sh", "-euc", `say() { printf '%s\001' "$@"; printf '\002'; }
			aws() { say aws "$@"; }; make() { say make "$@"; }; keysmith() { say keysmith "$@"; }
			`+block[1])
		said.Env = []string{"PATH="}
		out, err := said.Output()
		if err != nil {
			t.Fatalf("%s: %v", block[1], err)
		}
		for one := range strings.SplitSeq(strings.TrimSuffix(string(out), "\002"), "\002") {
			words := strings.Split(strings.TrimSuffix(one, "\001"), "\001")
			if slices.Contains(words, word) {
				list = append(list, words)
			}
		}
	}
	return list
}

// after are the words that follow an option, up to the next one.
func (c command) after(option string) []string {
	from := slices.Index(c, option) + 1
	if from == 0 {
		return nil
	}
	to := slices.IndexFunc(c[from:], func(w string) bool { return strings.HasPrefix(w, "--") })
	if to < 0 {
		return c[from:]
	}
	return c[from : from+to]
}

// parameters are those of a command that makes a stack set.
func (c command) parameters(t *testing.T) map[string]string {
	t.Helper()
	given := map[string]string{}
	for _, word := range c.after("--parameters") {
		name, value, ok := strings.Cut(strings.TrimPrefix(word, "ParameterKey="), ",ParameterValue=")
		if !ok || !strings.HasPrefix(word, "ParameterKey=") || strings.Contains(value, ",") != strings.HasPrefix(value, `"`) {
			t.Fatalf("%s: a value with commas needs quotation marks, or the AWS CLI splits it", word)
		}
		given[name] = strings.Trim(value, `"`)
	}
	return given
}

// deployed are the parameters of `make deploy`.
func deployed(t *testing.T) map[string]string {
	t.Helper()
	list := commands(t, "deploy")
	if len(list) != 1 || len(list[0]) != 3 {
		t.Fatalf("the page deploys the hub with %q", list)
	}
	given := map[string]string{}
	for pair := range strings.FieldsSeq(strings.TrimPrefix(list[0][2], "PARAMETERS=")) {
		name, value, _ := strings.Cut(pair, "=")
		given[name] = value
	}
	return given
}

func TestTheCommandsOfThePageFitTheTemplatesAndEachOther(t *testing.T) {
	sets, instances := commands(t, "create-stack-set"), commands(t, "create-stack-instances")
	if len(sets) != 2 || len(instances) != 2 {
		t.Fatalf("the page makes %d stack sets and instances of %d", len(sets), len(instances))
	}
	// samtemplate refuses what CloudFormation would: unknown parameters, those that are
	// missing, and values that do not match the allowed pattern.
	l := deploy(t, deployed(t), sets[0].parameters(t))
	watch := l.load("watch.yaml", samtemplate.Options{Account: member, Region: "eu-west-1", StackName: "keysmith-watch", Parameters: sets[1].parameters(t)})

	apply := "arn:aws:iam::" + hubAccount + ":role/" + deployed(t)["RoleName"]
	id := deployed(t)["TargetExternalId"]
	for role, callers := range map[string]map[string]bool{
		putRole(member):  {apply: true, l.own("PlanRole") + suffix: false, l.own("SweepRole") + suffix: false},
		readRole(member): {apply: true, l.own("PlanRole") + suffix: true, l.own("SweepRole") + suffix: true},
	} {
		for caller, want := range callers {
			l.cloud.KMS.SetIAM(caller, true)
			if code := l.assumes(caller, role, id); (code == "") != want {
				t.Errorf("%s assumes %s: %q", caller, role, code)
			}
		}
	}
	if bus := watch.Rules[0].Targets[0].ARN; !strings.HasSuffix(l.hub.Outputs["TrailBusArn"], ":event-bus/keysmith-trail") || !strings.HasSuffix(bus, ":"+hubAccount+":event-bus/keysmith-trail") {
		t.Errorf("the watch sends to %s, and the hub's bus is %s", bus, l.hub.Outputs["TrailBusArn"])
	}
}

func TestTheCommandsOfThePageReachTheTargetsThatTheHubNames(t *testing.T) {
	hub, sets := deployed(t), commands(t, "create-stack-set")
	for i, c := range commands(t, "create-stack-instances") {
		name, set := c.after("--stack-set-name"), sets[i]
		if !slices.Equal(name, set.after("--stack-set-name")) {
			t.Errorf("instances of %s follow the stack set %s", name, set.after("--stack-set-name"))
		}
		if targets := c.after("--deployment-targets"); len(targets) != 1 || !strings.Contains(targets[0], ",Accounts="+hub["TargetAccounts"]+",") {
			t.Errorf("%s: the hub's targets are %s, and instances are made in %s", name, hub["TargetAccounts"], targets)
		}
		want := strings.Split(hub["TargetRegions"], ",")
		if name[0] == "keysmith-target" {
			want = want[:1] // roles are global
		}
		if got := c.after("--regions"); !slices.Equal(got, want) {
			t.Errorf("%s: Regions %s, want %s", name, got, want)
		}
		file := strings.TrimPrefix(set.after("--template-body")[0], "file://scripts/target/")
		if text, err := os.ReadFile(file); err != nil || len(text) > 51_200 {
			t.Errorf("%s: %d bytes, and a command takes 51,200 at most: %v", file, len(text), err)
		}
	}
}
