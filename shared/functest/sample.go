package functest

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/keysmith/keysmith/shared/invocation"
	"github.com/keysmith/keysmith/shared/samples"
	"github.com/keysmith/keysmith/shared/settings"
)

// SampleFolder holds the samples of every trigger, as seen from a package two
// folders below the root.
const SampleFolder = "../../events"

// SampleHandler is the function in the world of the samples.
func SampleHandler(t *testing.T, w samples.World, cloud http.RoundTripper) *invocation.Handler {
	t.Helper()
	var variables struct{ ApplyFunction map[string]string }
	if err := json.Unmarshal([]byte(w.File("variables.json")), &variables); err != nil {
		t.Fatal(err)
	}
	cfg, err := settings.Load(func(name string) string { return variables.ApplyFunction[name] })
	if err != nil {
		t.Fatal(err)
	}
	return invocation.New(cfg, aws.Config{
		Region: w.Region, BaseEndpoint: aws.String("http://aws.test"), HTTPClient: &http.Client{Transport: cloud},
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
	}, slog.New(slog.DiscardHandler), invocation.Options{Version: "test", Metrics: io.Discard})
}
