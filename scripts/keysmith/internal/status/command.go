// Package status is the command that shows the state of every key: what the status
// objects of the policy bucket say, beside holds, deleted objects and keys without
// one.
//
// It asks the bucket alone. Read permission for the bucket shows the whole fleet,
// without a permission for any key.
package status

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/keysmith/keysmith/scripts/internal/repoconfig"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/cli"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/desired"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/policybucket"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/status/page"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/subject"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/wholefile"
	statusobject "github.com/keysmith/keysmith/shared/status"
)

// reporter is one call of keysmith status.
type reporter struct {
	env    cli.Env
	flags  repoconfig.Set
	format *cli.Choice
	colour func() bool
	html   string
	all    bool

	bucket   *policybucket.Bucket
	statuses statusobject.Store
	settings repoconfig.Settings
}

// Command declares keysmith status.
func Command(env cli.Env) *cobra.Command {
	r := &reporter{env: env, format: cli.NewChoice("text", "json")}
	c := &cobra.Command{
		Use:   "status --bucket name",
		Short: "Show the state of every key, worst first",
		Long: `status shows every key and its state, the worst first. It reads the status objects of the
policy bucket, so it shows what keysmith last saw. The last line shows when the last sweep
ended.

  contested   others keep changing the key; keysmith has stopped repairing it
  drifted     the policy in force is not the one that was last applied
  unreadable  keysmith may not read or change the key, or its status cannot be read
  failed      AWS refused the policy, or keysmith could not verify it
  rejected    the policy is not acceptable, so keysmith changed nothing
  held        a hold keeps keysmith from changing the key
  removed     the object was deleted; the policy in force stays
  unmanaged   a key that keysmith may change and that has no object
  pending     the newest upload has no outcome yet, or was only planned
  in sync     the policy in force is the desired one

--html writes one page that needs no network. It shows the findings, what each principal
may do, and who may do what to each key, by the policies in the bucket.

Exit codes: 0 all keys are in sync; 1 some are not; 2 usage error, or something could not
be read.`,
		Example: `  keysmith status --bucket keysmith-policies
  keysmith status --bucket keysmith-policies --format json
  keysmith status --bucket keysmith-policies --html fleet.html`,
		Args: cli.None("status"),
		RunE: func(c *cobra.Command, _ []string) error { return r.run(c.Context()) },
	}
	f := c.Flags()
	r.flags = cli.Settings(f, append([]string{"bucket"}, desired.Settings...)...)
	f.StringVar(&r.html, "html", "", "write a page to this `file`")
	f.BoolVar(&r.all, "all", false, "list the keys that are in sync as well")
	r.format.Register(c, "format", "format of the report")
	r.colour = cli.Colour(c, env)
	return c
}

func (r *reporter) run(ctx context.Context) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := r.open(ctx); err != nil {
		return err
	}
	fleet, err := r.gather(ctx)
	if err != nil {
		return r.bucket.Explain(err)
	}
	if r.html != "" {
		if err := r.writePage(fleet); err != nil {
			return fmt.Errorf("writing the page: %w", err)
		}
	}
	if r.format.Value == "json" {
		err = cli.WriteJSON(r.env.Out, fleet)
	} else {
		err = r.text(fleet)
	}
	switch {
	case err != nil:
		return fmt.Errorf("writing the report: %w", err)
	case fleet.Summary[InSync] < len(fleet.Keys):
		return cli.Exit(cli.Refused)
	}
	return nil
}

func (r *reporter) open(ctx context.Context) error {
	scope, err := subject.ScopeOf(".", r.flags)
	if err != nil {
		return err
	}
	r.settings = scope.Settings
	r.bucket, err = policybucket.Open(ctx, r.settings.Bucket, r.settings.Account, r.settings.Region)
	if err != nil {
		return err
	}
	r.statuses = statusobject.Store{Bucket: r.bucket.Bucket}
	return nil
}

// writePage replaces the file as a whole: one that exists is never half a page.
func (r *reporter) writePage(fleet *Fleet) error {
	text, err := page.Render(r.pageData(fleet))
	if err != nil {
		return err
	}
	if err := wholefile.Write(r.html, text); err != nil {
		return err
	}
	r.env.Say("wrote %s", r.html)
	return nil
}
