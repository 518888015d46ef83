// Package sam_test holds template.yaml against what the function needs and
// what it must never be able to do.
package sam_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/batch"
	"github.com/keysmith/keysmith/shared/samtemplate"
	"github.com/keysmith/keysmith/shared/settings"
)

func TestAMessageIsNotHandedOutAgainWhileItIsWorkedOn(t *testing.T) {
	stack := load(t, nil)
	read := 0
	for _, f := range stack.Functions {
		for _, source := range f.Sources {
			read++
			q, ok := stack.QueueByARN(source.QueueARN)
			if !ok || q.Visibility < 6*f.Timeout {
				t.Errorf("%s hides a message for %s, want six times %s", q.LogicalID, q.Visibility, f.Timeout)
			}
			if q.MaxReceiveCount < 5 || q.DeadLetterARN == "" || !source.ReportItemFailures {
				t.Errorf("%s gives a message up after %d receives, to %q", q.LogicalID, q.MaxReceiveCount, q.DeadLetterARN)
			}
		}
	}
	if read != 3 {
		t.Errorf("the functions read %d queues", read)
	}
}

// Reconciles have instances of their own, so that no upload waits for one; each
// of these takes its share of the reads.
func TestReconcilesHaveInstancesOfTheirOwn(t *testing.T) {
	stack := load(t, nil)
	f := functionNamed(t, stack, "ApplyFunction")
	q, _ := stack.QueueByARN(f.Sources[1].QueueARN)
	if q.LogicalID != "ReconcileQueue" || f.Sources[1].MaximumConcurrency != batch.SweepInstances || f.Environment["RECONCILE_QUEUE_URL"] != q.URL {
		t.Errorf("%+v of %s", f.Sources[1], q.LogicalID)
	}
	slowest := 2.0 // keys a second, of batch.SweepPace
	if seconds := float64(f.Sources[1].BatchSize) / slowest; seconds > f.Timeout.Seconds()-60 {
		t.Errorf("a full batch can take %.0f s of %s", seconds, f.Timeout)
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

// Each function reads what the template sets for it, and the template sets what
// it reads: but for the variables of
// queues and a pace that are not that function's.
func TestTheTemplateSetsExactlyWhatTheFunctionsRead(t *testing.T) {
	for function, c := range map[string]struct {
		load  func(getenv func(string) string)
		other []string
	}{
		"ApplyFunction": {func(getenv func(string) string) { _, _ = settings.Load(getenv) }, nil},
		"PlanFunction": {func(getenv func(string) string) { _, _ = settings.LoadPlan(getenv) },
			[]string{"APPLY_QUEUE_URL", "RECONCILE_QUEUE_URL", "PUTS_PER_SECOND", "CHANGES_PER_HOUR", "SWEEP_READS_PER_SECOND", "DRIFT_MODE"}},
		"SweepFunction": {func(getenv func(string) string) { _, _ = settings.LoadSweep(getenv) }, []string{"APPLY_QUEUE_URL"}},
	} {
		set := functionNamed(t, load(t, nil), function).Environment
		read := map[string]bool{}
		c.load(func(name string) string { read[name] = true; return "" })
		for name := range read {
			if _, ok := set[name]; !ok && !slices.Contains(c.other, name) {
				t.Errorf("%s reads %s, which the template does not set", function, name)
			}
		}
		for name := range set {
			if !read[name] || slices.Contains(c.other, name) {
				t.Errorf("the template sets %s, which %s does not read", name, function)
			}
		}
	}
}

func functionNamed(t *testing.T, stack *samtemplate.Stack, logicalID string) samtemplate.Function {
	t.Helper()
	for _, f := range stack.Functions {
		if f.LogicalID == logicalID {
			return f
		}
	}
	t.Fatalf("the template has no %s", logicalID)
	return samtemplate.Function{}
}

// What both functions judge by must be the same: a plan promises what an upload
// will do.
func TestThePlanJudgesAsTheApplyFunctionDoes(t *testing.T) {
	stack := load(t, map[string]string{"TrustedAccounts": "444455556666", "RejectAt": "warning", "ProtectedKeys": "6f1c7a52-3c0e-4a86-9d7e-0b6a5f2e9c11"})
	apply, plan := functionNamed(t, stack, "ApplyFunction").Environment, functionNamed(t, stack, "PlanFunction").Environment
	for name, value := range plan {
		if apply[name] != value {
			t.Errorf("%s is %q for the plan and %q for the upload", name, value, apply[name])
		}
	}
}
