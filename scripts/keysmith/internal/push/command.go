// Package push is the command that uploads the policies of a working tree to the
// policy bucket, and follows what becomes of them.
//
// The bucket says all that there is to know: what was uploaded, and, in its status
// objects, its outcome. The command keeps no state of its own, so it can be
// stopped or killed at any point and run again.
package push

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/keysmith/keysmith/scripts/internal/repoconfig"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/cli"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/desired"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/policybucket"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/progress"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/subject"
	"github.com/keysmith/keysmith/shared/status"
)

// options are what the flags say.
type options struct {
	again, wait, plan bool
	waves             waves
	run               string
	commit            string
	planned           string // a report of keysmith plan
	timeout           time.Duration
}

// pusher is one call of keysmith push.
type pusher struct {
	options
	env    cli.Env
	flags  repoconfig.Set
	reader desired.Reader
	format *cli.Choice

	bucket   *policybucket.Bucket
	statuses status.Store
	pulls    pulls
	bar      *progress.Bar
	items    []*item // in the order in which they are uploaded
}

// Command declares keysmith push.
func Command(env cli.Env) *cobra.Command {
	p := &pusher{env: env, format: cli.NewChoice("text", "json")}
	c := &cobra.Command{
		Use:   "push [path…] --bucket name",
		Short: "Upload policies to the policy bucket, and wait for their outcomes",
		Long: `push uploads each policy that differs from its object in the bucket (layout does not
count). It also uploads policies that the bucket already has if their status is final and
not Applied. Without a path, it pushes the folder policies beside keysmith.yaml.

Each object records its commit and the policy that it replaces: the last one that keysmith
applied, or else the one that pull recorded. If the key has changed since then, the
function rejects the upload.

--wait waits for the final outcome of each upload. --waves 1,10%,100% uploads to a part of
the keys first, starts each wave after the one before is verified, and stops at the first
wave that is not. To continue, run the same command again: it skips what is applied.
--plan uploads to plans/ instead, where keysmith plans policies and applies none.

Exit codes: 0 all applied (without --wait: all uploaded); 1 an upload was rejected, failed,
was superseded by a newer one, timed out or was interrupted; 2 usage error, or something
could not be read or uploaded.`,
		Example: `  keysmith push --bucket keysmith-policies --wait
  keysmith push policies/ --bucket keysmith-policies --waves 1,10%,100%
  keysmith push --bucket keysmith-policies --plan --run 1234 --wait
  keysmith push policies/1234abcd-12ab-34cd-56ef-1234567890ab.json --bucket keysmith-policies --again --wait`,
		RunE: func(c *cobra.Command, args []string) error { return p.command(c.Context(), args) },
	}
	f := c.Flags()
	p.flags = cli.Settings(f, append([]string{"bucket"}, desired.Settings...)...)
	p.reader.Walk = subject.Walk{Env: env, Flags: p.flags, Key: subject.Flags(f)}
	f.BoolVar(&p.again, "again", false, "upload the files even if nothing differs, for example after a hold")
	f.BoolVar(&p.wait, "wait", false, "follow each upload to its final outcome")
	f.DurationVar(&p.timeout, "timeout", 20*time.Minute, "how long to wait for the outcomes, or for those of one wave")
	f.Var(&p.waves, "waves", "upload in parts, each after the one before is verified: `counts or percentages`, such as 1,10%,100%")
	f.BoolVar(&p.plan, "plan", false, "upload to plans/, so that the policies are planned and not applied")
	f.StringVar(&p.run, "run", "", "`name` of what is planned, such as the number of a pull request (with --plan)")
	f.StringVar(&p.commit, "commit", "", "`commit` to record (default: from Git)")
	f.StringVar(&p.planned, "planned", "", "`file` with the report of plan --format json: refuse files that have changed since")
	p.format.Register(c, "format", "format of the report")
	return c
}

var (
	runName    = regexp.MustCompile(`^[A-Za-z0-9-]{1,64}$`)
	commitName = regexp.MustCompile(`^[A-Za-z0-9._/-]{1,128}$`)
)

// check refuses flags that do not go together.
func (o *options) check() error {
	switch {
	case o.run != "" && !o.plan:
		return cli.Misuse("--run is for --plan: what is applied belongs to no run")
	case o.run != "" && !runName.MatchString(o.run):
		return cli.Misuse("--run: %q; want 1 to 64 letters, digits and hyphens, such as the number of a pull request", o.run)
	case o.plan && len(o.waves) > 0:
		return cli.Misuse("--waves is for what is applied, and --plan applies nothing")
	case o.commit != "" && !commitName.MatchString(o.commit):
		return cli.Misuse("--commit: %q; want the name of a commit", o.commit)
	case o.timeout <= 0:
		return cli.Misuse("--timeout must be longer than nothing, such as 20m")
	}
	o.wait = o.wait || len(o.waves) > 0
	return nil
}

func (p *pusher) command(ctx context.Context, args []string) error {
	if err := p.check(); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := p.open(ctx, args); err != nil {
		return err
	}
	if err := p.compare(ctx); err != nil {
		return p.bucket.Explain(err)
	}
	p.commits()
	runErr := p.send(ctx)
	r := p.report(ctx.Err() != nil)
	if err := p.write(r); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	if runErr != nil {
		return runErr
	}
	return p.code(r)
}

// open reads the files and opens the bucket. Nothing is uploaded unless all files
// are in order.
func (p *pusher) open(ctx context.Context, args []string) error {
	paths, err := desired.Paths(args)
	if err != nil {
		return err
	}
	policies := p.reader.Read(paths)
	if err := p.acceptable(policies); err != nil {
		return err
	}
	settings := policies[0].Settings()
	p.bucket, err = policybucket.Open(ctx, settings.Bucket, settings.Account, settings.Region)
	if err != nil {
		return err
	}
	p.statuses = status.Store{Bucket: p.bucket.Bucket}
	for _, d := range policies {
		p.items = append(p.items, newItem(d, &p.options))
	}
	return nil
}

// acceptable says what keeps the files from being uploaded at all.
func (p *pusher) acceptable(policies []*desired.Policy) error {
	var faults []error
	for _, d := range policies {
		switch {
		case d.Twice() != nil:
			faults = append(faults, d.Twice())
		case d.Refused() != nil:
			faults = append(faults, d.Refused())
		case d.Parsed.Opaque():
			faults = append(faults, fmt.Errorf("%s is not a policy that can be checked: keysmith lint says why", d.Path))
		}
	}
	if err := p.changedSince(policies); err != nil {
		faults = append(faults, err)
	}
	switch {
	case len(faults) > 0:
		return errors.Join(append(unique(faults), errors.New("nothing was uploaded"))...)
	case p.reader.Troubled():
		return errors.New("something could not be read, so nothing was uploaded")
	case len(policies) == 0:
		return errors.New("there is no policy to push: every file is excluded or is not the policy of a key")
	}
	return nil
}

func unique(faults []error) []error {
	seen := map[string]bool{}
	var list []error
	for _, f := range faults {
		if !seen[f.Error()] {
			list = append(list, f)
		}
		seen[f.Error()] = true
	}
	return list
}
