package sam_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/samtemplate"
)

// A person who is woken by an alarm must find what to do: each has its section in the
// runbooks, and none stands there that does not exist.
func TestEveryAlarmHasARunbook(t *testing.T) {
	text, err := os.ReadFile("../../shared/docs/runbooks.md")
	if err != nil {
		t.Fatal(err)
	}
	sections := map[string]string{} // alarm → heading
	heading := ""
	for line := range strings.Lines(string(text)) {
		if h, ok := strings.CutPrefix(line, "## "); ok {
			heading = strings.TrimSpace(h)
		}
		if heading != "" && strings.HasPrefix(line, "`") {
			for _, name := range regexp.MustCompile("`([A-Za-z]+Alarm)`").FindAllStringSubmatch(line, -1) {
				sections[name[1]] = heading
			}
		}
	}
	quoted := regexp.MustCompile(`runbooks\.md, "([^"]+)"`)
	watch, err := samtemplate.Load("../target/watch.yaml", samtemplate.Options{Parameters: map[string]string{
		"HubBusArn": "arn:aws:events:us-east-1:111122223333:event-bus/keysmith-trail", "HubApplyRoleArn": "arn:aws:iam::111122223333:role/keysmith-ApplyRole-*",
	}})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range append(load(t, map[string]string{"SweepSchedule": "rate(1 hour)", "ChangesPerHour": "100"}).Others, watch.Others...) {
		if r.Type != "AWS::CloudWatch::Alarm" {
			continue
		}
		heading, ok := sections[r.LogicalID]
		delete(sections, r.LogicalID)
		if !ok {
			t.Errorf("%s has no runbook", r.LogicalID)
		}
		description := fmt.Sprint(r.Properties["AlarmDescription"])
		if m := quoted.FindStringSubmatch(description); m != nil && m[1] != heading {
			t.Errorf("%s names the runbook %q, which is %q", r.LogicalID, m[1], heading)
		}
		if len(description) > 1024 { // CloudWatch's limit
			t.Errorf("the description of %s has %d characters", r.LogicalID, len(description))
		}
	}
	for name, heading := range sections {
		t.Errorf("%q is about %s, which does not exist", heading, name)
	}
}

// An alarm on what a sweep measures would stay silent if no sweep ran, so that
// one must not take silence for good news.
func TestTheAlarmOnMissingSweepsCountsSilence(t *testing.T) {
	for schedule, seconds := range map[string]string{
		"rate(5 minutes)": "300", "rate(15 minutes)": "900", "rate(30 minutes)": "1800", "rate(1 hour)": "3600",
		"rate(3 hours)": "10800", "rate(6 hours)": "21600", "rate(12 hours)": "43200", "rate(1 day)": "86400",
	} {
		found := false
		for _, r := range load(t, map[string]string{"SweepSchedule": schedule}).Others {
			switch r.LogicalID {
			case "SweepMissingAlarm":
				found = true
				if fmt.Sprint(r.Properties["Period"]) != seconds || r.Properties["TreatMissingData"] != "breaching" {
					t.Errorf("%s: a period of %v s, missing data are %v", schedule, r.Properties["Period"], r.Properties["TreatMissingData"])
				}
			case "Sweeps":
				if r.Properties["ScheduleExpression"] != schedule {
					t.Errorf("%s: the schedule is %v", schedule, r.Properties["ScheduleExpression"])
				}
			}
		}
		if !found {
			t.Errorf("%s: there is no alarm", schedule)
		}
	}
	if values := declared(t)["SweepSchedule"].AllowedValues; len(values) != 9 {
		t.Errorf("%v may be chosen", values)
	}
	for _, r := range load(t, map[string]string{"Mode": "paused", "SweepSchedule": "rate(1 hour)"}).Others {
		if r.LogicalID == "SweepMissingAlarm" || r.LogicalID == "Sweeps" && r.Properties["State"] != "DISABLED" {
			t.Errorf("%s while paused", r.LogicalID)
		}
	}
}

// By default there is a sweep an hour; without a schedule nothing of it is left.
func TestSweepsStartEveryHourUnlessNoScheduleIsChosen(t *testing.T) {
	for schedule, want := range map[string]int{"": 0, "rate(1 hour)": 3} {
		parameters := map[string]string{"SweepSchedule": schedule}
		if want > 0 {
			parameters = nil
		}
		found := 0
		stack := load(t, parameters)
		for _, r := range stack.Others {
			if r.LogicalID == "SweepMissingAlarm" || r.LogicalID == "Sweeps" {
				found++
			}
		}
		for _, r := range stack.Roles {
			if r.LogicalID == "SweepScheduleRole" {
				found++
			}
		}
		if found != want {
			t.Errorf("SweepSchedule=%q: %d of schedule, role and alarm; want %d", schedule, found, want)
		}
	}
}
