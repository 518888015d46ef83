package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// A short run of the whole: it must fail if a program does not do its work, and
// say nothing about speed.
func TestEveryProgramDoesItsWork(t *testing.T) {
	folder := t.TempDir()
	t.Chdir("../..")
	binary, err := compile(t.Context(), folder, "./functions/apply")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	set := settings{
		template: "template.yaml", binary: binary, out: filepath.Join(folder, "bench.txt"),
		coldRounds: 2, rounds: 2, block: 2, delay: time.Millisecond,
	}
	if err := run(t.Context(), set, &out); err != nil {
		t.Fatal(err)
	}
	for _, row := range []string{"Cold/size=2KiB", "Warm/size=2KiB", "Warm/size=32KiB", "Binary", "Zip"} {
		if !strings.Contains(out.String(), row) {
			t.Errorf("the table has no %s:\n%s", row, out.String())
		}
	}
	values, err := os.ReadFile(set.out)
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`(?m)^BenchmarkWarm/size=2KiB/program=(keysmith|floor|plain) 1 \d+ ns/op$`)
	if n := len(line.FindAll(values, -1)); n != 6 {
		t.Errorf("%d values of warm invocations were written, want 2 rounds of 3 programs:\n%s", n, values)
	}
}

func TestAFunctionThatRefusesIsNotMeasured(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "bootstrap")
	if err := os.WriteFile(binary, []byte("#!/bin/sh\nexit 1\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	_, _, err := record(t.Context(), "../../template.yaml", binary, t.TempDir())
	if err == nil || !strings.Contains(err.Error(), "2KiB") {
		t.Errorf("got %v", err)
	}
}

func TestTheStubRepeatsWhatWasRecorded(t *testing.T) {
	real := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Answer", r.Header.Get("X-Amz-Target"))
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.Copy(w, r.Body)
	})
	tape := &recorder{behind: real, answers: answers{}}
	ask := func(handler http.Handler, target, body string) *httptest.ResponseRecorder {
		request := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		request.Header.Set("X-Amz-Target", target)
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, request)
		return answer
	}
	ask(tape, "A", "one")
	ask(tape, "B", "two")
	if got := tape.recorded(); len(got) != 2 || string(got[1].Body) != "two" || got[0].Name() != http.MethodPost {
		t.Errorf("recorded %+v", got)
	}
	s := stub{answers: tape.answers}
	if got := ask(s, "B", "other"); got.Code != http.StatusAccepted || got.Body.String() != "two" || got.Header().Get("X-Answer") != "B" {
		t.Errorf("the stub answered %d %q", got.Code, got.Body)
	}
	if got := ask(s, "C", ""); got.Code != http.StatusNotImplemented {
		t.Errorf("the stub answered %d to what was never recorded", got.Code)
	}
}

func TestSamplesAreAsLargeAsTheySay(t *testing.T) {
	for _, s := range samples("arn:aws:iam::111122223333:role/writer") {
		want := map[string]int{"2KiB": 2 << 10, "32KiB": 32 << 10}[s.label]
		if n := len(s.policy); n > want || n < want*9/10 {
			t.Errorf("%s has %d bytes", s.label, n)
		}
	}
}
