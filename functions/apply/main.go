// Command apply is the Lambda function that converges the KMS keys that its
// triggers name: the only part of keysmith that calls PutKeyPolicy.
package main

import (
	"context"
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
)

// version is set by the build.
var version = "dev"

func main() {
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil)).With("fn", "apply")
	h, err := newHandler(context.Background(), os.Getenv, log)
	if err != nil {
		log.Error("starting", "err", err)
		os.Exit(1)
	}
	lambda.Start(h)
}
