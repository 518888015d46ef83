package hold_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/bucket"
	"github.com/keysmith/keysmith/shared/functest"
	"github.com/keysmith/keysmith/shared/hold"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/keysmith/keysmith/shared/awsconfig"
)

// Only a hold whose end is clearly written can end by itself.
func TestWhatIsWrongWithAHoldHolds(t *testing.T) {
	for text, fault := range map[string]string{
		`{"reason": "incident 12", "until": "2026-01-31T12:00:00Z"}`: "",
		`{"until": "2026-01-31T12:00:00+01:00"}`:                     "",
		``:                                                           "not a JSON object",
		`[]`:                                                         "not a JSON object",
		`{`:                                                          "does not end",
		`{}`:                                                         `no "until"`,
		`{"reason": "x"}`:                                            `no "until"`,
		`{"until": ""}`:                                              `no "until"`,
		`{"until": null}`:                                            `no "until"`,
		`{"until": 1769860800}`:                                      `"until" is not a string`,
		`{"until": "tomorrow"}`:                                      "not a time",
		`{"until": "2026-01-31"}`:                                    "not a time",
		`{"Until": "2026-01-31T12:00:00Z"}`:                          `the member "Until"`,
		`{"until": "2026-01-31T12:00:00Z", "by": "jane"}`:                    `the member "by"`,
		`{"until": "2026-01-31T12:00:00Z", "until": "2020-01-01T00:00:00Z"}`: "twice",
		`{"until": "2026-01-31T12:00:00Z"} {}`:                               "does not end",
	} {
		h := hold.Parse([]byte(text))
		if (fault == "") != (h.Fault == "") || !strings.Contains(h.Fault, fault) || (h.Fault == "") == h.Until.IsZero() {
			t.Errorf("%s: %+v; want a fault with %q", text, h, fault)
		}
	}
}

func TestAHoldIsInForceUntilItsEndOrUntilItIsDeleted(t *testing.T) {
	functest.Play(t, nil, func(w *functest.World) {
		cfg := aws.Config{
			Region: "us-east-1", BaseEndpoint: aws.String("http://aws.test"), HTTPClient: w.Client,
			Credentials: credentials.NewStaticCredentialsProvider("AKIDOTHER", "secret", ""),
		}
		w.Cloud.SetCredentials("AKIDOTHER", functest.Customer)
		b := bucket.New(awsconfig.NewS3(cfg), functest.Bucket, "")
		held := func() string {
			h, err := hold.Read(w.Context(), b, functest.ObjectName, time.Now())
			if err != nil {
				return "error"
			}
			if h == nil {
				return ""
			}
			return h.String()
		}
		const name = "holds/" + functest.ObjectName
		if got := held(); got != "" {
			t.Errorf("without a hold: %s", got)
		}
		w.Cloud.S3.Put(functest.Bucket, name, functest.JSON(functest.M{"reason": "incident", "until": time.Now().Add(time.Hour).UTC().Format(time.RFC3339)}), nil)
		if got := held(); !strings.Contains(got, `"incident"`) || !strings.Contains(got, "until 2000-01-01T01:00:00Z") {
			t.Errorf("with a hold: %s", got)
		}
		time.Sleep(time.Hour)
		if got := held(); got != "" {
			t.Errorf("at its end: %s", got)
		}
		w.Cloud.S3.Put(functest.Bucket, name, []byte(`{"reason": "no end"}`), nil)
		if got := held(); !strings.Contains(got, "until it is deleted") {
			t.Errorf("without an end: %s", got)
		}
		w.Cloud.S3.Put(functest.Bucket, name, []byte(strings.Repeat(" ", bucket.MaxObject+1)), nil)
		if got := held(); !strings.Contains(got, "too large") {
			t.Errorf("too large: %s", got)
		}
		w.Cloud.S3.SetPolicy(functest.Bucket, `{"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::*/holds/*"}]}`)
		if got := held(); !strings.Contains(got, "cannot be read") {
			t.Errorf("denied: %s", got)
		}
		w.Cloud.S3.SetPolicy(functest.Bucket, "")
		w.Intercept = functest.First(functest.Always, http.MethodGet, functest.Fails(503, "SlowDown", ""))
		if got := held(); got != "error" {
			t.Errorf("slow: %s", got)
		}
		w.Intercept = nil
		w.Cloud.S3.Delete(functest.Bucket, name)
		if got := held(); got != "" {
			t.Errorf("deleted: %s", got)
		}
	})
}
