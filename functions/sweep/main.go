// Command sweep is the Lambda function that lists the policy bucket and sends a
// reconcile message for each object. It reads no key and changes none.
package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/keysmith/keysmith/shared/awsconfig"
	"github.com/keysmith/keysmith/shared/jsonlog"
	"github.com/keysmith/keysmith/shared/metrics"
	"github.com/keysmith/keysmith/shared/settings"
	"github.com/keysmith/keysmith/shared/sweep"
)

// version is set by the build.
var version = "dev"

func main() {
	log := jsonlog.New(os.Stderr).With("fn", "sweep", "version", version)
	jsonlog.SetDefault(log)
	h, err := newHandler(os.Getenv, log)
	if err != nil {
		log.Error("starting", "err", err)
		os.Exit(1)
	}
	// A deployment checks its parameters so, before it changes anything.
	if len(os.Args) == 2 && os.Args[1] == "check" {
		return
	}
	lambda.Start(h)
}

// newHandler wires the function. It reports every fault of the configuration
// at once.
func newHandler(getenv func(string) string, log *slog.Logger) (*sweep.Handler, error) {
	s, err := settings.LoadSweep(getenv)
	sdk, sdkErr := awsconfig.FromEnvironment(sweep.Connections)
	if err := errors.Join(err, sdkErr); err != nil {
		return nil, fmt.Errorf("reading the configuration: %w", err)
	}
	return sweep.New(s, sdk, log, metrics.New(os.Stdout, s.Stack)), nil
}
