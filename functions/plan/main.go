// Command plan is the Lambda function that reports what a policy would change.
// It is the apply function without power: it puts and stores nothing, its role
// could not, and its queue is its own.
package main

import (
	"log/slog"
	"os"

	"github.com/keysmith/keysmith/shared/invocation"
	"github.com/keysmith/keysmith/shared/launch"
	"github.com/keysmith/keysmith/shared/settings"
)

// version is set by the build.
var version = "dev"

func main() {
	if launch.Function("plan", "", newHandler) != nil {
		os.Exit(1)
	}
}

// newHandler wires the function. It reports every fault of the configuration
// at once.
func newHandler(getenv func(string) string, log *slog.Logger) (*invocation.Handler, error) {
	s, sdk, err := launch.Configuration(settings.LoadPlan, getenv, invocation.Connections)
	if err != nil {
		return nil, err
	}
	return invocation.New(s, sdk, log, invocation.Options{Version: version}), nil
}
