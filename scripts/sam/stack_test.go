// Package sam_test holds template.yaml against what the function needs and
// what it must never be able to do.
package sam_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/samtemplate"
)

func TestAMessageIsNotHandedOutAgainWhileItIsWorkedOn(t *testing.T) {
	stack := load(t, nil)
	f := stack.Functions[0]
	q, ok := stack.QueueByARN(f.Sources[0].QueueARN)
	if !ok || q.Visibility < 6*f.Timeout {
		t.Errorf("the queue hides a message for %s, want six times %s", q.Visibility, f.Timeout)
	}
	if q.MaxReceiveCount < 5 || q.DeadLetterARN == "" {
		t.Errorf("the queue gives a message up after %d receives, to %q", q.MaxReceiveCount, q.DeadLetterARN)
	}
}

func TestAllInstancesTogetherStayBelowTheQuotaOfPutKeyPolicy(t *testing.T) {
	stack := load(t, nil)
	instances := stack.Functions[0].Sources[0].MaximumConcurrency
	rate, err := strconv.ParseFloat(stack.Functions[0].Environment["PUTS_PER_SECOND"], 64)
	if err != nil || instances == 0 || float64(instances)*rate >= 15 {
		t.Errorf("%v instances × %v a second reach the quota of 15", instances, rate)
	}
}

func TestAPausedStackLeavesItsQueueAlone(t *testing.T) {
	for mode, reads := range map[string]bool{"apply": true, "plan": true, "paused": false} {
		if got := load(t, map[string]string{"Mode": mode}).Functions[0].Sources[0].Enabled; got != reads {
			t.Errorf("Mode=%s: the function reads its queue: %t, want %t", mode, got, reads)
		}
	}
}

// A target without permission on its queue, or without a dead-letter queue
// that may be written to, loses events without a trace.
func TestEveryRuleMaySendToItsQueueAndToItsDeadLetterQueue(t *testing.T) {
	stack := load(t, nil)
	for _, r := range stack.Rules {
		if len(r.Targets) == 0 {
			t.Errorf("%s has no target", r.LogicalID)
		}
		for _, target := range r.Targets {
			if strings.Contains(target.ARN, ":log-group:") {
				continue // a result that no log keeps is still on the bus
			}
			for _, arn := range []string{target.ARN, target.DeadLetterARN} {
				if !maySend(stack, r.ARN, arn) {
					t.Errorf("%s may not send to %q", r.LogicalID, arn)
				}
			}
		}
	}
}

// maySend looks through the queue policies as they are after resolution.
func maySend(stack *samtemplate.Stack, rule, queue string) bool {
	for _, res := range stack.Others {
		if res.Type != "AWS::SQS::QueuePolicy" {
			continue
		}
		for _, s := range statements(res) {
			if s["Effect"] == "Allow" && s["Action"] == "sqs:SendMessage" && s["Resource"] == queue &&
				strings.Contains(fmt.Sprint(s["Principal"]), "events.amazonaws.com") &&
				strings.Contains(fmt.Sprint(s["Condition"]), rule) {
				return true
			}
		}
	}
	return false
}

func statements(res samtemplate.Resource) []map[string]any {
	var list []map[string]any
	document, _ := res.Properties["PolicyDocument"].(map[string]any)
	all, _ := document["Statement"].([]any)
	for _, s := range all {
		if statement, ok := s.(map[string]any); ok {
			list = append(list, statement)
		}
	}
	return list
}

// shared/settings reads the environment; each name that it reads stands there
// in quotes.
func TestTheTemplateSetsExactlyWhatTheFunctionReads(t *testing.T) {
	quoted := regexp.MustCompile(`"([A-Z]{2,}(?:_[A-Z]+)+|MODE)"`)
	read := map[string]bool{}
	for _, file := range []string{"settings.go", "reader.go", "guardrails.go"} {
		text, err := os.ReadFile(filepath.Join("../../shared/settings", file))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range quoted.FindAllStringSubmatch(string(text), -1) {
			read[m[1]] = true
		}
	}
	// Refused where it is set: this version has no use for them.
	for _, name := range []string{"DRIFT_MODE", "TARGET_ACCOUNTS", "TARGET_ROLE_NAME", "TARGET_EXTERNAL_ID"} {
		delete(read, name)
	}
	set := maps.Clone(load(t, nil).Functions[0].Environment)
	if got, want := slices.Sorted(maps.Keys(set)), slices.Sorted(maps.Keys(read)); !slices.Equal(got, want) {
		t.Errorf("the template sets\n%v, the function reads\n%v", got, want)
	}
}
