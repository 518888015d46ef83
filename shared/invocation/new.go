package invocation

import (
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"golang.org/x/time/rate"

	"github.com/keysmith/keysmith/shared/awsconfig"
	"github.com/keysmith/keysmith/shared/batch"
	"github.com/keysmith/keysmith/shared/brake"
	"github.com/keysmith/keysmith/shared/metrics"
	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/report"
	"github.com/keysmith/keysmith/shared/settings"
	"github.com/keysmith/keysmith/shared/target"
)

// Connections is how many connections to each host are kept open: every key of
// a batch may ask KMS two things at once.
const Connections = 2 * batch.AtOnce

// Options are what differs between functions, and what a test replaces.
type Options struct {
	Version string    // of keysmith
	Metrics io.Writer // nil: the standard output
	// Jitter returns a pause of up to d; nil chooses it at random. A run that is
	// to be replayed brings its own.
	Jitter func(d time.Duration) time.Duration
}

// New connects the stations of a function that handles triggers.
func New(s settings.Settings, sdk aws.Config, log *slog.Logger, o Options) *Handler {
	s.Protocol.Region = sdk.Region
	if o.Metrics == nil {
		o.Metrics = os.Stdout
	}
	return &Handler{
		settings: s,
		objects:  awsconfig.NewS3(sdk),
		reach:    reachOf(s, sdk),
		bus:      outcome.NewBus(eventbridge.NewFromConfig(sdk), s.Bus),
		queues:   queuesOf(s, sqs.NewFromConfig(sdk)),
		brake:    brake.New(s.ChangesPerHour),
		metrics:  metrics.New(o.Metrics, s.Stack),
		told:     &report.Memory{},
		version:  o.Version,
		jitter:   o.Jitter,
		log:      log,
	}
}

// reachOf is where the function finds keys. What only plans has no use for a role
// that can put.
func reachOf(s settings.Settings, sdk aws.Config) *target.Reach {
	scope, assume := s.Protocol.Targets, s.Protocol.Targets.Role
	if s.Protocol.PlanOnly {
		assume = scope.PlanRole
	}
	return target.NewReach(target.Options{
		SDK: sdk, Scope: scope, Assume: assume, Stack: s.Stack, Puts: rate.Limit(s.PutsPerSecond),
		Sweeps: func() *rate.Limiter { return batch.SweepPace(s.SweepReads) },
		Writer: s.Protocol.Options.Writer, OwnOrg: s.Protocol.Options.OwnOrg,
	})
}
