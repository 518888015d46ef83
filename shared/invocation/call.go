package invocation

import (
	"cmp"
	"context"
	"log/slog"
	"strings"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/keysmith/keysmith/shared/keypolicy/awsid"
)

// A Call is what Lambda says about one call of a function, and about where the
// function is.
type Call struct {
	RequestID string // empty outside of Lambda
	TraceID   string // X-Ray's, empty if there is none
	Partition string
	Account   string       // of the stack, empty if it is not known
	Log       *slog.Logger // names the request
}

// ReadCall reads the context that Lambda passes to a function. The stack's
// account is that of role, the ARN of the function's role, or else that of the
// function itself.
func ReadCall(ctx context.Context, role, region string, log *slog.Logger) Call {
	c := Call{Log: log}
	own := role
	if lc, ok := lambdacontext.FromContext(ctx); ok {
		c.RequestID = lc.AwsRequestID
		c.Log = log.With("requestId", c.RequestID)
		own = cmp.Or(own, lc.InvokedFunctionArn)
	}
	c.TraceID, _ = ctx.Value("x-amzn-trace-id").(string) // where aws-lambda-go keeps it
	c.Partition, c.Account = owner(own)
	c.Partition = cmp.Or(c.Partition, awsid.PartitionOf(region))
	return c
}

// owner returns the partition and the account of an ARN.
func owner(arn string) (partition, account string) {
	p := strings.Split(arn, ":")
	if len(p) < 6 || p[0] != "arn" || !awsid.IsAccount(p[4]) {
		return "", ""
	}
	return p[1], p[4]
}
