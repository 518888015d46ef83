// Command sweep is the Lambda function that lists the policy bucket and sends a
// reconcile message for each object. It reads no key and changes none.
package main

import (
	"log/slog"
	"os"

	"github.com/keysmith/keysmith/shared/launch"
	"github.com/keysmith/keysmith/shared/metrics"
	"github.com/keysmith/keysmith/shared/settings"
	"github.com/keysmith/keysmith/shared/sweep"
)

// version is set by the build.
var version = "dev"

func main() {
	if launch.Function("sweep", version, newHandler) != nil {
		os.Exit(1)
	}
}

// newHandler wires the function. It reports every fault of the configuration
// at once.
func newHandler(getenv func(string) string, log *slog.Logger) (*sweep.Handler, error) {
	s, sdk, err := launch.Configuration(settings.LoadSweep, getenv, sweep.Connections)
	if err != nil {
		return nil, err
	}
	return sweep.New(s, sdk, log, metrics.New(os.Stdout, s.Stack)), nil
}
