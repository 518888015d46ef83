// Package launch starts a Lambda function: its log, its configuration, and the
// check of the configuration that a deployment asks for. It exists so that each
// function's main says only what the function is made of.
package launch

import (
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/keysmith/keysmith/shared/awsconfig"
	"github.com/keysmith/keysmith/shared/jsonlog"
	"github.com/keysmith/keysmith/shared/settings"
)

// Function makes the handler of a function called name, and hands Lambda's
// invocations to it. It returns only where there is nothing to handle: with an
// error, already logged, where the configuration is wrong, and with nil where the
// program's only argument is "check". A deployment checks its parameters so,
// before it changes anything. version goes to the log, unless it is empty.
func Function[H lambda.Handler](name, version string, newHandler func(getenv func(string) string, log *slog.Logger) (H, error)) error {
	limitMemory(os.Getenv)
	level, _ := settings.LogLevel(os.Getenv) // newHandler reports its faults with the others
	log := jsonlog.New(os.Stderr, level).With("fn", name)
	if version != "" {
		log = log.With("version", version)
	}
	jsonlog.SetDefault(log)
	h, err := newHandler(os.Getenv, log)
	if err != nil {
		log.Error("starting", "err", err)
		return err
	}
	if len(os.Args) == 2 && os.Args[1] == "check" {
		return nil
	}
	lambda.Start(h)
	return nil
}

// Configuration loads a function's settings and the SDK's, with so many
// connections kept open to each host. It reports the faults of both at once.
func Configuration[S any](load func(getenv func(string) string) (S, error), getenv func(string) string, connections int) (S, aws.Config, error) {
	s, err := load(getenv)
	sdk, sdkErr := awsconfig.FromEnvironment(connections)
	if err := errors.Join(err, sdkErr); err != nil {
		return s, sdk, fmt.Errorf("reading the configuration: %w", err)
	}
	return s, sdk, nil
}
