package main

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

const sampleFolder = "../../events"

func TestEverySampleLeadsToWhatItsExpectationSays(t *testing.T) {
	names, err := samples.Names(sampleFolder)
	if err != nil {
		t.Fatal(err)
	}
	w, err := samples.LoadWorld(sampleFolder, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			event, err := w.Event(sampleFolder, name)
			if err != nil {
				t.Fatal(err)
			}
			want, err := samples.LoadExpectation(sampleFolder, name)
			if err != nil {
				t.Fatal(err)
			}
			cloud := w.Build()
			answer, err := sampleHandler(t, w, cloud.Transport()).Invoke(t.Context(), event)
			if err != nil {
				t.Fatal(err)
			}
			faults, err := want.Compare(w, cloud, answer)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range faults {
				t.Error(f)
			}
		})
	}
}

// sampleHandler is the function with the variables of the samples' world.
func sampleHandler(t *testing.T, w samples.World, aside http.RoundTripper) *invocation.Handler {
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
		Region: w.Region, BaseEndpoint: aws.String("http://aws.test"), HTTPClient: &http.Client{Transport: aside},
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
	}, slog.New(slog.DiscardHandler), invocation.Options{Version: "test", Metrics: io.Discard})
}
