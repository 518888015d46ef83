package kmskey

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keysmith/keysmith/shared/fakeaws"
)

const id = "6f1c7a52-3c0e-4a86-9d7e-0b6a5f2e9c11"

func client(url string) *kms.Client {
	return kms.New(kms.Options{
		Region: "us-east-1", BaseEndpoint: &url,
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
		HTTPClient:  &http.Client{Timeout: 300 * time.Millisecond},
	})
}

func TestTheRealClientReadsAndReplacesAPolicy(t *testing.T) {
	cloud := fakeaws.New(fakeaws.Options{})
	url, stop := fakeaws.Start(cloud)
	defer stop()
	arn := cloud.KMS.CreateKey(fakeaws.KeySpec{ID: id})
	cloud.KMS.CreateAlias("alias/payments", id)
	keys := New(client(url))
	ctx := context.Background()

	key, err := keys.Describe(ctx, "alias/payments")
	if err != nil || key.ARN != arn || key.ID != id || key.Account != cloud.Account() || key.State != "Enabled" || key.AWSManaged {
		t.Fatalf("%+v, %v", key, err)
	}
	text, err := keys.Policy(ctx, id)
	if err != nil || !strings.Contains(text, "Statement") {
		t.Fatalf("%s, %v", text, err)
	}
	if err := keys.Put(ctx, id, text, false); err != nil {
		t.Fatal(err)
	}
	if puts := cloud.KMS.Puts(); len(puts) != 1 || puts[0].Bypass {
		t.Errorf("puts: %+v", puts)
	}
}

func TestEveryErrorHasItsClass(t *testing.T) {
	const malformed = "MalformedPolicyDocumentException"
	for _, c := range []struct {
		status        int
		code, message string
		want          Class
	}{
		{400, "ThrottlingException", "Rate exceeded", Throttled},
		{429, "Surprise", "", Throttled},
		{500, "KMSInternalException", "", Ambiguous},
		{503, "DependencyTimeoutException", "", Ambiguous},
		{400, "DependencyTimeoutException", "", Ambiguous},
		{502, "Surprise", "", Ambiguous},
		{400, "ExpiredTokenException", "", NoCredentials},
		{403, "InvalidSignatureException", "", NoCredentials},
		{400, malformed, "Policy contains a statement with one or more invalid principals.", MissingPrincipal},
		{400, malformed, "Policy contains a statement with one or more invalid service principals.", InvalidPolicy},
		{400, malformed, "The new key policy will not allow you to update the key policy in the future.", Lockout},
		{400, malformed, "", InvalidPolicy},
		{400, "LimitExceededException", "", InvalidPolicy},
		{400, "NotFoundException", "", NotFound},
		{400, "AccessDeniedException", "", AccessDenied},
		{400, "KMSInvalidStateException", "", Refused},
		{409, "KMSInvalidStateException", "", Refused},
		{400, "UnsupportedOperationException", "", Refused},
		{400, "InvalidArnException", "", InvalidPolicy},
		{400, "RequestTimeoutException", "", Ambiguous},
		{408, "Surprise", "", Ambiguous},
		{408, "AccessDeniedException", "", Ambiguous},
		{400, "Surprise", "", Refused},
	} {
		var calls atomic.Int32
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			calls.Add(1)
			w.Header().Set("Content-Type", "application/x-amz-json-1.1")
			w.WriteHeader(c.status)
			_, _ = io.WriteString(w, `{"__type": "`+c.code+`", "message": "`+c.message+`"}`)
		}))
		err := New(client(server.URL)).Put(context.Background(), id, "{}", false)
		if got := Classify(err); got != c.want {
			t.Errorf("%d %s %q: class %d, want %d (%v)", c.status, c.code, c.message, got, c.want, err)
		}
		if calls.Load() != 1 {
			t.Errorf("%d %s: the put was sent %d times", c.status, c.code, calls.Load())
		}
		server.Close()
	}
}

// The SDK's own pauses are often longer than a call may take.
func TestReadsThatAreThrottledSaySo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := kms.New(kms.Options{Region: "us-east-1", HTTPClient: throttles{},
			Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", "")})
		for range 200 {
			if _, err := New(api).Policy(t.Context(), id); Classify(err) != Throttled {
				t.Fatalf("class %d, want %d (%v)", Classify(err), Throttled, err)
			}
		}
	})
}

type throttles struct{}

func (throttles) Do(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusBadRequest, Header: http.Header{}, Request: r,
		Body: io.NopCloser(strings.NewReader(`{"__type": "ThrottlingException"}`))}, nil
}

// Something between keysmith and KMS may have written such an answer, after KMS
// has applied the put.
func TestAnAnswerWithoutACodeNeverSaysThatAPutWasRefused(t *testing.T) {
	for _, body := range []string{"", "{}", `{"message": "no"}`, `{"__type": ""}`, "null", "[]", "<html>", "\x00"} {
		for status := 300; status < 600; status++ {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "application/x-amz-json-1.1")
				w.WriteHeader(status)
				_, _ = io.WriteString(w, body)
			}))
			err := New(client(server.URL)).Put(context.Background(), id, "{}", false)
			if got := Classify(err); got != Ambiguous {
				t.Errorf("%d %q: class %d, want %d (%v)", status, body, got, Ambiguous, err)
			}
			if words := Message(err); strings.Contains(words, "UnknownError") {
				t.Errorf("%d %q: people read %q, which AWS never said", status, body, words)
			}
			server.Close()
		}
	}
}

func TestASuccessWithoutItsContentIsNoAnswer(t *testing.T) {
	for _, body := range []string{"{}", `{"KeyMetadata": null, "Policy": null}`, `{"KeyMetadata": {}, "Policy": ""}`} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/x-amz-json-1.1")
			_, _ = io.WriteString(w, body)
		}))
		key, err := New(client(server.URL)).Describe(context.Background(), id)
		if Classify(err) != Ambiguous {
			t.Errorf("%s: %+v, %v", body, key, err)
		}
		text, err := New(client(server.URL)).Policy(context.Background(), id)
		if Classify(err) != Ambiguous {
			t.Errorf("%s: policy %q, %v", body, text, err)
		}
		server.Close()
	}
}

func TestWithoutAnAnswerOnlyAPutThatNeverLeftIsCertain(t *testing.T) {
	var calls atomic.Int32
	drop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			_ = conn.Close()
		}
	}))
	defer drop.Close()
	hang := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { time.Sleep(400 * time.Millisecond) }))
	defer hang.Close()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close()
	for name, c := range map[string]struct {
		url  string
		want Class
	}{
		"dropped":     {drop.URL, Ambiguous},
		"hanging":     {hang.URL, Ambiguous},
		"not reached": {"http://" + closed.Addr().String(), Unsent},
	} {
		err := New(client(c.url)).Put(context.Background(), id, "{}", false)
		if got := Classify(err); got != c.want {
			t.Errorf("%s: class %d, want %d (%v)", name, got, c.want, err)
		}
	}
	if calls.Load() != 1 {
		t.Errorf("a put whose connection dropped was sent %d times", calls.Load())
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if got := Classify(New(client(hang.URL)).Put(ctx, id, "{}", false)); got != Ambiguous {
		t.Errorf("cancelled: class %d", got)
	}
}

func TestMissingCredentialsSayNothingAboutTheKey(t *testing.T) {
	api := kms.New(kms.Options{Region: "us-east-1", BaseEndpoint: aws.String("http://127.0.0.1:1"),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{}, errors.New("none here")
		})})
	if got := Classify(New(api).Put(context.Background(), id, "{}", false)); got != NoCredentials {
		t.Errorf("class %d, want %d", got, NoCredentials)
	}
}
