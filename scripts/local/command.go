package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/keysmith/keysmith/scripts/internal/terminal"
	"github.com/keysmith/keysmith/scripts/local/demo"
	"github.com/keysmith/keysmith/scripts/local/stack"
	"github.com/keysmith/keysmith/scripts/local/story"
	"github.com/keysmith/keysmith/scripts/local/watch"
)

// common are the flags that both commands have.
type common struct {
	template, bootstrap string
	port                int
	events, log         bool
	screen              *terminal.Screen
}

func command(out *terminal.Screen) *cobra.Command {
	root := &cobra.Command{
		Use:           "local",
		Short:         "Run keysmith on this machine, against a fake AWS",
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return misuse("the command is missing: demo or watch")
		},
	}
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return misuse("%v", err) })
	root.AddCommand(demoCommand(out), watchCommand(out))
	return root
}

func demoCommand(out *terminal.Screen) *cobra.Command {
	f := common{screen: out}
	c := &cobra.Command{
		Use:   "demo",
		Short: "Show keysmith at work in a few scenes, and check each result",
		Long: `demo starts a fake AWS and the built function, and plays a few scenes: good and
bad policies, requests, late events. It fails if the result of a scene is not
the expected one.`,
		Example: `  make demo
  make demo ARGS=--events`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := f.stack(stack.Account, stack.Region)
			if err != nil {
				return err
			}
			return inUse(f.port, demo.Run(c.Context(), demo.Config{Stack: cfg, Screen: f.screen, Events: f.events, Log: f.functionLog()}))
		},
	}
	f.declare(c, 0)
	return c
}

// defaultPort is that of many local AWS tools, so that their users need not look
// it up.
const defaultPort = 4566

func watchCommand(out *terminal.Screen) *cobra.Command {
	f := common{screen: out}
	var s settings
	var createKeys bool
	c := &cobra.Command{
		Use:   "watch [folder]",
		Short: "Watch a folder: upload each policy in it and show the result",
		Long: `watch starts a fake AWS and the built function. It uploads each policy that is
new or different in the folder (local/ if none is named) to the policy bucket,
and shows the result. It also shows what others do through the AWS CLI: uploads,
deletions, requests, and policies that are put on a key directly.

The settings come from keysmith.yaml in the folder or in a folder above it. Flags
override it.`,
		Example: `  make local
  make local FOLDER=policies PORT=4567 ARGS='--mode plan --create-keys'`,
		Args: oneFolder,
		RunE: func(c *cobra.Command, args []string) error {
			folder := "local"
			if len(args) > 0 {
				folder = args[0]
			}
			return watchFolder(c.Context(), f, &s, folder, createKeys)
		},
	}
	f.declare(c, defaultPort)
	s.declare(c)
	c.Flags().BoolVar(&createKeys, "create-keys", false, "create the key of each file whose key does not exist")
	return c
}

func watchFolder(ctx context.Context, f common, s *settings, folder string, createKeys bool) error {
	if err := watch.Check(folder); err != nil {
		return err
	}
	if err := s.load(folder); err != nil {
		return err
	}
	cfg, err := f.stack(s.values.Account, s.values.Region)
	if err != nil {
		return err
	}
	s.apply(cfg.Parameters)
	cfg.Guardrails = s.values.Guardrails
	return inUse(f.port, watch.Run(ctx, watch.Config{
		Stack: cfg, Folder: folder, Screen: f.screen, RejectAt: s.values.RejectAt, Settings: s.inWords(),
		Show: s.values.Show, Exclude: s.exclude.Match,
		Events: f.events, CreateKeys: createKeys, Log: f.functionLog(),
	}))
}

func noArguments(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return misuse("demo takes no arguments, but there is %q", args[0])
	}
	return nil
}

func oneFolder(_ *cobra.Command, args []string) error {
	if len(args) > 1 {
		return misuse("watch takes one folder, but there is also %q", args[1])
	}
	return nil
}

func (f *common) declare(c *cobra.Command, port int) {
	flags := c.Flags()
	flags.StringVar(&f.template, "template", "template.yaml", "the `file` that declares what is run")
	flags.StringVar(&f.bootstrap, "bootstrap", "build/apply/bootstrap", "the `file` of the built function, as make build makes it")
	flags.IntVar(&f.port, "port", port, "the `port` of 127.0.0.1 on which the fake AWS listens; 0 takes any free one")
	flags.BoolVar(&f.events, "events", false, "show each result event as JSON, as it is on the result bus")
	flags.BoolVar(&f.log, "log", false, "show the function's log on standard error")
}

// stack says how to run the stack in an account and Region; the parameters are
// those of its story.
func (f *common) stack(account, region string) (stack.Config, error) {
	if _, err := os.Stat(f.bootstrap); err != nil {
		return stack.Config{}, fmt.Errorf("the function is not built, so run make build first: %w", err)
	}
	if f.port < 0 || f.port > 65535 {
		return stack.Config{}, misuse("--port %d is not a port: write a number from 0 to 65535", f.port)
	}
	return stack.Config{
		Template: f.template, Bootstrap: f.bootstrap, Address: "127.0.0.1:" + strconv.Itoa(f.port),
		Account: account, Region: region, Parameters: story.Parameters(account, region),
	}, nil
}

func (f *common) functionLog() io.Writer {
	if f.log {
		return os.Stderr
	}
	return nil
}

// inUse says what to do about a port that another program has.
func inUse(port int, err error) error {
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("port %d of 127.0.0.1 is in use, perhaps by another make local or by LocalStack. Take another one with --port (make local PORT=%d)", port, port+1)
	}
	return err
}
