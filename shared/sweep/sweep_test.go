package sweep_test

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/effort"
	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/objectkey"
)

func TestEveryObjectGetsOneReconcileAtThePaceThatIsAsked(t *testing.T) {
	for perSecond, keys := range map[string]int{"50": effort.Of(3000, 1000, 1000), "400": 4000, "1": 25} {
		t.Run(perSecond+" a second", func(t *testing.T) {
			play(t, 0, func(w *world) {
				w.env["SWEEP_READS_PER_SECOND"] = perSecond
				w.slow(30 * time.Millisecond)
				w.fleet(keys)
				start := time.Now()
				if a := w.done("r1"); a.Sent != keys || a.After != "" {
					t.Errorf("%+v", a)
				}
				asked := w.asked()
				for i := range keys {
					if asked[object(i)] != 1 {
						t.Fatalf("%s: %d messages", object(i), asked[object(i)])
					}
				}
				var rate float64
				if _, err := fmt.Sscan(perSecond, &rate); err != nil {
					t.Fatal(err)
				}
				first, last := w.sending()
				sending := last.Sub(start).Seconds()
				t.Logf("%d messages in %.2f s: %.2f a second; in all %s", keys, sending, float64(keys)/sending, time.Since(start))
				if got := float64(keys) / sending; math.Abs(got/rate-1) > 0.02 || got > rate*1.001 {
					t.Errorf("%.2f messages a second, from %s to %s", got, first, last)
				}
			})
		})
	}
}

func TestNamesThatCannotBeParsedAreListedAndNotSent(t *testing.T) {
	play(t, 0, func(w *world) {
		w.env["SWEEP_READS_PER_SECOND"] = "1000"
		keys := effort.Of(9901, 9901, 1001)
		w.fleet(keys)
		for i := range 100 {
			w.cloud.S3.Put(bucket, fmt.Sprintf("policies/%03d-%s.json", i, strings.Repeat("x", 5*i)), []byte("{}"), nil)
		}
		for i := range 2 { // a sweep twice a day must not be noise twice a day
			if a := w.done(fmt.Sprint("r", i)); a.Sent != keys {
				t.Errorf("%+v", a)
			}
		}
		if asked := w.asked(); len(asked) != keys {
			t.Errorf("%d objects were asked for", len(asked))
		}
		r := w.report()
		if r.Objects != keys+100 || r.Sent != keys || r.Unparsable.Count != 100 || len(r.Unparsable.Objects) < 40 || !r.Complete || r.Outcomes["none"] != keys {
			t.Errorf("%+v", r)
		}
	})
}

func TestAStatusWithoutAnObjectGetsAReconcileUntilItSaysSo(t *testing.T) {
	play(t, 0, func(w *world) {
		w.fleet(3)
		w.status(object(1), `"outcome": "Applied"`)
		for _, i := range []int{50, 51} {
			w.status(object(i), `"outcome": "Applied"`)
		}
		w.status(object(52), `"outcome": "Removed"`)
		w.status("policies/nonsense.json", `"outcome": "Rejected"`)
		w.cloud.S3.Put(bucket, objectkey.Status(object(53)), []byte("edited"), nil)
		if a := w.done("r1"); a.Sent != 6 {
			t.Errorf("%+v", a)
		}
		asked := w.asked()
		for i, want := range map[int]int{0: 1, 1: 1, 2: 1, 50: 1, 51: 1, 52: 0, 53: 1} {
			if asked[object(i)] != want {
				t.Errorf("%s: %d messages; want %d", object(i), asked[object(i)], want)
			}
		}
		if r := w.report(); r.Removed != 3 || r.Objects != 3 || len(asked) != 6 || r.Outcomes["Applied"] != 1 || r.Outcomes["none"] != 2 {
			t.Errorf("%+v", r)
		}
	})
}

func TestTheStatusesAreCounted(t *testing.T) {
	play(t, 0, func(w *world) {
		w.fleet(5)
		w.status(object(0), `"outcome": "Applied"`)
		w.status(object(1), `"outcome": "Applied", "drift": {"since": "2026-01-02T03:04:05Z", "repair": "none"}`)
		w.status(object(2), `"outcome": "Failed", "error": {"code": "ACCESS_DENIED", "message": "m", "retryable": false}`)
		w.status(object(3), `"outcome": "Failed", "error": {"code": "THROTTLED", "message": "m", "retryable": true}`)
		w.done("r1")
		r := w.report()
		if r.Drifted.Count != 1 || r.Drifted.Objects[0] != object(1) || r.Unreadable.Count != 1 || r.Unreadable.Objects[0] != object(2) ||
			fmt.Sprint(r.Outcomes) != "map[Applied:2 Failed:2 none:1]" {
			t.Errorf("%+v", r)
		}
		if u := w.unmanaged(); len(u.Unreadable) != 1 {
			t.Errorf("%+v", u)
		}
		for _, want := range []string{`"DriftOpen":1`, `"Unreadable":1`, `"SweepsEnded":1`, `"SweepObjects":5`} {
			if !strings.Contains(w.metrics.String(), want) {
				t.Errorf("no metric %s in %s", want, w.metrics.String())
			}
		}
	})
}

// Where no statuses are kept, a sweep must not end an alarm on drift.
func TestWithoutStatusesASweepSaysNothingOfDrift(t *testing.T) {
	play(t, 0, func(w *world) {
		w.fleet(5)
		w.done("r1")
		for _, name := range []string{"DriftOpen", "Unreadable"} {
			if strings.Contains(w.metrics.String(), name) {
				t.Errorf("%s is written: %s", name, w.metrics.String())
			}
		}
	})
}

func TestAnEmptyBucketIsSwept(t *testing.T) {
	play(t, 0, func(w *world) {
		if a := w.done("r1"); a.Sent != 0 || a.After != "" {
			t.Errorf("%+v", a)
		}
		if r := w.report(); !r.Complete || r.Objects != 0 || r.Running != nil {
			t.Errorf("%+v", r)
		}
	})
}

func TestASweepCanBeginAfterAnObjectKey(t *testing.T) {
	play(t, 0, func(w *world) {
		w.fleet(30)
		w.status(object(3), `"outcome": "Removed"`)
		w.status(object(40), `"outcome": "Applied"`)
		a, err := w.sweep("r1", object(19))
		if err != nil || a.Sent != 11 || a.After != "" {
			t.Errorf("%+v, %v", a, err)
		}
		if r := w.report(); r.From != object(19) || r.Objects != 10 {
			t.Errorf("%+v", r)
		}
	})
}

func TestWhatStartsNoSweepIsRefused(t *testing.T) {
	play(t, 0, func(w *world) {
		for payload, want := range map[string]string{
			``:                          "does not start a sweep",
			`[]`:                        "does not start a sweep",
			`{}`:                        `"keysmith" is ""`,
			`{"keysmith": "reconcile"}`: `"keysmith" is "reconcile"`,
			`{"keysmith": "sweep", "afer": "policies/x"}`:  "afer",
			`{"keysmith": "sweep", "after": "history/x"}`:  "policies/",
			`{"keysmith": "sweep", "after": ["policies"]}`: "does not start a sweep",
		} {
			if _, err := w.invoke(w.Context(), []byte(payload)); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v; want %q", payload, err, want)
			}
		}
		if n := len(w.cloud.Calls()); n != 0 {
			t.Errorf("%d calls were made", n)
		}
	})
}

func TestKeysAndObjectsThatDoNotFitTogetherAreReported(t *testing.T) {
	type keys = []string
	for name, c := range map[string]struct {
		env       map[string]string
		unmanaged keys
	}{
		"by ARN":         {nil, keys{arn(10), arn(11), arn(12)}},
		"by tag":         {map[string]string{"KEY_ARNS": "", "MANAGED_BY_TAG": "keysmith"}, keys{arn(11), arn(12)}},
		"by both":        {map[string]string{"KEY_ARNS": arn(12) + "," + arn(10), "MANAGED_BY_TAG": "keysmith"}, keys{arn(12)}},
		"some protected": {map[string]string{"PROTECTED_KEYS": keyID(10) + "," + arn(11)}, keys{arn(12)}},
		"some protected by the guardrails": {
			map[string]string{"PROTECTED_KEYS": keyID(10), "GUARDRAILS_DIR": guardrails(t, "protected-keys: ["+keyID(12)+", \""+arn(10)+"\"]\n")}, keys{arn(11)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, 0, func(w *world) {
				for name, value := range c.env {
					w.env[name] = value
				}
				w.fleet(2)
				w.cloud.KMS.CreateKey(fakeaws.KeySpec{ID: keyID(10)})
				w.cloud.KMS.CreateKey(fakeaws.KeySpec{ID: keyID(11), Tags: map[string]string{"managed-by": "keysmith"}})
				w.cloud.KMS.CreateKey(fakeaws.KeySpec{ID: keyID(12), Tags: map[string]string{"managed-by": "keysmith"}, State: "Disabled"})
				w.cloud.KMS.CreateKey(fakeaws.KeySpec{ID: keyID(13), Manager: "AWS"})
				w.cloud.KMS.CreateAlias("alias/aws/s3", keyID(13))
				w.cloud.KMS.CreateKey(fakeaws.KeySpec{ID: keyID(14), Region: "eu-west-1"})
				w.cloud.S3.Put(bucket, object(20), []byte("{}"), nil) // its key is gone
				w.done("r1")
				u := w.unmanaged()
				if fmt.Sprint(u.Unmanaged) != fmt.Sprint(c.unmanaged) || fmt.Sprint(u.Gone) != fmt.Sprint(keys{object(20)}) {
					t.Errorf("%+v; want %v", u, c.unmanaged)
				}
			})
		})
	}
}

// guardrails is a folder with these settings.
func guardrails(t *testing.T, settings string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "settings.yaml"), []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func arn(i int) string { return "arn:aws:kms:us-east-1:" + account + ":key/" + keyID(i) }

// The report of keys is less important than the messages, and an old one is
// better than none.
func TestASweepThatMayNotListKeysStillSweeps(t *testing.T) {
	play(t, 0, func(w *world) {
		w.fleet(3)
		w.cloud.Fault(fakeaws.Fault{Service: "kms", Action: "ListKeys", Kind: fakeaws.Refuse, Code: "AccessDeniedException"})
		if a := w.done("r1"); a.Sent != 3 {
			t.Errorf("%+v", a)
		}
		if r := w.report(); len(r.Failed) != 1 || !strings.Contains(r.Failed[0], "listing the keys") || !r.Complete {
			t.Errorf("%+v", r)
		}
		if _, ok := w.cloud.S3.Get(bucket, objectkey.UnmanagedReport); ok {
			t.Error("a report was written of keys that were not listed")
		}
	})
}
