// Command apply is the Lambda function that converges the KMS keys that its
// triggers name: the only part of keysmith that calls PutKeyPolicy.
package main

import (
	"log/slog"
	"os"
	"runtime"

	"github.com/aws/aws-lambda-go/lambda"
)

// version is set by the build.
var version = "dev"

func main() {
	// Lambda gives a function of this size a part of one processor, and Go
	// would plan for two: a twentieth of a warm invocation, measured.
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(1)
	}
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil)).With("fn", "apply")
	h, err := newHandler(os.Getenv, log)
	if err != nil {
		log.Error("starting", "err", err)
		os.Exit(1)
	}
	lambda.Start(h)
}
