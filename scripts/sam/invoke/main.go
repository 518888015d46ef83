// Command invoke hands samples of events/ to "sam local invoke" and
// compares the result with events/expected/: what the function returned,
// what it put on the result bus, and which policies are in force afterwards.
// Every call that the function made must be one that its role in template.yaml
// allows.
//
// With -event it hands over one event and shows the result instead.
//
// The function runs in SAM's container, built from template.yaml by "sam
// build"; the AWS that it talks to is fakeaws, in this process. Every sample
// starts in the same world, that of events/world/.
package main

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"

	"github.com/keysmith/keysmith/shared/privilege"
	"github.com/keysmith/keysmith/shared/samples"
	"github.com/keysmith/keysmith/shared/samtemplate"
)

func main() {
	var s sam
	events := flag.String("events", "events", "folder of the samples")
	only := flag.String("only", "", "run only the samples whose name contains this `text`")
	all := flag.Bool("all", false, "run every sample, and not one of each kind only")
	event := flag.String("event", "", "`file` of one event: show what it leads to, and test no samples")
	flag.StringVar(&s.template, "template", "", "`file` of the built template (default: where sam build writes it)")
	flag.StringVar(&s.program, "sam", "sam", "`path` of the SAM CLI")
	flag.StringVar(&s.address, "address", "172.31.77.1:4566", "`address` at which containers reach this process")
	flag.StringVar(&s.architecture, "architecture", "x86_64", "`architecture` of this machine: x86_64 or arm64")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := error(nil)
	if *event != "" {
		err = one(ctx, s, *events, *event)
	} else {
		err = run(ctx, s, *events, *only, *all || *only != "")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "invoke:", err)
		os.Exit(1)
	}
}

// samAccount is the account of the function ARN that SAM's runtime emulator
// hands to every function. The world moves there, since keysmith takes the
// account of its own ARN for its own where nothing else names it.
const samAccount = "012345678912"

func run(ctx context.Context, s sam, events, only string, all bool) error {
	names, err := chosen(events, only)
	if err != nil {
		return err
	}
	if !all {
		names = ofEachKind(names)
	}
	w, err := samples.LoadWorld(events, samAccount)
	if err != nil {
		return err
	}
	role, err := loadRole(w)
	if err != nil {
		return err
	}
	stage, err := listen(s.address)
	if err != nil {
		return err
	}
	defer stage.close()
	if err := s.prepare(w); err != nil {
		return err
	}
	defer s.cleanUp()

	var failed []string
	for _, name := range names {
		start := time.Now()
		faults, err := try(ctx, s, stage, w, role, events, name)
		if err != nil {
			return fmt.Errorf("sample %s: %w", name, err)
		}
		report(name, time.Since(start), faults)
		if len(faults) > 0 {
			failed = append(failed, name)
		}
	}
	fmt.Printf("%d passed, %d failed\n", len(names)-len(failed), len(failed))
	if len(failed) > 0 {
		return fmt.Errorf("not as expected: %s", strings.Join(failed, ", "))
	}
	return nil
}

// loadRole reads what the function may do where it is deployed into w. Here it
// plans as well, which is another function's work there.
func loadRole(w samples.World) (*privilege.Role, error) {
	apply, err := loadRoleOf(w, "ApplyFunction")
	if err != nil {
		return nil, err
	}
	plan, err := loadRoleOf(w, "PlanFunction")
	if err != nil {
		return nil, err
	}
	return apply.And(plan), nil
}

func loadRoleOf(w samples.World, function string) (*privilege.Role, error) {
	return privilege.Load("template.yaml", function, samtemplate.Options{
		Account: w.Account, Region: w.Region,
		Parameters: map[string]string{
			"PolicyBucketName":  w.Bucket,
			"KeyArns":           "arn:aws:kms:" + w.Region + ":" + w.Account + ":key/*",
			"Mode":              "apply",
			"WriterPrincipals":  "*",
			"RequestPrincipals": "arn:aws:iam::" + w.Account + ":role/pipeline",
		},
	})
}

// try runs one sample in a world of its own and returns all that was not as
// expected.
func try(ctx context.Context, s sam, on *stage, w samples.World, role *privilege.Role, events, name string) ([]string, error) {
	event, err := w.Event(events, name)
	if err != nil {
		return nil, err
	}
	want, err := samples.LoadExpectation(events, name)
	if err != nil {
		return nil, err
	}
	cloud := w.Build()
	on.show(cloud)
	answer, err := s.invoke(ctx, event)
	if err != nil {
		return nil, err
	}
	faults, err := want.Compare(w, cloud, answer)
	return append(faults, role.Refused(cloud.Calls())...), err
}

func chosen(events, only string) ([]string, error) {
	names, err := samples.Names(events)
	if err != nil {
		return nil, err
	}
	names = slices.DeleteFunc(names, func(name string) bool { return !strings.Contains(name, only) })
	if len(names) == 0 {
		return nil, fmt.Errorf("no sample in %s has %q in its name", events, only)
	}
	return names, nil
}

// ofEachKind is one sample of each kind, which is the first word of a name: the
// shortest name has the plain case. All of them run in the tests of the function,
// and sam adds nothing to them but how an event gets into a container.
func ofEachKind(names []string) []string {
	shortest := map[string]string{}
	for _, name := range names {
		kind, _, _ := strings.Cut(name, "-")
		if chosen := shortest[kind]; chosen == "" || len(name) < len(chosen) {
			shortest[kind] = name
		}
	}
	return slices.Sorted(maps.Values(shortest))
}

func report(name string, took time.Duration, faults []string) {
	verdict := "ok  "
	if len(faults) > 0 {
		verdict = "FAIL"
	}
	fmt.Printf("%s %-28s %5.1fs\n", verdict, name, took.Seconds())
	for _, f := range faults {
		fmt.Println("     " + f)
	}
}
