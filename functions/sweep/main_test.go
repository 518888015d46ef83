package main

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestEveryFaultOfTheEnvironmentIsReportedAtOnce(t *testing.T) {
	for name, value := range map[string]string{"AWS_REGION": "", "AWS_ACCESS_KEY_ID": "", "AWS_CA_BUNDLE": filepath.Join(t.TempDir(), "none.pem")} {
		t.Setenv(name, value)
	}
	bad := map[string]string{"SWEEP_READS_PER_SECOND": "0", "SWEEP_SCHEDULE": "hourly", "KEY_ARNS": "alias/x", "PROTECTED_KEYS": "alias/x"}
	_, err := newHandler(func(name string) string { return bad[name] }, nil)
	if err == nil {
		t.Fatal("it started")
	}
	for _, want := range []string{
		"POLICY_BUCKET", "RECONCILE_QUEUE_URL", "SWEEP_READS_PER_SECOND", "SWEEP_SCHEDULE", "KEY_ARNS", "PROTECTED_KEYS",
		"AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_CA_BUNDLE",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%s is not named in: %v", want, err)
		}
	}
}
