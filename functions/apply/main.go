// Command apply is the Lambda function that converges the KMS keys that its
// triggers name: the only part of keysmith that calls PutKeyPolicy.
package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/keysmith/keysmith/shared/awsconfig"
	"github.com/keysmith/keysmith/shared/invocation"
	"github.com/keysmith/keysmith/shared/jsonlog"
	"github.com/keysmith/keysmith/shared/settings"
)

// version is set by the build.
var version = "dev"

func main() {
	// Lambda gives a function of this size a part of one processor, and Go
	// would plan for two: a twentieth of a warm invocation, measured.
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(1)
	}
	log := jsonlog.New(os.Stderr).With("fn", "apply")
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
	s, err := settings.Load(getenv)
	sdk, sdkErr := awsconfig.FromEnvironment(invocation.Connections)
	if err := errors.Join(err, sdkErr); err != nil {
		return nil, fmt.Errorf("reading the configuration: %w", err)
	}
	return invocation.New(s, sdk, log, invocation.Options{Version: version}), nil
}
