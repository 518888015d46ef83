package metrics_test

import (
	"encoding/json"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/keysmith/keysmith/shared/functest"

	"github.com/keysmith/keysmith/shared/metrics"
	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/settings"
	"github.com/keysmith/keysmith/shared/sweep"
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
		sweepOnce(w)
		for _, d := range []outcome.Drift{ // what leads to them is tested beside the protocol
			{Repair: outcome.RepairContested, Since: time.Now()}, {Repair: outcome.RepairHeld, Since: time.Now().Add(-25 * time.Hour)},
		} {
			metrics.New(&w.EMF, "keysmith").Outcome(outcome.Event{Type: outcome.DriftDetected, Detail: outcome.Detail{
				Metadata: outcome.Metadata{Time: time.Now()}, Data: outcome.Data{Drift: &d},
			}})
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
// sweepOnce lets the function that sweeps write its metrics beside the others, and
// count a sweep that takes too long.
func sweepOnce(w *functest.World) {
	w.Helper()
	m := metrics.New(&w.EMF, "keysmith")
	sdk := aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String("http://aws.test"), HTTPClient: w.Client,
		Credentials: credentials.NewStaticCredentialsProvider("AKIDSWEEP", "secret", ""),
	}
	w.Cloud.SetCredentials("AKIDSWEEP", functest.Customer)
	w.Cloud.S3.Put(functest.Bucket, "status/"+functest.ObjectName, []byte(`{"schema": "keysmith.status/1", "object": "`+functest.ObjectName+`", "outcome": "Applied", "time": "2026-01-02T03:04:05Z"}`), nil)
	s := settings.Sweep{Bucket: functest.Bucket, QueueURL: "http://aws.test/" + functest.Account + "/reconcile", ReadsPerSecond: 50}
	if _, err := sweep.New(s, sdk, slog.New(slog.DiscardHandler), m).Invoke(w.Context(), []byte(`{"keysmith": "sweep"}`)); err != nil {
		w.Fatal(err)
	}
	m.SweepOverdue()
}

func TestADriftAndAKeyThatMayNotBeReadCountAtOnce(t *testing.T) {
	var out strings.Builder
	m := metrics.New(&out, "one")
	m.Outcome(outcome.Event{Type: outcome.DriftDetected})
	blind := outcome.Event{Type: outcome.Failed}
	blind.Detail.Data.Error = &outcome.Error{Code: outcome.AccessDenied}
	m.Outcome(blind)
	for _, name := range []string{`"DriftOpen":1`, `"Unreadable":1`} {
		if strings.Count(out.String(), name) != 1 {
			t.Errorf("%s is not there once: %s", name, out.String())
		}
	}
}

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
