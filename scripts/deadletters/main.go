// Command deadletters shows what lies in a dead-letter queue, and why, and
// sends it back. README.md has the words for operators.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/keysmith/keysmith/scripts/internal/awslogin"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "deadletters:", err)
		os.Exit(1)
	}
}

const usage = `usage: deadletters list    -dead URL [-source ARN,...] [-logs GROUP]
       deadletters redrive -dead URL [-source ARN,...] [-queue URL] -all | MESSAGE-ID ...
`

// options are what the command line says.
type options struct {
	dead, queue, logs string
	sources           []string
	wait              int
	all               bool
	ids               []string
}

func run(ctx context.Context, args []string, out io.Writer) error {
	if len(args) == 0 || args[0] != "list" && args[0] != "redrive" {
		fmt.Fprint(out, usage)
		return flag.ErrHelp
	}
	o, err := parse(args[0], args[1:], out)
	if err != nil {
		return err
	}
	cfg, err := awslogin.Load(ctx)
	if err != nil {
		return err
	}
	box := &box{api: sqs.NewFromConfig(cfg), url: o.dead, wait: int32(o.wait), sources: o.sources} //nolint:gosec // from 0 to 20
	if err := box.find(ctx); err != nil {
		return err
	}
	if args[0] == "list" {
		return list(ctx, box, o, out)
	}
	return redrive(ctx, box, o, out)
}

func parse(command string, args []string, out io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet(command, flag.ContinueOnError)
	flags.SetOutput(out)
	flags.Usage = func() { fmt.Fprint(out, usage); flags.PrintDefaults() }
	flags.StringVar(&o.dead, "dead", "", "URL of the dead-letter queue: output ApplyDeadLetterQueueUrl or RuleDeadLetterQueueUrl of the stack")
	flags.StringVar(&o.queue, "queue", "", "URL of the queue to send to: output ApplyQueueUrl; needed where SQS itself does not know it")
	flags.Func("source", "ARNs, with commas between them, that messages may come from: output ApplyQueueArn, RuleArns or ApplyFunctionArn; needed where several queues redrive here", func(list string) error {
		o.sources = strings.Split(list, ",")
		return nil
	})
	flags.StringVar(&o.logs, "logs", "", "log group of the function, output ApplyLogGroup, for the commands that show the reasons")
	flags.IntVar(&o.wait, "wait", 1, "seconds, 0 to 20, that SQS may look for messages before it says that there are no more")
	flags.BoolVar(&o.all, "all", false, "send all messages back")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	o.ids = flags.Args()
	switch {
	case o.dead == "":
		return o, errors.New("name the dead-letter queue with -dead")
	case o.wait < 0 || o.wait > 20:
		return o, fmt.Errorf("-wait %d: want seconds from 0 to 20", o.wait)
	case command == "list" && len(o.ids) > 0:
		return o, fmt.Errorf("list takes no arguments, but there is %q", o.ids[0])
	case command == "redrive" && o.all == (len(o.ids) > 0):
		return o, errors.New("name the messages to send back by their ids, or set -all")
	}
	return o, nil
}
