package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"golang.org/x/time/rate"

	"github.com/keysmith/keysmith/shared/kmskey"
	"github.com/keysmith/keysmith/shared/outcome"
)

// attemptTimeout bounds one HTTP exchange; the SDK's own client has no bound.
const attemptTimeout = 5 * time.Second

// newHandler wires the function. It reports every fault of the configuration
// at once.
func newHandler(getenv func(string) string, log *slog.Logger) (*handler, error) {
	cfg, err := loadConfig(getenv)
	sdk, sdkErr := fromEnvironment()
	if err := errors.Join(err, sdkErr); err != nil {
		return nil, fmt.Errorf("reading the configuration: %w", err)
	}
	return assemble(cfg, sdk, log), nil
}

// assemble puts the parts together; tests bring their own SDK configuration.
func assemble(cfg config, sdk aws.Config, log *slog.Logger) *handler {
	cfg.Settings.Region = sdk.Region
	return &handler{
		config:  cfg,
		objects: s3.NewFromConfig(sdk, forS3),
		keys:    kmskey.New(kms.NewFromConfig(sdk)),
		bus:     outcome.NewBus(eventbridge.NewFromConfig(sdk), cfg.Bus),
		queue:   &queue{sqs.NewFromConfig(sdk), cfg.QueueURL},
		puts:    rate.NewLimiter(rate.Limit(cfg.PutsPerSecond), 1),
		log:     log,
		metrics: &metrics{out: os.Stdout},
	}
}

func forS3(o *s3.Options) {
	// A custom endpoint is an emulator or a VPC endpoint: neither answers to
	// bucket names as host names.
	o.UsePathStyle = o.BaseEndpoint != nil
	o.DisableLogOutputChecksumValidationSkipped = true
	if o.ResponseChecksumValidation == 0 {
		o.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenSupported
	}
	if o.RequestChecksumCalculation == 0 {
		o.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenSupported
	}
}
