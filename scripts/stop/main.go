// Command stop stops a deployed stack at once, and resumes it.
//
// To stop is two things. The event source mappings are disabled, so that what
// arrives waits in the queues. And an inline policy denies kms:PutKeyPolicy to
// keysmith's role, so that what is under way changes nothing more. To resume is the
// same the other way round: the Deny is removed, and only when a put is allowed
// again everywhere are the queues read, since a message that is refused for
// longer than a quarter of an hour is reported as failed.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/keysmith/keysmith/scripts/internal/awslogin"
)

func main() {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout)
	cancel()
	switch {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "stop:", err)
		os.Exit(1)
	}
}

const usage = `usage: stop stop   -function ARN -role ARN
       stop resume -function ARN -role ARN [-wait 60s]
`

func run(ctx context.Context, args []string, out io.Writer) error {
	if len(args) == 0 || args[0] != "stop" && args[0] != "resume" {
		fmt.Fprint(out, usage)
		return flag.ErrHelp
	}
	s := &stack{out: out}
	flags := flag.NewFlagSet(args[0], flag.ContinueOnError)
	flags.SetOutput(out)
	flags.Usage = func() { fmt.Fprint(out, usage); flags.PrintDefaults() }
	flags.StringVar(&s.function, "function", "", "ARN of the apply function: output ApplyFunctionArn of the stack")
	flags.StringVar(&s.role, "role", "", "ARN of keysmith's role: output ApplyRoleArn of the stack")
	flags.DurationVar(&s.wait, "wait", leastWait, "how long to wait, at least, until IAM allows a put everywhere")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	switch {
	case s.function == "" || s.role == "" || len(flags.Args()) > 0:
		fmt.Fprint(out, usage)
		return errors.New("name the function with -function and its role with -role")
	case s.wait < leastWait:
		return fmt.Errorf("-wait %s is too short: a message that is refused is reported as failed; wait at least %s", s.wait, leastWait)
	}
	cfg, err := awslogin.Load(ctx)
	if err != nil {
		return err
	}
	s.lambda, s.iam = lambda.NewFromConfig(cfg), iam.NewFromConfig(cfg)
	if args[0] == "stop" {
		return s.stop(ctx)
	}
	return s.resume(ctx)
}

// leastWait is how long a change of a role's policy is given to be known
// everywhere. IAM names no time.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
const leastWait = time.Minute
