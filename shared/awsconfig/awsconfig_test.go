package awsconfig

import (
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// lambdas sets the variables as Lambda does, and clears those that the machine
// of a developer may have.
func lambdas(t *testing.T, more map[string]string) {
	t.Helper()
	for _, set := range os.Environ() {
		if name, value, _ := strings.Cut(set, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, value) // so that it is put back at the end
			if err := os.Unsetenv(name); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, value := range map[string]string{"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
		"AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "session"} {
		t.Setenv(name, value)
	}
	for name, value := range more {
		t.Setenv(name, value)
	}
}

// asked sends one request as the function would and returns what KMS saw.
func asked(t *testing.T, client func(*httptest.Server) *kms.Client) *http.Request {
	t.Helper()
	var seen *http.Request
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = r
		w.WriteHeader(http.StatusBadRequest)
	}))
	defer server.Close()
	_, _ = client(server).DescribeKey(t.Context(), &kms.DescribeKeyInput{KeyId: aws.String("6f1c7a52-3c0e-4a86-9d7e-0b6a5f2e9c11")})
	return seen
}

func TestTheSDKsVariablesHaveTheirEffect(t *testing.T) {
	request := asked(t, func(server *httptest.Server) *kms.Client {
		bundle := filepath.Join(t.TempDir(), "ca.pem")
		cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
		if err := os.WriteFile(bundle, cert, 0o600); err != nil {
			t.Fatal(err)
		}
		lambdas(t, map[string]string{"AWS_CA_BUNDLE": bundle, "AWS_ENDPOINT_URL": "http://nobody.invalid", "AWS_ENDPOINT_URL_KMS": server.URL,
			"AWS_MAX_ATTEMPTS": "7", "AWS_SDK_UA_APP_ID": "keysmith"})
		sdk, err := FromEnvironment(2)
		if err != nil {
			t.Fatal(err)
		}
		if sdk.RetryMaxAttempts != 7 || sdk.Region != "eu-west-1" {
			t.Errorf("%d attempts in %s", sdk.RetryMaxAttempts, sdk.Region)
		}
		return kms.NewFromConfig(sdk)
	})
	if request == nil {
		t.Fatal("the request went elsewhere, or the certificate was not trusted")
	}
	if got := request.Header.Get("X-Amz-Security-Token"); got != "session" {
		t.Errorf("session token %q", got)
	}
	if got := request.Header.Get("Authorization"); !strings.Contains(got, "AKIDEXAMPLE/") || !strings.Contains(got, "/eu-west-1/kms/") {
		t.Errorf("signed with %q", got)
	}
	if got := request.UserAgent(); !strings.Contains(got, "app/keysmith") {
		t.Errorf("user agent %q", got)
	}
}

func TestFIPSEndpointsAreUsedWhereTheyAreAskedFor(t *testing.T) {
	lambdas(t, map[string]string{"AWS_USE_FIPS_ENDPOINT": "true"})
	sdk, err := FromEnvironment(2)
	if err != nil {
		t.Fatal(err)
	}
	if got := kms.NewFromConfig(sdk).Options().EndpointOptions.UseFIPSEndpoint; got != aws.FIPSEndpointStateEnabled {
		t.Errorf("FIPS is %v", got)
	}
}

func TestEverythingThatTheEnvironmentLacksIsReportedAtOnce(t *testing.T) {
	lambdas(t, map[string]string{"AWS_REGION": "", "AWS_ACCESS_KEY_ID": "", "AWS_CA_BUNDLE": filepath.Join(t.TempDir(), "none.pem")})
	_, err := FromEnvironment(2)
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_CA_BUNDLE"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%s is not named in: %v", want, err)
		}
	}
}

func TestABundleWithoutCertificatesIsRefused(t *testing.T) {
	bundle := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(bundle, []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	lambdas(t, map[string]string{"AWS_CA_BUNDLE": bundle})
	if _, err := FromEnvironment(2); err == nil || !strings.Contains(err.Error(), "no certificate") {
		t.Errorf("got %v", err)
	}
}

func TestNoRedirectIsFollowed(t *testing.T) {
	lambdas(t, nil)
	sdk, err := FromEnvironment(2)
	if err != nil {
		t.Fatal(err)
	}
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, location := range []string{"/", "", "%", "http://127.0.0.1:1/"} {
			requests := 0
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				requests++
				w.Header().Set("Location", location)
				w.WriteHeader(status)
			}))
			sdk.BaseEndpoint = &server.URL
			sdk.RetryMaxAttempts = 1
			_, err := NewS3(sdk).GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("keysmith-policies"), Key: aws.String("a")})
			if err == nil || requests != 1 {
				t.Errorf("%d to %q: %d requests, %v", status, location, requests, err)
			}
			server.Close()
		}
	}
}
