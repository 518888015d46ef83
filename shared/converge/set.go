package converge

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/keypolicy/awsid"
	"github.com/keysmith/keysmith/shared/kmskey"
	"github.com/keysmith/keysmith/shared/objectkey"
	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/target"
)

// A set is every key of a multi-Region set. KMS does not share a key policy between
// them, so each is brought to the same policy by a run of its own, as if it were
// alone; what the runs come to is one result.
type set struct {
	places  []target.Place // the primary key's first; one where the set is not known
	regions []string       // sorted; nil where the set is not known
	foreign []string       // Regions that are no targets
	ballot  ballot
}

// convergeSet runs the protocol for each key of a set.
func (c *Converger) convergeSet(ctx context.Context, job Job, at target.Place) Result {
	s := c.findSet(ctx, job, at)
	runs := make([]*run, len(s.places))
	answers := make([]*ahead[Result], len(s.places))
	var pending sync.WaitGroup
	for i, place := range s.places {
		r := &run{c: c, job: job, budget: budget(ctx), at: c.Reach.At(c.own(), place), set: s}
		runs[i] = r
		answers[i] = ask(ctx, &pending, func(ctx context.Context) (Result, error) { return r.inRegion(ctx), nil })
	}
	pending.Wait()
	all := make([]part, len(runs))
	for i, r := range runs {
		res, _ := answers[i].answer()
		all[i] = part{r, res}
	}
	return combine(all)
}

// inRegion is the run for one key of a set.
func (r *run) inRegion(ctx context.Context) Result {
	defer r.set.ballot.leave(r, nil) // whatever ends the run, nobody waits for it
	ctx, cancel := context.WithDeadline(ctx, r.budget)
	defer r.begun.pending.Wait()
	defer cancel()
	want, end := r.rounds(ctx)
	r.set.ballot.leave(r, end)
	return r.finish(ctx, want, end)
}

// findSet asks for the Regions of a set where any of its keys may be. Where none
// answers, the set is one place, whose run tells the trouble.
func (c *Converger) findSet(ctx context.Context, job Job, at target.Place) *set {
	own := c.own()
	var trouble target.Place
	regions := c.regionsToAsk(own, at)
	for _, region := range regions {
		at.Region = region
		key, err := c.Reach.At(own, at).Keys.Describe(ctx, job.Name.KeyID)
		if err == nil {
			return c.setOf(own, at, cmp.Or(strings.Join(key.Regions, " "), region))
		}
		if trouble.Region == "" && kmskey.Classify(err) != kmskey.NotFound {
			trouble = at
		}
	}
	if at.Region = regions[0]; trouble.Region != "" {
		at = trouble
	}
	s := &set{places: []target.Place{at}}
	s.ballot.open(1)
	return s
}

// setOf is the set with keys in regions, the primary key's first.
func (c *Converger) setOf(own, at target.Place, regions string) *set {
	s, asked := &set{}, at
	for region := range strings.FieldsSeq(regions) {
		at.Region = region
		s.places, s.regions = append(s.places, at), append(s.regions, region)
		if !c.Targets.Has(own, at) {
			s.foreign = append(s.foreign, region)
		}
	}
	if len(s.foreign) > 0 { // nothing is put, and one run says why
		s.places = []target.Place{asked}
	}
	slices.Sort(s.regions)
	s.ballot.open(len(s.places))
	return s
}

// regionsToAsk are those that a key of the set may be in: the stack's own first.
func (c *Converger) regionsToAsk(own, at target.Place) []string {
	all := c.Targets.Regions
	if slices.Contains(all, target.Any) {
		all = awsid.Regions()
	}
	regions := []string{own.Region}
	for _, region := range all {
		at.Region = region
		if region != own.Region && awsid.PartitionOf(region) == own.Partition && c.Targets.Has(own, at) {
			regions = append(regions, region)
		}
	}
	if at.Region = own.Region; len(regions) > 1 && !c.Targets.Has(own, at) {
		return regions[1:]
	}
	return regions
}

// inSet holds the key that was described against the set that the run is for.
func (r *run) inSet() error {
	if r.set == nil {
		return nil
	}
	regions := slices.Sorted(slices.Values(r.key.Regions))
	switch {
	case r.set.regions == nil:
		return again("the Regions of the multi-Region set %s could not be read", r.job.Name.KeyID)
	case !slices.Equal(regions, r.set.regions) && len(regions) > 0:
		return again("the multi-Region set %s has changed: it has keys in %s now", r.job.Name.KeyID, strings.Join(regions, ", "))
	case len(r.set.foreign) > 0:
		return badName(&objectkey.Error{Object: r.job.Name.Object, Column: strings.Index(r.job.Name.Object, "multi-region") + 1, Message: fmt.Sprintf(
			"the set has keys in %s, where this deployment does not write: add each Region to TARGET_REGIONS, or upload one object for each key to manage", strings.Join(r.set.foreign, ", "))})
	}
	return nil
}

// twice is the rule that two objects for one key break.
const twice = "object-twice"

// single refuses a key of a multi-Region set that has an object of its own beside
// that of the set: which of them counts nobody can tell.
func (r *run) single(ctx context.Context) error {
	twin, err := r.twin(ctx)
	if err != nil || twin == "" {
		return err
	}
	message := fmt.Sprintf("%s is for the same key: keep the object of the set, or those of its keys, and delete the other", twin)
	f := note(twice, keypolicy.Error, message)
	f.Path = "object"
	return rejected(outcome.BadObjectKey, message, f)
}
