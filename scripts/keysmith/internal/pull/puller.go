package pull

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/keysmith/keysmith/scripts/keysmith/internal/awsaccount"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/cli"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/pace"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/progress"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/pullfile"
	"github.com/keysmith/keysmith/shared/objectkey"
)

// puller is one call of keysmith pull.
type puller struct {
	env      cli.Env
	options  *options
	accounts *awsaccount.Accounts
	paces    pace.Paces
	home     home
	judge    *judge

	accountSet bool // the settings name the account

	book  *book
	files files
	sets  *sets
	bar   *progress.Bar

	mu     sync.Mutex
	there  map[string]bool    // ARNs that KMS lists
	part   map[[2]string]bool // accounts and Regions whose keys are not all known
	said   map[string]bool
	warned []string
}

func (p *puller) run(ctx context.Context) error {
	var err error
	p.book, err = openBook(p.options.dir, pullfile.Record{
		Started: time.Now().UTC().Truncate(time.Second), Caller: p.accounts.Caller, Account: p.home.account, Region: p.home.region,
	}, p.options.asks)
	if err != nil {
		return err
	}
	if p.files, err = scan(p.options.dir); err != nil {
		return fmt.Errorf("reading the tree: %w", err)
	}
	p.there, p.part, p.said = map[string]bool{}, map[[2]string]bool{}, map[string]bool{}
	p.sets = &sets{p: p, open: map[string][]found{}}
	p.bar = progress.Start(p.env.Err, "reading keys", 0)
	err = p.lanes(ctx)
	if err == nil {
		err = p.sets.rest()
	}
	p.bar.Done()
	if err == nil {
		p.unlisted()
	}
	if saveErr := p.book.close(err == nil); err == nil {
		err = saveErr
	}
	if err != nil {
		return p.stopped(err)
	}
	return p.summary(ctx)
}

// lanes reads all accounts and Regions side by side. It ends early where none of
// them can be read any more.
func (p *puller) lanes(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	for _, account := range p.options.accounts {
		for _, region := range p.options.regions {
			l := &lane{puller: p, account: account, region: region, aliases: map[string]string{}}
			wg.Go(func() {
				l.keys = p.accounts.KMS(account, region)
				if err := l.run(ctx); err != nil {
					cancel(err)
				}
			})
		}
	}
	wg.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

// stopped says that what was read is kept.
func (p *puller) stopped(err error) error {
	p.say()
	var t *awsaccount.Trouble
	if errors.Is(err, context.Canceled) || errors.As(err, &t) && t.Cause == awsaccount.Stopped {
		return fmt.Errorf("stopped after %d keys. Run the command again: it continues where it stopped", len(p.book.keys))
	}
	return err
}

// seen records that KMS lists a key.
func (p *puller) seen(arn string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.there[arn] = true
}

// incomplete records that not all keys of an account and Region are known.
func (p *puller) incomplete(account, region string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.part[[2]string{account, region}] = true
}

// warn collects what is said once, after the work.
func (p *puller) warn(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if text := fmt.Sprintf(format, args...); !p.said[text] {
		p.said[text] = true
		p.warned = append(p.warned, text)
	}
}

func (p *puller) say() {
	slices.Sort(p.warned)
	for _, text := range p.warned {
		p.env.Say("warning: %s", text)
	}
	p.warned = nil
}

// unlisted keeps what the pull before knew of keys that this one did not read, and
// lists those that KMS does not have any more.
func (p *puller) unlisted() {
	managed := map[string]bool{}
	for _, s := range p.book.record.Skipped {
		managed[s.ARN] = s.Reason == pullfile.AWSManaged
	}
	for arn, k := range p.book.before {
		at, ok := objectkey.ParseARN(arn)
		if _, done := p.book.keys[arn]; done || !ok || managed[arn] {
			continue
		}
		p.book.add(k, func(*counts) {})
		if p.options.asks(at.Account, at.Region) && !p.there[arn] && !p.part[[2]string{at.Account, at.Region}] {
			p.book.skip(pullfile.Skipped{
				Account: at.Account, Region: at.Region, ARN: arn, Reason: pullfile.Unlisted,
				Message: "KMS does not list this key any more. Delete " + k.File + " if that is meant",
			})
		}
	}
}
