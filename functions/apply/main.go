// Command apply is the Lambda function that converges the KMS keys that its
// triggers name: the only part of keysmith that calls PutKeyPolicy.
package main

import (
	"log/slog"
	"os"
	"runtime"

	"github.com/keysmith/keysmith/shared/invocation"
	"github.com/keysmith/keysmith/shared/launch"
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
	if launch.Function("apply", "", newHandler) != nil {
		os.Exit(1)
	}
}

// newHandler wires the function. It reports every fault of the configuration
// at once.
func newHandler(getenv func(string) string, log *slog.Logger) (*invocation.Handler, error) {
	s, sdk, err := launch.Configuration(settings.Load, getenv, invocation.Connections)
	if err != nil {
		return nil, err
	}
	return invocation.New(s, sdk, log, invocation.Options{Version: version}), nil
}
