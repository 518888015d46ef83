package metrics_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/functest"
	"github.com/keysmith/keysmith/shared/metrics"
	"github.com/keysmith/keysmith/shared/outcome"
)

func TestEveryOutcomeIsCountedAsAMetric(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		w.Upload(functest.Policy("new"))
		w.Single(functest.Uploaded(functest.ObjectName, ""))
		var names []string
		for line := range strings.Lines(w.EMF.String()) {
			var e struct {
				AWS struct {
					CloudWatchMetrics []struct {
						Namespace string
						Metrics   []struct{ Name string }
					}
				} `json:"_aws"`
				Outcome string
			}
			if err := json.Unmarshal([]byte(line), &e); err != nil {
				t.Fatal(err)
			}
			for _, m := range e.AWS.CloudWatchMetrics[0].Metrics {
				names = append(names, e.Outcome+"/"+m.Name)
			}
		}
		got := strings.Join(names, " ")
		for _, want := range []string{"/Puts", "Applied/Outcomes", "Applied/VerifyReads", "Applied/VerifyTime"} {
			if !strings.Contains(got, want) {
				t.Errorf("metrics %s; want %s", got, want)
			}
		}
	})
}

// Row 15 asks for an alarm: the metric that it watches must be one that the
// function writes, with the very dimensions.
func TestTheMetricsThatAlarmsWatchAreWritten(t *testing.T) {
	watchedMetrics := 0
	functest.Play(t, nil, func(w *functest.World) {
		w.Upload(functest.Policy("new"))
		w.Intercept = functest.AfterPut("GetKeyPolicy", functest.Fails(400, "AccessDeniedException", "no"))
		if e := w.Single(functest.Old(functest.Uploaded(functest.ObjectName, ""))); functest.Say(e) != "Failed UNVERIFIED" {
			t.Errorf("%s", functest.Say(e))
		}
		for _, sample := range []string{"heartbeat", "upload-other-bucket"} {
			event, err := os.ReadFile("../../events/" + sample + ".json")
			if err != nil {
				t.Fatal(err)
			}
			if got := w.Outcomes(event); len(got) != 0 {
				t.Errorf("%s: %s", sample, functest.SayAll(got))
			}
		}
		for _, a := range functest.Alarms(t) {
			if a.Namespace != "keysmith" {
				continue
			}
			watchedMetrics++
			if !strings.Contains(w.EMF.String(), `"`+a.MetricName+`":`) || len(a.Dimensions) != 1 ||
				!strings.Contains(w.EMF.String(), `"`+a.Dimensions[0].Name+`":"`+a.Dimensions[0].Value+`"`) ||
				!strings.Contains(w.EMF.String(), `"Dimensions":[["`+a.Dimensions[0].Name+`"]`) {
				t.Errorf("no such metric: %+v in %s", a, w.EMF.String())
			}
		}
	})
	if watchedMetrics == 0 {
		t.Error("no alarm watches a metric of keysmith")
	}
}

// An alarm that counted what keysmith still tries would ring for each new key.
func TestOnlyAFailureThatIsFinalCountsForTheAlarm(t *testing.T) {
	for retryable, want := range map[bool]int{true: 0, false: 1} {
		var out strings.Builder
		e := outcome.Event{Type: outcome.Failed}
		e.Detail.Data.Error = &outcome.Error{Code: outcome.AccessDenied, Retryable: retryable}
		metrics.New(&out, "two").Outcome(e)
		if got := strings.Count(out.String(), `"FinalFailures":1`); got != want || !strings.Contains(out.String(), `"Stack":"two"`) {
			t.Errorf("retryable %v: %s", retryable, out.String())
		}
	}
}
