package pull

import (
	"context"
	"maps"
	"runtime"
	"slices"
	"sync"

	"github.com/keysmith/keysmith/scripts/internal/repoconfig"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/cli"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/desired"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/progress"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/pullfile"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/subject"
	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/objectkey"
)

// judge says what the function would refuse today.
type judge struct {
	*desired.Judge
	env cli.Env

	mu       sync.Mutex
	policies int
	refused  int
	rules    map[string]int // policies by the rule that refuses them
	unread   int
	unnamed  int // whose names the function does not take
	unknown  int // of which it is not known whether it takes them
}

func newJudge(env cli.Env, s repoconfig.Settings) (*judge, error) {
	by, err := desired.NewJudge(env, s)
	return &judge{Judge: by, env: env, rules: map[string]int{}}, err
}

// all judges each file of the record once, a few at a time.
func (j *judge) all(ctx context.Context, dir string, keys map[string]pullfile.Key) {
	byFile := map[string]pullfile.Key{}
	for _, k := range keys {
		if other, known := byFile[k.File]; !known || k.ARN < other.ARN {
			byFile[k.File] = k
		}
	}
	bar := progress.Start(j.env.Err, "checking policies", len(byFile))
	defer bar.Done()
	work := make(chan pullfile.Key)
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for k := range work {
				j.one(dir, k)
				bar.Add(1)
			}
		})
	}
	for _, file := range slices.Sorted(maps.Keys(byFile)) {
		if ctx.Err() == nil {
			work <- byFile[file]
		}
	}
	close(work)
	wg.Wait()
}

func (j *judge) one(dir string, k pullfile.Key) {
	text, err := read(dir, k.File)
	arn, ok := objectkey.ParseARN(k.ARN)
	if err != nil || text == nil || !ok {
		j.mu.Lock()
		j.unread++
		j.mu.Unlock()
		return
	}
	key := j.Settings.Options().Key
	if arn.Account != key.Account {
		key.Org = "" // of another account it is not known
	}
	key.Account, key.Region, key.Partition, key.ID = arn.Account, arn.Region, arn.Partition, arn.KeyID
	findings, reason := j.Policy(k.Object, text, key)
	rules := map[string]bool{}
	for _, f := range findings {
		if f.Refuses(j.Settings.RejectAt, j.Settings.AcceptFindings) {
			rules[f.Rule] = true
		}
	}
	nameErr := subject.Target(k.Object, j.Settings)
	j.mu.Lock()
	defer j.mu.Unlock()
	j.policies++
	if nameErr != nil {
		j.unnamed++
	}
	if subject.TargetUnknown(k.Object, j.Settings) {
		j.unknown++
	}
	if reason != keypolicy.Accepted {
		j.refused++
	}
	for rule := range rules {
		j.rules[rule]++
	}
}
