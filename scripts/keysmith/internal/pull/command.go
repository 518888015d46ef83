package pull

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/keysmith/keysmith/scripts/internal/repoconfig"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/awsaccount"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/cli"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/pace"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/subject"
)

// settings are the flags that keysmith.yaml knows as well: pull judges what it
// has read as lint would.
var settings = []string{
	"account", "region", "partition", "own-org", "trusted-accounts", "trusted-orgs", "break-glass", "writer", "require-account-root",
	"reject-at", "accept-findings", "protected-keys", "target-accounts", "target-org", "target-regions", "guardrails",
}

// options are what a person asks for.
type options struct {
	dir       string
	accounts  []string
	regions   []string
	reads     float64
	elsewhere *awsaccount.Elsewhere
	flags     repoconfig.Set
}

// Command declares keysmith pull.
func Command(env cli.Env) *cobra.Command {
	var o options
	c := &cobra.Command{
		Use:   "pull --dir folder",
		Short: "Write the key policies in force to a working tree",
		Long: `pull writes the policy of every customer-managed key of the accounts and Regions to
DIR/policies. It changes only the layout. It reads keys of the caller's own account with
the caller's AWS credentials, and keys of other accounts through --role, which needs
kms:ListKeys, kms:ListAliases, kms:DescribeKey and kms:GetKeyPolicy.

A file is called <label>.<key-id>.json. The label is the key's first alias. Keys of the
account and Region of keysmith.yaml (by default, of the caller) are in policies/, others
in policies/<account>/<region>/. A multi-Region set whose keys all have the same policy is
one file in multi-region/.

DIR/pull.json lists each key with the digest of its policy, and what pull skipped and why.
pull does not touch a file that already holds the policy in force, and it does not
overwrite a file that you changed: it lists it. After an interruption, run pull again: it
continues where it stopped.

Exit codes: 0 every policy is in the tree; 1 a policy could not be read, or its file was
changed here; 2 usage error, or pull could not finish.`,
		Example: `  keysmith pull --dir .
  keysmith pull --dir keys --accounts 111122223333,444455556666 --regions eu-west-1,us-east-1
  keysmith pull --dir . --accounts 444455556666 --role security-audit --external-id sesame`,
		Args: cli.None("pull"),
	}
	f := c.Flags()
	f.StringVar(&o.dir, "dir", "", "`folder` that holds policies/ and keysmith.yaml")
	f.StringSliceVar(&o.accounts, "accounts", nil, "`ids` of the accounts (default: the caller's own)")
	f.StringSliceVar(&o.regions, "regions", nil, "`Regions` (default: the caller's own)")
	f.Float64Var(&o.reads, "reads-per-second", pace.DefaultReads, "`number` of key policies to read a second in each account and Region; KMS's default quota is 1000")
	o.elsewhere = awsaccount.Flags(f)
	o.flags = cli.Settings(f, settings...)
	c.RunE = func(c *cobra.Command, _ []string) error { return o.run(c.Context(), env) }
	return c
}

func (o *options) run(ctx context.Context, env cli.Env) error {
	if err := o.check(); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	scope, err := o.scope()
	if err != nil {
		return err
	}
	accounts, err := awsaccount.Open(ctx, scope.Settings.Region, *o.elsewhere)
	if err != nil {
		return err
	}
	if len(o.accounts) == 0 {
		o.accounts = []string{accounts.Own}
	}
	if len(o.regions) == 0 {
		o.regions = []string{accounts.Region}
	}
	p := &puller{
		env: env, accounts: accounts, options: o,
		home:  home{cmp.Or(scope.Settings.Account, accounts.Own), accounts.Region},
		paces: pace.Paces{Reads: o.reads, Throttled: awsaccount.Throttled},
	}
	s := scope.Settings
	p.accountSet = s.Account != ""
	s.Account, s.Region = p.home.account, p.home.region
	if p.judge, err = newJudge(env, s); err != nil {
		return err
	}
	return p.run(ctx)
}

func (o *options) check() error {
	if o.dir == "" {
		return cli.Misuse("name the folder: --dir . for this one")
	}
	if o.reads <= 0 {
		return cli.Misuse("--reads-per-second: %v; want a number above 0", o.reads)
	}
	for name, list := range map[string]*[]string{"account": &o.accounts, "region": &o.regions} {
		d, _ := repoconfig.Lookup(name)
		slices.Sort(*list)
		*list = slices.Compact(*list)
		for _, v := range *list {
			if err := d.Check(v); err != nil {
				return cli.Misuse("--%ss: %v", name, err)
			}
		}
	}
	return nil
}

// asks reports whether the keys of an account and Region are to be read.
func (o *options) asks(account, region string) bool {
	return slices.Contains(o.accounts, account) && slices.Contains(o.regions, region)
}

// scope is what is set for the folder, which may not exist yet.
func (o *options) scope() (subject.Scope, error) {
	if err := os.MkdirAll(o.dir, 0o755); err != nil { //nolint:gosec // a folder of a repository, as Git makes it
		return subject.Scope{}, fmt.Errorf("making the folder of the tree: %w", err)
	}
	return subject.ScopeOf(o.dir, o.flags)
}
