package metrics_test

import (
	"github.com/keysmith/keysmith/shared/functest"

	"encoding/json"
	"strings"
	"testing"
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
		if e := w.Single(functest.Uploaded(functest.ObjectName, "")); functest.Say(e) != "Failed UNVERIFIED" {
			t.Errorf("%s", functest.Say(e))
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
