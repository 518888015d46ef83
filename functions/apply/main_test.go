package main

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/functest"
	"github.com/keysmith/keysmith/shared/runtimeapi"
)

func TestEveryFaultOfTheEnvironmentIsReportedAtOnce(t *testing.T) {
	for name, value := range map[string]string{"AWS_REGION": "", "AWS_ACCESS_KEY_ID": "", "AWS_CA_BUNDLE": filepath.Join(t.TempDir(), "none.pem")} {
		t.Setenv(name, value)
	}
	_, err := newHandler(func(string) string { return "" }, nil)
	if err == nil {
		t.Fatal("it started")
	}
	for _, want := range []string{"POLICY_BUCKET", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_CA_BUNDLE"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%s is not named in: %v", want, err)
		}
	}
}

// The runtime of Lambda logs the error of a direct call by itself.
func TestEveryLineOfTheLogIsJSON(t *testing.T) {
	var log bytes.Buffer
	sandbox, err := runtimeapi.Start(t.Context(), runtimeapi.Config{
		Bootstrap: buildBootstrap(t), Timeout: 30 * time.Second, Stderr: &log,
		FunctionARN: "arn:aws:lambda:us-east-1:" + functest.Account + ":function:apply",
		Env: []string{"AWS_ENDPOINT_URL=http://127.0.0.1:1", "AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=secret",
			"AWS_REGION=us-east-1", "POLICY_BUCKET=" + functest.Bucket, "MODE=paused"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if answer, err := sandbox.Invoke(t.Context(), functest.Uploaded(functest.ObjectName, "\u0085\n")); err == nil {
		t.Errorf("a function that is paused answered %s", answer)
	}
	sandbox.Kill()
	if !strings.Contains(log.String(), "paused") {
		t.Errorf("the error is not logged: %q", log.String())
	}
	for line := range strings.Lines(log.String()) {
		var entry struct{ Time, Level, Msg string }
		if err := json.Unmarshal([]byte(line), &entry); err != nil || entry.Time == "" || entry.Level == "" || entry.Msg == "" {
			t.Errorf("%q: %v", line, err)
		}
	}
}

// Alarms watch the metrics, so no level of the log may silence them.
func TestTheLevelOfTheLogLeavesTheMetrics(t *testing.T) {
	binary := buildBootstrap(t)
	for level, logs := range map[string]bool{"INFO": true, "ERROR": false} {
		var log, emf bytes.Buffer
		sandbox, err := runtimeapi.Start(t.Context(), runtimeapi.Config{
			Bootstrap: binary, Timeout: 30 * time.Second, Stdout: &emf, Stderr: &log,
			FunctionARN: "arn:aws:lambda:us-east-1:" + functest.Account + ":function:apply",
			Env: []string{"AWS_ENDPOINT_URL=http://127.0.0.1:1", "AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=secret",
				"AWS_REGION=us-east-1", "POLICY_BUCKET=another-bucket", "LOG_LEVEL=" + level},
		})
		if err != nil {
			t.Fatal(err)
		}
		if answer, err := sandbox.Invoke(t.Context(), functest.Uploaded(functest.ObjectName, "")); err != nil {
			t.Errorf("%s, %v", answer, err)
		}
		sandbox.Kill()
		if strings.Contains(log.String(), `"level":"INFO"`) != logs || !strings.Contains(emf.String(), `"Ignored":1`) {
			t.Errorf("LOG_LEVEL=%s: logged %q, and of metrics %q", level, log.String(), emf.String())
		}
	}
}

// A deployment asks the built function whether it would start.
func TestTheFunctionChecksItsConfigurationAndEnds(t *testing.T) {
	binary := buildBootstrap(t)
	for variables, want := range map[string]bool{"MODE=plan": true, "MODE=maybe": false, "LOG_LEVEL=DEBUG": true, "LOG_LEVEL=trace": false, "BREAK_GLASS_PRINCIPALS=arn:aws:iam::111122223333:root": false} {
		cmd := exec.CommandContext(t.Context(), binary, "check")
		cmd.Env = []string{"AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=none", "AWS_SECRET_ACCESS_KEY=none", "POLICY_BUCKET=" + functest.Bucket, variables}
		out, err := cmd.CombinedOutput()
		name, _, _ := strings.Cut(variables, "=")
		if (err == nil) != want || !want && !strings.Contains(string(out), name) {
			t.Errorf("%s: %v: %s", variables, err, out)
		}
	}
}
