// Command floor is a Lambda function that sends recorded HTTP requests again and
// does nothing else: no SDK, no signing, no parsing. What it takes is the least
// that any function with the same requests could take.
package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/keysmith/keysmith/scripts/bench/exchange"
)

func main() {
	requests, err := exchange.Read(os.Getenv("FLOOR_REQUESTS"))
	if err != nil {
		slog.Error("starting", "err", err)
		os.Exit(1)
	}
	f := floor{endpoint: os.Getenv("AWS_ENDPOINT_URL"), requests: requests}
	lambda.Start(f.handle)
}

type floor struct {
	endpoint string
	requests []exchange.Request
}

func (f floor) handle(ctx context.Context) error {
	for _, r := range f.requests {
		if err := f.send(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

// send reads the answer to its end, so that the connection is used again.
func (f floor) send(ctx context.Context, r exchange.Request) error {
	request, err := http.NewRequestWithContext(ctx, r.Method, f.endpoint+r.URI, bytes.NewReader(r.Body))
	if err != nil {
		return fmt.Errorf("sending %s: %w", r.Key(), err)
	}
	request.Header = r.Header
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("sending %s: %w", r.Key(), err)
	}
	_, err = io.Copy(io.Discard, response.Body)
	_ = response.Body.Close()
	if err == nil && response.StatusCode != r.Status {
		err = fmt.Errorf("sending %s: the answer was %s, not %d as recorded", r.Key(), response.Status, r.Status)
	}
	return err
}
