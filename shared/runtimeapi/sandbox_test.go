package runtimeapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os/signal"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func ignoreSIGTERM() { signal.Ignore(syscall.SIGTERM) }

func TestAnInvocationIsAnswered(t *testing.T) {
	s := start(t, config("answers"))
	for _, payload := range []string{`{"n":1}`, "", `{"n":2}`} {
		if got, err := invoke(s, payload); err != nil || got != "echo "+payload {
			t.Errorf("%q was answered with %q, %v", payload, got, err)
		}
	}
	if s.InitDuration() <= 0 {
		t.Errorf("the init took %v", s.InitDuration())
	}
}

func TestTheRuntimeIsToldWhatLambdaTells(t *testing.T) {
	cfg := config("answers")
	s := start(t, cfg)
	before := time.Now()
	text, err := invoke(s, "headers")
	if err != nil {
		t.Fatal(err)
	}
	var header map[string][]string
	if err := json.Unmarshal([]byte(text), &header); err != nil {
		t.Fatal(err)
	}
	if got := header["Lambda-Runtime-Invoked-Function-Arn"]; len(got) != 1 || got[0] != cfg.FunctionARN {
		t.Errorf("the function's ARN is %v", got)
	}
	for _, name := range []string{"Lambda-Runtime-Aws-Request-Id", "Lambda-Runtime-Trace-Id", "Lambda-Runtime-Deadline-Ms"} {
		if len(header[name]) != 1 || header[name][0] == "" {
			t.Fatalf("%s is %v", name, header[name])
		}
	}
	deadline, err := strconv.ParseInt(header["Lambda-Runtime-Deadline-Ms"][0], 10, 64)
	if left := time.UnixMilli(deadline).Sub(before); err != nil || left < cfg.Timeout-time.Millisecond || left > 2*cfg.Timeout {
		t.Errorf("the deadline leaves %v of %v (%v)", left, cfg.Timeout, err)
	}
}

func TestTheFunctionSeesOnlyItsOwnEnvironment(t *testing.T) {
	t.Setenv("SECRET_OF_THE_CALLER", "x")
	cfg := config("answers")
	cfg.Env = append(cfg.Env, Environment("http://127.0.0.1:1", "AKIA", map[string]string{"POLICY_BUCKET": "b"})...)
	cfg.Env = append(cfg.Env, "AWS_LAMBDA_RUNTIME_API=elsewhere:1")
	s := start(t, cfg)
	for name, want := range map[string]string{
		"POLICY_BUCKET":                   "b",
		"SECRET_OF_THE_CALLER":            "",
		"AWS_ENDPOINT_URL":                "http://127.0.0.1:1",
		"AWS_ACCESS_KEY_ID":               "AKIA",
		"AWS_REGION":                      "eu-central-1",
		"AWS_LAMBDA_FUNCTION_NAME":        "apply",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
	} {
		if got, err := invoke(s, "env "+name); err != nil || got != want {
			t.Errorf("%s is %q, %v; want %q", name, got, err, want)
		}
	}
}

func TestFailuresOfTheFunctionAreToldApart(t *testing.T) {
	for _, c := range []struct {
		name, payload, kind, message string
		alive                        bool
	}{
		{"an error that the handler returned", "fail", "Retry", "KMS is throttling", true},
		{"an error that is no object", "garbled", TypeUndefined, "not an object", true},
		{"a response that broke off", "breakoff", "Runtime.Broken", "the stream broke", true},
		{"a response beyond Lambda's limit", "large", TypeTooLarge, "larger than 6291456 bytes", true},
		{"a process that ends", "exit", TypeExit, "exit status 3", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := start(t, config("answers"))
			_, err := invoke(s, c.payload)
			checkFunctionError(t, err, c.kind, c.message)
			if s.Alive() != c.alive {
				t.Errorf("alive is %v", s.Alive())
			}
			if !c.alive {
				return
			}
			if got, err := invoke(s, "again"); err != nil || got != "echo again" {
				t.Errorf("the next invocation gave %q, %v", got, err)
			}
		})
	}
}

func TestAFunctionThatDoesNotStartIsReported(t *testing.T) {
	for _, c := range []struct{ mode, kind, message string }{
		{"init error", "Config.Missing", "POLICY_BUCKET is not set"},
		{"exits", TypeExit, "exit status 7"},
		{"sleeps", TypeTimedOut, "asked for no work within 50ms"},
	} {
		t.Run(c.mode, func(t *testing.T) {
			cfg := config(c.mode)
			if c.mode == "sleeps" {
				cfg.InitTimeout = 50 * time.Millisecond
			}
			_, err := Start(t.Context(), cfg)
			checkFunctionError(t, err, c.kind, c.message)
		})
	}
	if _, err := Start(t.Context(), Config{Bootstrap: "/nonexistent/bootstrap"}); err == nil || errors.As(err, new(*FunctionError)) {
		t.Errorf("a missing binary gave %v", err)
	}
}

func checkFunctionError(t *testing.T, err error, kind, message string) {
	t.Helper()
	var failed *FunctionError
	if !errors.As(err, &failed) {
		t.Fatalf("got %v, want a function error", err)
	}
	if failed.Type != kind || !strings.Contains(failed.Message, message) {
		t.Errorf("got %v, want %s: …%s…", failed, kind, message)
	}
}

func TestAnOverstayedInvocationEndsTheProcess(t *testing.T) {
	cfg := config("answers")
	cfg.Timeout = 50 * time.Millisecond
	s := start(t, cfg)
	_, err := invoke(s, "sleep")
	checkFunctionError(t, err, TypeTimedOut, "timed out after 0.05 seconds")
	if s.Alive() {
		t.Error("the process lives on")
	}
	_, err = invoke(s, "again")
	checkFunctionError(t, err, TypeExit, "signal: killed")
}

func TestAnAbandonedInvocationEndsTheProcess(t *testing.T) {
	s := start(t, config("answers"))
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := s.Invoke(ctx, []byte("sleep")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if s.Alive() {
		t.Error("the process lives on")
	}
}

func TestKillingInTheMiddleFailsTheInvocation(t *testing.T) {
	s := start(t, config("answers"))
	answered := make(chan error, 1)
	go func() {
		_, err := invoke(s, "sleep")
		answered <- err
	}()
	time.Sleep(20 * time.Millisecond)
	s.Kill()
	checkFunctionError(t, <-answered, TypeExit, "signal: killed")
}

func TestAStoppedSandboxSaysSo(t *testing.T) {
	for _, mode := range []string{"answers", "ignores SIGTERM"} {
		s := start(t, config(mode))
		s.Stop()
		s.Stop()
		if _, err := invoke(s, "x"); !errors.Is(err, ErrStopped) {
			t.Errorf("%s: got %v", mode, err)
		}
	}
}

func TestAnAnswerCountsOnce(t *testing.T) {
	var out bytes.Buffer
	cfg := config("answers")
	cfg.Stdout = &out
	s := start(t, cfg)
	if got, err := invoke(s, "answertwice"); err != nil || got != "first" {
		t.Errorf("got %q, %v", got, err)
	}
	if got, err := invoke(s, "answerother"); err != nil || got != "right" {
		t.Errorf("got %q, %v", got, err)
	}
	s.Stop()
	if out.String() != "202 400\n400\n" {
		t.Errorf("the runtime was told %q", out.String())
	}
}

func TestTheLastWordsOfADyingFunctionAreHeard(t *testing.T) {
	s := start(t, config("answers"))
	if got, err := invoke(s, "answerandexit"); err != nil || got != "last words" {
		t.Errorf("got %q, %v", got, err)
	}
	if s.Alive() {
		t.Error("a dead process is offered to the next caller")
	}
}

func TestAPayloadBeyondLambdasLimitIsNotSent(t *testing.T) {
	s := start(t, config("answers"))
	if _, err := s.Invoke(t.Context(), make([]byte, payloadLimit+1)); err == nil {
		t.Error("the payload was taken")
	}
}

func TestTheMemoryIsThatOfTheProcess(t *testing.T) {
	if runtime.GOOS != "linux" {
		return // only Linux tells
	}
	s := start(t, config("answers"))
	m, err := s.Memory()
	if err != nil || m.Resident < 1<<20 || m.Peak < m.Resident {
		t.Errorf("got %+v, %v", m, err)
	}
	s.Stop()
	if _, err := s.Memory(); err == nil {
		t.Error("a process that ended has memory")
	}
}
