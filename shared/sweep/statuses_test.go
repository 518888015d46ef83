package sweep_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/functest"
	"github.com/keysmith/keysmith/shared/metrics"
	"github.com/keysmith/keysmith/shared/objectkey"
	"github.com/keysmith/keysmith/shared/settings"
	"github.com/keysmith/keysmith/shared/sweep"
)

// swept runs the function that sweeps beside the one that applies, and returns its
// report and its metrics.
func swept(w *functest.World, id string) (report, numbers string) {
	w.Helper()
	s, err := settings.LoadSweep(func(name string) string {
		return map[string]string{"POLICY_BUCKET": functest.Bucket, "RECONCILE_QUEUE_URL": "http://aws.test/" + functest.Account + "/reconcile"}[name]
	})
	if err != nil {
		w.Fatal(err)
	}
	var out functest.Output
	w.Cloud.SetCredentials("AKIDSWEEP", functest.Customer) // of another role than the apply function's
	h := sweep.New(s, aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String("http://aws.test"), HTTPClient: &http.Client{Transport: w.Cloud.Transport()},
		Credentials: credentials.NewStaticCredentialsProvider("AKIDSWEEP", "secret", ""),
	}, slog.New(slog.DiscardHandler), metrics.New(&out, "keysmith"))
	if _, err := h.Invoke(lambdacontext.NewContext(w.Context(), &lambdacontext.LambdaContext{AwsRequestID: id}), []byte(`{"keysmith": "sweep"}`)); err != nil {
		w.Fatal(err)
	}
	o, _ := w.Cloud.S3.Get(functest.Bucket, objectkey.SweepReport)
	return string(o.Body), out.String()
}

// What the apply function writes into the statuses is what a sweep counts, from the
// beginning of each trouble to its end.
func TestASweepCountsTheStatusesThatTheApplyFunctionWrites(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		const rejected = "6f1c7a52-3c0e-4a86-9d7e-0b6a5f2e9c33"
		w.Cloud.KMS.CreateKey(fakeaws.KeySpec{ID: rejected, Policy: functest.Policy("old")})
		drifted, blind := functest.ObjectName, objectkey.For(functest.OtherID)
		for object, text := range map[string]string{drifted: functest.Policy("new"), blind: functest.Policy("new"), objectkey.For(rejected): functest.Lockout} {
			w.Single(functest.Uploaded(object, w.Cloud.S3.Put(functest.Bucket, object, []byte(text), nil)))
		}
		w.Cloud.S3.Put(functest.Bucket, objectkey.For("6f1c7a52-3c0e-4a86-9d7e-0b6a5f2e9c44"), []byte("{}"), nil) // not handled yet
		check := func(when string, drift, unreadable int, outcomes string) {
			t.Helper()
			report, numbers := swept(w, when)
			for _, want := range []string{fmt.Sprintf(`"DriftOpen":%d,`, drift), fmt.Sprintf(`"Unreadable":%d,`, unreadable)} {
				if !strings.Contains(numbers, want) {
					t.Errorf("%s: no %s in %s", when, want, numbers)
				}
			}
			if got := strings.Join(strings.Fields(report), ""); !strings.Contains(got, `"outcomes":`+outcomes) {
				t.Errorf("%s: %s; want %s", when, got, outcomes)
			}
		}
		check("before", 0, 0, `{"Applied":2,"Rejected":1,"none":1}`)

		time.Sleep(time.Hour)
		w.Cloud.KMS.SetPolicy(functest.KeyID, functest.Policy("by hand"))
		end := w.Cloud.Fault(fakeaws.Fault{Service: "kms", Action: "GetKeyPolicy", Resource: functest.OtherID, Kind: fakeaws.Refuse, Code: "AccessDeniedException"})
		reconcile := func(object, want string) {
			t.Helper()
			if got := functest.SayAll(w.Outcomes(functest.Reconcile(object, "sweep"))); got != want {
				t.Errorf("%s: %s; want %s", object, got, want)
			}
		}
		reconcile(drifted, "Drift Detected")
		reconcile(blind, "Failed UNVERIFIED")
		check("in trouble", 1, 1, `{"Applied":1,"Failed":1,"Rejected":1,"none":1}`)

		end()
		w.Cloud.KMS.SetPolicy(functest.KeyID, functest.Policy("new"))
		reconcile(drifted, "Drift Resolved")
		reconcile(blind, "Applied")
		check("after", 0, 0, `{"Applied":2,"Rejected":1,"none":1}`)
	})
}
