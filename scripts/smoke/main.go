// Command smoke tries keysmith in a real account, from the first deployment to the
// removal, and says which of its claims about AWS held.
//
// Everything that keysmith does was tried against emulators only. Some claims no
// emulator can show: that SQS refuses a strange redrive, that a policy's Deny
// keeps an administrator out, that S3's events flow. This is how to find out. It
// deploys a stack of its own, makes one key, and removes both.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/keysmith/keysmith/scripts/internal/awslogin"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "smoke:", err)
		os.Exit(1)
	}
}

// name is the stack's, and the value of the tag of the only key that it may change.
const name = "keysmith-smoke"

// An account is what is tried, and what was found.
type account struct {
	id, region string
	out        io.Writer
	patience   time.Duration // for what takes AWS a while

	stacks    *cloudformation.Client
	keys      *kms.Client
	objects   *s3.Client
	queues    *sqs.Client
	events    *eventbridge.Client
	functions *lambda.Client
	roles     *iam.Client
	trails    *cloudtrail.Client

	outputs map[string]string
	key     string // id of the key that was made
	results string // URL of the queue that gets the results
	failed  []string
}

func run(ctx context.Context, out io.Writer) error {
	cfg, err := awslogin.Load(ctx)
	if err != nil {
		return err
	}
	who, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return fmt.Errorf("your AWS credentials do not work: %w", err)
	}
	id := aws.ToString(who.Account)
	fmt.Fprintf(out, "account %s, Region %s, as %s\n", id, cfg.Region, aws.ToString(who.Arn))
	if os.Getenv("ACCOUNT") != id {
		return fmt.Errorf("this deploys a stack, creates a KMS key, and deletes both: to do that in this account, run make smoke ACCOUNT=%s", id)
	}
	a := &account{
		id: id, region: cfg.Region, out: out, patience: 15 * time.Minute,
		stacks: cloudformation.NewFromConfig(cfg), keys: kms.NewFromConfig(cfg), queues: sqs.NewFromConfig(cfg),
		objects: s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = o.BaseEndpoint != nil }),
		events:  eventbridge.NewFromConfig(cfg), functions: lambda.NewFromConfig(cfg),
		roles: iam.NewFromConfig(cfg), trails: cloudtrail.NewFromConfig(cfg),
	}
	return a.smoke(ctx)
}

// A claim is one thing that must hold. Where a later one makes no sense without
// it, it is needed.
type claim struct {
	words  string
	try    func(context.Context) error
	needed bool
}

func (a *account) claims() []claim {
	return []claim{
		{"the stack deploys in plan mode", a.deploysAs("plan"), true},
		{"a key is created, and a queue receives the results", a.prepare, true},
		{"an upload is planned, and the key keeps its policy", a.plans, true},
		{"a principal that is not named cannot send requests", a.cannotRequest, false},
		{"a principal that is not named cannot send to the apply queue", a.cannotSend, false},
		{"a principal that is not named cannot receive from it", a.cannotReceive, false},
		{"no queue can name a queue of the stack as its dead-letter queue", a.cannotRedrive, false},
		{"a direct invocation with a policy changes nothing", a.cannotInvoke, false},
		{"the stack changes to apply mode", a.deploysAs("apply"), true},
		{"what was uploaded in plan mode is applied by the resend", a.isApplied("first"), false},
		{"an upload is applied", a.applies("second"), false},
		{"the stack pauses", a.deploysAs("paused"), true},
		{"an upload waits while it is paused", a.waits("third"), false},
		{"the stack resumes", a.deploysAs("apply"), true},
		{"what waited is applied", a.isApplied("third"), false},
		{"a trail delivers the management events of KMS", a.hasTrail, false},
	}
}

func (a *account) smoke(ctx context.Context) error {
	for _, c := range a.claims() {
		err := c.try(ctx)
		a.note(c.words, err)
		if err != nil && c.needed {
			break
		}
	}
	// Also after an interruption: nothing of this is to stay.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Hour)
	defer cancel()
	a.note("everything is removed", a.remove(ctx))
	if len(a.failed) > 0 {
		return fmt.Errorf("%d claims did not hold: %w", len(a.failed), errors.New(a.failed[0]))
	}
	return nil
}

func (a *account) note(words string, err error) {
	if err == nil {
		fmt.Fprintln(a.out, "held   ", words)
		return
	}
	fmt.Fprintf(a.out, "FAILED  %s: %v\n", words, err)
	a.failed = append(a.failed, words)
}

// deploysAs deploys as make deploy does. The key is chosen by its tag.
func (a *account) deploysAs(mode string) func(context.Context) error {
	return func(ctx context.Context) error {
		cmd := exec.CommandContext(ctx, "scripts/deploy.sh")
		cmd.Env = append(os.Environ(), "STACK="+name, "APPROVED=yes", "PARAMETERS=Mode="+mode+" WriterPrincipals=* ManagedByTag="+name)
		if text, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%w: %s", err, last(text, 2000))
		}
		out, err := a.stacks.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: aws.String(name)})
		if err != nil || len(out.Stacks) != 1 {
			return fmt.Errorf("reading the stack: %w", err)
		}
		a.outputs = map[string]string{}
		for _, o := range out.Stacks[0].Outputs {
			a.outputs[aws.ToString(o.OutputKey)] = aws.ToString(o.OutputValue)
		}
		return nil
	}
}

func last(text []byte, n int) []byte { return text[max(0, len(text)-n):] }
