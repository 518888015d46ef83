// Command plan is the Lambda function that reports what a policy would change.
// It is the apply function without power: it puts and stores nothing, its role
// could not, and its queue is its own.
package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/keysmith/keysmith/shared/awsconfig"
	"github.com/keysmith/keysmith/shared/invocation"
	"github.com/keysmith/keysmith/shared/jsonlog"
	"github.com/keysmith/keysmith/shared/settings"
)

// version is set by the build.
var version = "dev"

func main() {
	log := jsonlog.New(os.Stderr).With("fn", "plan")
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
func newHandler(getenv func(string) string, log *slog.Logger) (*invocation.Handler, error) {
	s, err := settings.LoadPlan(getenv)
	sdk, sdkErr := awsconfig.FromEnvironment(invocation.Connections)
	if err := errors.Join(err, sdkErr); err != nil {
		return nil, fmt.Errorf("reading the configuration: %w", err)
	}
	return invocation.New(s, sdk, log, invocation.Options{Version: version}), nil
}
