package runtimeapi

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

// childVariable makes the test binary play a Lambda function: the sandbox runs
// a real process that speaks to it over a real socket.
const childVariable = "RUNTIMEAPI_TEST_CHILD"

func TestMain(m *testing.M) {
	if mode := os.Getenv(childVariable); mode != "" {
		os.Exit(child(mode))
	}
	os.Exit(m.Run())
}

// config runs this test binary as a function that starts as mode says.
func config(mode string) Config {
	return Config{
		Bootstrap:   os.Args[0],
		Env:         []string{childVariable + "=" + mode},
		FunctionARN: "arn:aws:lambda:eu-central-1:111122223333:function:apply",
		Timeout:     10 * time.Second,
		Stderr:      os.Stderr,
	}
}

func start(t *testing.T, cfg Config) *Sandbox {
	t.Helper()
	s, err := Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s
}

func invoke(s *Sandbox, payload string) (string, error) {
	answer, err := s.Invoke(context.Background(), []byte(payload))
	return string(answer), err
}

// child is the function. It is written against net/http alone, so that the
// tests judge the host by the protocol and not by one client's habits.
func child(mode string) int {
	base := "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/"
	switch mode {
	case "init error":
		post(base+"init/error", `{"errorType":"Config.Missing","errorMessage":"POLICY_BUCKET is not set"}`)
		return 1
	case "exits":
		return 7
	case "sleeps":
		time.Sleep(time.Minute)
	case "ignores SIGTERM":
		ignoreSIGTERM()
	}
	for {
		response, err := http.Get(base + "invocation/next")
		if err != nil {
			return 0
		}
		payload, _ := io.ReadAll(response.Body)
		_ = response.Body.Close()
		answer(base+"invocation/"+response.Header.Get("Lambda-Runtime-Aws-Request-Id"), response.Header, string(payload))
	}
}

func answer(url string, header http.Header, payload string) {
	verb, argument, _ := strings.Cut(payload, " ")
	switch verb {
	case "headers":
		text, _ := json.Marshal(header)
		post(url+"/response", string(text))
	case "env":
		post(url+"/response", os.Getenv(argument))
	case "fail":
		post(url+"/error", `{"errorType":"Retry","errorMessage":"KMS is throttling"}`)
	case "garbled":
		post(url+"/error", "not an object")
	case "breakoff":
		breakOff(url + "/response")
	case "sleep":
		time.Sleep(time.Minute)
	case "exit":
		os.Exit(3)
	case "answerandexit":
		post(url+"/response", "last words")
		os.Exit(3)
	case "answertwice":
		first, second := post(url+"/response", "first"), post(url+"/response", "second")
		fmt.Fprintln(os.Stdout, first, second)
	case "answerother":
		fmt.Fprintln(os.Stdout, post(strings.Replace(url, "invocation/", "invocation/0", 1)+"/response", "wrong"))
		post(url+"/response", "right")
	case "large":
		post(url+"/response", strings.Repeat("x", payloadLimit+1))
	default:
		post(url+"/response", "echo "+payload)
	}
}

func post(url, body string) int {
	response, err := http.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		return 0
	}
	_ = response.Body.Close()
	return response.StatusCode
}

// breakOff sends a response that ends with an error in its trailer, as runtimes
// that stream do.
func breakOff(url string) {
	request, _ := http.NewRequest(http.MethodPost, url, io.MultiReader(bytes.NewReader([]byte("half of"))))
	request.Trailer = http.Header{
		"Lambda-Runtime-Function-Error-Type": {"Runtime.Broken"},
		"Lambda-Runtime-Function-Error-Body": {base64.StdEncoding.EncodeToString([]byte(`{"errorMessage":"the stream broke"}`))},
	}
	if response, err := http.DefaultClient.Do(request); err == nil {
		_ = response.Body.Close()
	}
}
