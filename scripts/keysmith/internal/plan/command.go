// Package plan is the command that compares the policies of a working tree with
// what is in force.
//
// It asks KMS itself, so it sees what the functions would find, and what somebody
// changed by hand. It changes nothing.
package plan

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/keysmith/keysmith/scripts/keysmith/internal/cli"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/desired"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/subject"
)

// changed is the exit code for changes, as in terraform plan -detailed-exitcode.
const changed = 2

// planner is one call of keysmith plan.
type planner struct {
	env     cli.Env
	reader  desired.Reader
	format  *cli.Choice
	lastUse *cli.Choice
	colour  func() bool
	clients clients
	fatal   atomic.Pointer[error] // what keeps all keys from being read, such as expired credentials
}

// Command declares keysmith plan.
func Command(env cli.Env) *cobra.Command {
	p := &planner{env: env, format: cli.NewChoice("text", "json", "markdown"), lastUse: cli.NewChoice("on", "off")}
	c := &cobra.Command{
		Use:   "plan [path…]",
		Short: "Compare policies with those in force, and show who gains and loses access",
		Long: `plan reads the policy in force of each key (kms:GetKeyPolicy) and compares it with the
file. It shows findings, changes, who gains and who loses access, and whether no new
access is proven. For keys with lost access it also shows when they were last used
(kms:GetKeyLastUsage, at most 4 calls a second). The worst come first. plan changes
nothing.

A path is a file or folder under policies/. Without a path, plan reads the folder policies
beside keysmith.yaml. --format markdown writes one comment for a pull request. Its first
line is hidden, so that a later run can find and update the comment.

Exit codes: 0 no change; 2 changes; 1 a policy would be refused, something could not be
read, or usage error (1 takes precedence over 2).`,
		Example: `  keysmith plan
  keysmith plan policies/ --role keysmith-target-plan
  keysmith plan policies/orders.1234abcd-12ab-34cd-56ef-1234567890ab.json --format json
  keysmith plan --format markdown --last-usage=off > comment.md`,
		RunE: func(c *cobra.Command, args []string) error { return p.run(c.Context(), args) },
	}
	cli.TroubleIsOne(c)
	f := c.Flags()
	p.reader.Walk = subject.Walk{Env: env, Flags: cli.Settings(f, desired.Settings...), Key: subject.Flags(f)}
	p.lastUse.Register(c, "last-usage", "whether to ask when keys were last used")
	p.format.Register(c, "format", "format of the report")
	p.colour = cli.Colour(c, env)
	p.clients.declare(f)
	return c
}

func (p *planner) run(ctx context.Context, args []string) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	paths, err := desired.Paths(args)
	if err != nil {
		return err
	}
	policies := p.reader.Read(paths)
	if len(policies) == 0 && !p.reader.Troubled() {
		return errors.New("there is no policy to plan: every file is excluded or is not the policy of a key")
	}
	if err := p.clients.open(ctx, policies); err != nil {
		return err
	}
	entries := p.compare(ctx, policies)
	if err := p.fatal.Load(); err != nil {
		return *err
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("planning was interrupted: %w", err)
	}
	r := newReport(entries, p.reader.Walk.Env.Now)
	if err := p.write(r); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	if p.reader.Troubled() || r.Summary.Refused+r.Summary.Unreadable > 0 {
		return cli.Exit(cli.Refused)
	}
	if r.Summary.Changed > 0 {
		return cli.Exit(changed)
	}
	return nil
}

func (p *planner) write(r report) error {
	switch p.format.Value {
	case "json":
		return cli.WriteJSON(p.env.Out, r)
	case "markdown":
		_, err := p.env.Out.Write(markdown(r))
		return err
	}
	return p.text(r)
}
