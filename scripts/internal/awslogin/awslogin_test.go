package awslogin_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keysmith/keysmith/scripts/internal/awslogin"
)

func noLogin(t *testing.T) {
	t.Helper()
	nothing := filepath.Join(t.TempDir(), "none")
	for name, value := range map[string]string{
		"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_SESSION_TOKEN": "", "AWS_PROFILE": "", "AWS_REGION": "", "AWS_DEFAULT_REGION": "",
		"AWS_WEB_IDENTITY_TOKEN_FILE": "", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "", "AWS_CONTAINER_CREDENTIALS_FULL_URI": "",
		"AWS_CONFIG_FILE": nothing, "AWS_SHARED_CREDENTIALS_FILE": nothing, "AWS_EC2_METADATA_DISABLED": "true",
	} {
		t.Setenv(name, value)
	}
}

func TestWithoutALoginTheErrorSaysWhatToSet(t *testing.T) {
	noLogin(t)
	if _, err := awslogin.Load(t.Context()); !errors.Is(err, awslogin.ErrNoRegion) {
		t.Errorf("without a Region: %v", err)
	}
	t.Setenv("AWS_REGION", "eu-west-1")
	_, err := awslogin.Load(t.Context())
	if err == nil || !strings.HasPrefix(err.Error(), "no AWS credentials were found: set AWS_PROFILE") || len(err.Error()) > 250 {
		t.Errorf("without credentials: %v", err)
	}
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	if cfg, err := awslogin.Load(t.Context()); err != nil || cfg.Region != "eu-west-1" {
		t.Errorf("with a login: %v, %v", cfg.Region, err)
	}
}
