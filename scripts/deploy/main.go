// Command deploy makes or changes the stack of template.yaml with the SAM CLI, and
// sends a request for every policy in the bucket.
//
// It exists because a deployment that succeeds can still leave a function that
// does not start, and a stack that has missed uploads: it checks the parameters
// with the built function before anything is deployed, invokes the function once
// afterwards, and ends with a request for every object.
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"golang.org/x/term"

	"github.com/keysmith/keysmith/scripts/internal/awslogin"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "deploy:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	cfg, err := awslogin.Load(ctx)
	if err != nil {
		return err
	}
	d := newDeployment(cfg, os.Stdout)
	switch {
	case len(args) == 0:
		return d.deploy(ctx)
	case len(args) == 1 && args[0] == "resend":
		return d.resendOnly(ctx)
	}
	return fmt.Errorf("%q: want nothing, or resend", args)
}

// A deployment is one run of this program.
type deployment struct {
	stack      string
	arch       string
	parameters string // as the user wrote them
	tags       string
	sam        string
	approved   bool // the change set may be applied without being seen here
	terminal   bool
	in         *bufio.Reader
	out        io.Writer
	region     string
	template   string
	build      string // folder of the functions, built for this machine
	built      string // folder that SAM builds in

	identity *sts.Client
	stacks   *cloudformation.Client
	function *lambda.Client
	bucket   *s3.Client
	queue    *sqs.Client
	// execute runs a program of this machine; tests replace it.
	execute func(ctx context.Context, env []string, name string, args ...string) error
}

func newDeployment(cfg aws.Config, out io.Writer) *deployment {
	return &deployment{
		stack: fallback(os.Getenv("STACK"), "keysmith"), arch: fallback(os.Getenv("ARCH"), "arm64"),
		parameters: os.Getenv("PARAMETERS"), tags: os.Getenv("TAGS"), sam: fallback(os.Getenv("SAM"), "sam"),
		approved: os.Getenv("APPROVED") == "yes", terminal: isTerminal(os.Stdin),
		in: bufio.NewReader(os.Stdin), out: out, region: cfg.Region,
		template: "template.yaml", build: "build", built: filepath.Join(".aws-sam", fallback(os.Getenv("BUILD_DIR"), "deploy"), "build"),
		identity: sts.NewFromConfig(cfg), stacks: cloudformation.NewFromConfig(cfg), function: lambda.NewFromConfig(cfg),
		bucket: s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = o.BaseEndpoint != nil }), queue: sqs.NewFromConfig(cfg),
		execute: execute,
	}
}

// isTerminal reports whether somebody sits there. /dev/null, which pipelines have
// as their input, is a character device as well, and nobody sits there.
func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) } //nolint:gosec // a file descriptor fits

func fallback(s, unset string) string {
	if s == "" {
		return unset
	}
	return s
}

func execute(ctx context.Context, env []string, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	if env != nil {
		cmd.Env = env
	}
	return cmd.Run()
}

func (d *deployment) say(format string, args ...any) { fmt.Fprintf(d.out, format+"\n", args...) }

// deploy goes the whole way.
func (d *deployment) deploy(ctx context.Context) error {
	account, err := d.whoami(ctx)
	if err != nil {
		return err
	}
	was, err := d.current(ctx)
	if err != nil {
		return err
	}
	given, err := words(d.parameters)
	if err != nil {
		return fmt.Errorf("reading PARAMETERS: %w", err)
	}
	given["Architecture"] = d.arch
	if was == nil && d.terminal {
		if err := d.askAll(given); err != nil {
			return err
		}
	}
	// For this machine, to check the parameters with. It takes a while, so the login comes first.
	if err := d.execute(ctx, nil, "make", "--no-print-directory", "build-apply", "build-plan", "build-sweep"); err != nil {
		return fmt.Errorf("building the functions: %w", err)
	}
	if err := d.check(ctx, account, was, given); err != nil {
		return err
	}
	d.warnOfPaused(was, given)
	if done, err := d.runSAM(ctx, given); err != nil || !done {
		return err
	}
	return d.afterwards(ctx)
}

// warnOfPaused says in which order a paused stack begins to apply.
func (d *deployment) warnOfPaused(was *stack, given map[string]string) {
	if was != nil && was.parameters["Mode"] == "paused" && given["Mode"] == "apply" {
		d.say("Mode changes from paused to apply. The deployment enables the queues before the role may put policies, and a message that was\n"+
			"first received more than 15 minutes ago is then reported as failed. Run make stop STACK=%[1]s before you apply the change set,\n"+
			"and make resume STACK=%[1]s after it.", d.stack)
	}
}

// runSAM builds and deploys. done is false where only a change set was made.
func (d *deployment) runSAM(ctx context.Context, given map[string]string) (done bool, err error) {
	overrides := append([]string{"--parameter-overrides"}, samWords(given)...)
	env := append(os.Environ(), "ARCH="+d.arch)
	// In a folder of its own, beside which SAM keeps build.toml: make test-sam may be at
	// work in .aws-sam/build.
	if err := d.execute(ctx, env, d.sam, append([]string{"build", "--build-dir", d.built}, overrides...)...); err != nil {
		return false, fmt.Errorf("sam build: %w", err)
	}
	args := []string{"deploy", "--template-file", filepath.Join(d.built, "template.yaml"), "--stack-name", d.stack, "--resolve-s3", "--capabilities", "CAPABILITY_NAMED_IAM", "--no-fail-on-empty-changeset"}
	switch {
	case d.terminal:
		args = append(args, "--confirm-changeset")
	case d.approved:
		args = append(args, "--no-confirm-changeset")
	default: // nobody sees it, so nobody has agreed to it
		args = append(args, "--no-execute-changeset")
	}
	if d.tags != "" {
		args = append(append(args, "--tags"), strings.Fields(d.tags)...)
	}
	if err := d.execute(ctx, env, d.sam, append(args, overrides...)...); err != nil {
		return false, fmt.Errorf("sam deploy: %w", err)
	}
	if !d.terminal && !d.approved {
		d.say("There is no terminal to confirm on, so the change set above is created and not applied. Review it and execute it\n" +
			"(aws cloudformation execute-change-set), then run make resend. Or run this again with APPROVED=yes.")
		return false, nil
	}
	return true, nil
}

// afterwards proves that the function starts, and sends for what was missed.
func (d *deployment) afterwards(ctx context.Context) error {
	now, err := d.current(ctx)
	if err != nil {
		return err
	}
	if now == nil {
		return errors.New("the stack does not exist: the change set was not applied")
	}
	if err := d.tryOut(ctx, now); err != nil {
		return err
	}
	return d.resend(ctx, now)
}

func (d *deployment) resendOnly(ctx context.Context) error {
	if _, err := d.whoami(ctx); err != nil {
		return err
	}
	now, err := d.current(ctx)
	if err != nil {
		return err
	}
	if now == nil {
		return fmt.Errorf("there is no stack %s in %s; name it with STACK", d.stack, d.region)
	}
	return d.resend(ctx, now)
}
