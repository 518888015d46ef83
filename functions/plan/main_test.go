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
