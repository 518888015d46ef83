package sweep

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/keysmith/keysmith/shared/awsconfig"
	"github.com/keysmith/keysmith/shared/bucket"
	"github.com/keysmith/keysmith/shared/invocation"
	"github.com/keysmith/keysmith/shared/metrics"
	"github.com/keysmith/keysmith/shared/objectkey"
	"github.com/keysmith/keysmith/shared/settings"
	"github.com/keysmith/keysmith/shared/target"
)

// Connections is how many connections to each host are kept open.
const Connections = 2 * side

// A Handler answers {"keysmith": "sweep", "after": "<object key>"} with an
// Answer.
type Handler struct {
	settings settings.Sweep
	region   string
	objects  *s3.Client
	function *lambda.Client
	sweeper  Sweeper // without what each invocation brings
}

// New connects the stations of the function.
func New(s settings.Sweep, sdk aws.Config, log *slog.Logger, m *metrics.Writer) *Handler {
	return &Handler{
		settings: s, region: sdk.Region, objects: awsconfig.NewS3(sdk), function: lambda.NewFromConfig(sdk),
		sweeper: Sweeper{
			Queue: sqs.NewFromConfig(sdk), QueueURL: s.QueueURL, PerSecond: s.ReadsPerSecond,
			Reach:    target.NewReach(target.Options{SDK: sdk, Scope: s.Targets, Assume: s.Targets.PlanRole, Stack: s.Stack}),
			Targets:  s.Targets,
			Scope:    Scope{ARNs: s.KeyARNs, Tag: s.ManagedByTag, Protected: s.ProtectedKeys},
			Interval: s.Interval, Overdue: m.SweepOverdue, Log: log,
			Ended: func(r Report, u *Unmanaged) { m.Sweep(r.metrics(u)) },
		},
	}
}

// metrics are what CloudWatch gets of a sweep.
func (r Report) metrics(u *Unmanaged) map[string]float64 {
	values := map[string]float64{
		"SweepSeconds": r.Seconds, "SweepObjects": float64(r.Objects), "SweepFailures": float64(len(r.Failed)),
	}
	if r.described() {
		values["DriftOpen"], values["Unreadable"] = float64(r.Drifted.Count), float64(r.Unreadable.Count)
	}
	if r.Complete {
		values["SweepsEnded"] = 1
	}
	if u != nil {
		values["Unmanaged"], values["KeysGone"] = float64(len(u.Unmanaged)), float64(len(u.Gone))
	}
	return values
}

// Invoke sweeps.
func (h *Handler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	after, err := startOf(payload)
	if err != nil {
		return nil, err
	}
	call := invocation.ReadCall(ctx, "", h.region, h.sweeper.Log)
	s := h.sweeper
	s.Log = call.Log
	s.Bucket = bucket.New(h.objects, h.settings.Bucket, call.Account)
	s.Own = target.Place{Partition: call.Partition, Account: call.Account, Region: h.region}
	s.Continue = h.again
	answer, err := s.Sweep(ctx, call.RequestID, after)
	if err != nil {
		return nil, err
	}
	return json.Marshal(answer)
}

// payloadOf is the message that starts a sweep after an object key.
func payloadOf(after string) []byte {
	b, _ := json.Marshal(map[string]string{"keysmith": "sweep", "after": after}) // strings always marshal
	return b
}

// again invokes this function once more.
func (h *Handler) again(ctx context.Context, after string) error {
	name := lambdacontext.FunctionName
	if lc, ok := lambdacontext.FromContext(ctx); ok && lc.InvokedFunctionArn != "" {
		name = lc.InvokedFunctionArn
	}
	if name == "" {
		return errors.New("the function does not know its own name")
	}
	_, err := h.function.Invoke(ctx, &lambda.InvokeInput{FunctionName: &name, InvocationType: types.InvocationTypeEvent, Payload: payloadOf(after)})
	return err
}

// startOf reads what starts a sweep.
func startOf(payload []byte) (after string, err error) {
	const want = `want {"keysmith": "sweep"}, with "after" and an object key to begin after it`
	var m struct {
		Keysmith string `json:"keysmith"`
		After    string `json:"after"`
	}
	d := json.NewDecoder(bytes.NewReader(payload))
	d.DisallowUnknownFields()
	switch err := d.Decode(&m); {
	case err != nil:
		return "", fmt.Errorf("the message does not start a sweep: %w; %s", err, want)
	case m.Keysmith != "sweep":
		return "", fmt.Errorf(`the message does not start a sweep: "keysmith" is %q; %s`, m.Keysmith, want)
	case m.After != "" && !strings.HasPrefix(m.After, objectkey.Policies):
		return "", fmt.Errorf("a sweep cannot begin after %q: object keys that are swept begin with %s", m.After, objectkey.Policies)
	}
	return m.After, nil
}
