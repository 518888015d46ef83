package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// batch invokes the handler with an SQS batch and returns the ids that it
// hands back.
func (w *world) batch(bodies ...[]byte) string {
	w.Helper()
	out, err := w.invoke(batch(bodies...))
	if err != nil {
		w.Fatal(err)
	}
	var answer struct {
		BatchItemFailures []struct{ ItemIdentifier string }
	}
	if err := json.Unmarshal(out, &answer); err != nil {
		w.Fatalf("%v: %s", err, out)
	}
	var ids []string
	for _, f := range answer.BatchItemFailures {
		ids = append(ids, f.ItemIdentifier)
	}
	return strings.Join(ids, " ")
}

func jsonAnswer(body string) (*http.Response, error) {
	return &http.Response{
		StatusCode: 200, Header: http.Header{"Content-Type": {"application/x-amz-json-1.1"}},
		Body: io.NopCloser(bytes.NewReader([]byte(body))), ContentLength: int64(len(body)),
	}, nil
}

func policyAnswer(text string) (*http.Response, error) {
	return jsonAnswer(string(toJSON(m{"Policy": text, "PolicyName": "default"})))
}

// Row 41.
func TestOnePoisonRecordNeverSpoilsTheOthers(t *testing.T) {
	play(t, nil, func(w *world) {
		w.upload(policy("new"))
		w.cloud.S3.Put(policyBkt, "policies/"+otherID+".json", []byte(typo), nil)
		failed := w.batch(
			uploaded(objectName, ""),
			[]byte("not JSON"),
			uploaded("policies/"+otherID+".json", ""),
			[]byte(`[1,2]`),
			[]byte(`{"Event": "s3:TestEvent"}`),
		)
		if failed != "m1" {
			t.Errorf("handed back: %q; want only what nobody can read", failed)
		}
		if got := sayAll(w.events()); got != "Applied, Rejected INVALID_POLICY" && got != "Rejected INVALID_POLICY, Applied" {
			t.Errorf("events: %s", got)
		}
		if a := w.events()[0].Detail.Metadata.Attempt; a != 2 {
			t.Errorf("attempt %d; want SQS's receive count", a)
		}
	})
}

func TestSeveralRecordsForOneKeyConvergeOnce(t *testing.T) {
	play(t, nil, func(w *world) {
		w.upload(policy("new"))
		failed := w.batch(uploaded(objectName, ""), uploaded(objectName, ""), notified(objectName),
			look(objectName, "sweep"), requested("r1", time.Now(), m{"object": objectName}), requested("r2", time.Now(), m{"object": objectName}))
		if failed != "" || w.puts() != 1 {
			t.Errorf("handed back %q, %d puts", failed, w.puts())
		}
		if got := sayAll(w.events()); got != "Applied, Applied, Applied" {
			t.Errorf("%s; want one event for the uploads and one for each request", got)
		}
	})
}

func TestKeysOfABatchAreProvenSideBySide(t *testing.T) {
	play(t, map[string]string{"PUTS_PER_SECOND": "1000"}, func(w *world) {
		w.upload(policy("new"))
		w.cloud.S3.Put(policyBkt, "policies/"+otherID+".json", []byte(policy("new")), nil)
		start := time.Now()
		if failed := w.batch(uploaded(objectName, ""), uploaded("policies/"+otherID+".json", "")); failed != "" {
			t.Errorf("handed back %q", failed)
		}
		if took := time.Since(start); took > 6*time.Second || w.puts() != 2 {
			t.Errorf("%d keys took %s; one takes 4 s", w.puts(), took)
		}
	})
}

func TestPutsKeepToThisInstancesShareOfTheQuota(t *testing.T) {
	play(t, map[string]string{"PUTS_PER_SECOND": "0.1"}, func(w *world) {
		w.upload(policy("new"))
		w.cloud.S3.Put(policyBkt, "policies/"+otherID+".json", []byte(policy("new")), nil)
		if failed := w.batch(uploaded(objectName, ""), uploaded("policies/"+otherID+".json", "")); failed != "" {
			t.Errorf("handed back %q", failed)
		}
		puts := w.cloud.KMS.Puts()
		if len(puts) != 2 || puts[1].Time.Sub(puts[0].Time) < 9*time.Second {
			t.Errorf("puts: %+v", puts)
		}
	})
}

func TestWhatIsHandedBackComesBackLater(t *testing.T) {
	play(t, nil, func(w *world) {
		w.upload(policy("new"))
		var asked []string
		w.intercept = func(action string, send func() (*http.Response, error)) (*http.Response, error) {
			switch action {
			case "GetKeyPolicy":
				return answerError(400, "ExpiredTokenException", "")
			case "ChangeMessageVisibility":
				asked = append(asked, action)
			}
			return send()
		}
		if failed := w.batch(uploaded(objectName, "")); failed != "m0" || len(asked) != 1 || len(w.events()) != 0 {
			t.Errorf("handed back %q, %v, %s", failed, asked, sayAll(w.events()))
		}
	})
}

func TestPausedHandsEverythingBack(t *testing.T) {
	play(t, map[string]string{"MODE": "paused"}, func(w *world) {
		w.upload(policy("new"))
		if failed := w.batch(uploaded(objectName, ""), []byte(`{}`)); failed != "m0 m1" {
			t.Errorf("handed back %q", failed)
		}
		if _, err := w.invoke(uploaded(objectName, "")); err == nil || !strings.Contains(err.Error(), "paused") {
			t.Errorf("directly: %v", err)
		}
		if w.puts() != 0 || len(w.events()) != 0 {
			t.Errorf("%d puts, %s", w.puts(), sayAll(w.events()))
		}
	})
}

func TestEveryOutcomeIsCountedAsAMetric(t *testing.T) {
	play(t, nil, func(w *world) {
		w.upload(policy("new"))
		w.single(uploaded(objectName, ""))
		var names []string
		for line := range strings.Lines(w.emf.String()) {
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
