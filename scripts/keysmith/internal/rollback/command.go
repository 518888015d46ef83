// Package rollback is the command that puts an earlier policy of a key back.
//
// It goes the way of every other change: the policy is checked as the function
// would check it today, and uploaded to the bucket. keysmith then puts it, verifies
// it and keeps what it replaces in the history.
package rollback

import (
	"context"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/keysmith/keysmith/scripts/internal/repoconfig"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/cli"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/desired"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/history"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/subject"
	"github.com/keysmith/keysmith/shared/status"
)

// options are what a person asks for.
type options struct {
	to      string
	wait    bool
	timeout time.Duration
	flags   repoconfig.Set
}

// Command declares keysmith rollback.
func Command(env cli.Env) *cobra.Command {
	var o options
	c := &cobra.Command{
		Use:   "rollback key",
		Short: "Put back an earlier policy of a key",
		Long: `rollback uploads an earlier policy of a key to the policy bucket. keysmith then applies it
like any upload. A key is a key id, a key ARN, alias/NAME, or a file under policies/.

Before the upload, rollback checks that the policy would be accepted today, by the rules
and guardrails that are set, that the key would stay manageable, and that the roles and
users in the policy still exist (iam:GetRole, iam:GetUser; "unknown" where IAM cannot be
asked). If not, it uploads nothing.

--to takes the number of an entry of keysmith history, or the beginning of its name. The
default is the policy that was in force before the present one. If you run the command
again, it does not upload the policy a second time.

Exit codes: 0 uploaded (with --wait: applied); 1 the policy would be refused, or was not
applied; 2 usage error, or something could not be read or uploaded.`,
		Example: `  keysmith rollback 1234abcd-12ab-34cd-56ef-1234567890ab --bucket keysmith-policies --wait
  keysmith rollback alias/orders --to 3
  keysmith rollback alias/orders --to 20261127T081500`,
		Args: cli.Exactly(1, "one key: its id, its ARN, alias/NAME or its file"),
	}
	f := c.Flags()
	f.StringVar(&o.to, "to", "", "`entry` of the history to put back (default: the newest)")
	f.BoolVar(&o.wait, "wait", false, "follow the upload to its final outcome")
	f.DurationVar(&o.timeout, "timeout", 20*time.Minute, "how long to wait for the outcome")
	o.flags = cli.Settings(f, append([]string{"bucket", "show"}, desired.Settings...)...)
	c.RunE = func(c *cobra.Command, args []string) error {
		if o.timeout <= 0 {
			return cli.Misuse("--timeout: %s; want a duration above 0", o.timeout)
		}
		ctx, stop := signal.NotifyContext(c.Context(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		return o.run(ctx, env, args[0])
	}
	return c
}

// rollback is one call of the command.
type rollback struct {
	*options
	env      cli.Env
	key      *history.Key
	judge    *desired.Judge
	statuses status.Store
}

func (o *options) run(ctx context.Context, env cli.Env, ref string) error {
	scope, err := subject.ScopeOf(".", o.flags)
	if err != nil {
		return err
	}
	r := &rollback{options: o, env: env}
	if r.judge, err = desired.NewJudge(env, scope.Settings); err != nil {
		return err
	}
	if r.key, err = history.Open(ctx, ref, scope.Settings); err != nil {
		return err
	}
	r.statuses = status.Store{Bucket: r.key.Bucket.Bucket}
	names, err := r.key.Names(ctx)
	if err != nil {
		return err
	}
	return r.back(ctx, names)
}

// chosen is the entry that --to names, counted from 1. A name is preferred to a
// number, of which the entry changes whenever a policy is replaced.
func (o *options) chosen(names []string) (int, error) {
	if len(names) == 0 {
		return 0, cli.Misuse("the key has no history: keysmith has replaced no policy of it")
	}
	if o.to == "" {
		return 1, nil
	}
	const shortestName = 8 // of a time: its day
	if len(o.to) >= shortestName {
		return byName(names, o.to)
	}
	return byNumber(names, o.to)
}

func byName(names []string, to string) (int, error) {
	found := 0
	for i, name := range names {
		if name != to && !strings.HasPrefix(name[strings.LastIndex(name, "/")+1:], to) {
			continue
		}
		if found != 0 {
			return 0, cli.Misuse("--to %s: several entries begin with it. Write more of the name", to)
		}
		found = i + 1
	}
	if found == 0 {
		return 0, cli.Misuse("--to %s: no entry begins with it.  `keysmith history` lists them", to)
	}
	return found, nil
}
