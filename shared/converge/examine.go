package converge

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/keysmith/keysmith/shared/bucket"
	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/kmskey"
	"github.com/keysmith/keysmith/shared/objectkey"
	"github.com/keysmith/keysmith/shared/target"
)

// examine judges a policy for the key, or for every key of the set.
func (r *run) examine(text []byte) keypolicy.Report {
	if r.set == nil || len(r.set.places) == 1 {
		return r.examineIn(r.at.Region, text)
	}
	reports := make([]keypolicy.Report, len(r.set.places))
	for i, place := range r.set.places {
		reports[i] = r.examineIn(place.Region, text)
	}
	return r.set.together(reports)
}

// examineIn judges a policy for a key in a Region of the target's account.
func (r *run) examineIn(region string, text []byte) keypolicy.Report {
	o := r.c.Options
	o.Key, o.Writer = r.keyFacts(), r.at.Writer
	o.Key.Region = region
	return r.c.Guardrails.For(r.policyName(), time.Now()).Check(text, o)
}

// together makes one report of those of the Regions. What only some of them find
// depends on the Region, and names them.
func (s *set) together(reports []keypolicy.Report) keypolicy.Report {
	type finding struct {
		rule, path, message string
		line, column        int
	}
	named := func(f keypolicy.Finding) finding { return finding{f.Rule, f.Path, f.Message, f.Line, f.Column} }
	regions := map[finding][]string{}
	var order []keypolicy.Finding
	for i, report := range reports {
		for _, f := range report.Findings {
			name := named(f)
			if regions[name] == nil {
				order = append(order, f)
			}
			if !slices.Contains(regions[name], s.places[i].Region) {
				regions[name] = append(regions[name], s.places[i].Region)
			}
		}
	}
	for i, f := range order {
		if in := regions[named(f)]; len(in) < len(reports) {
			order[i].Message = fmt.Sprintf("For the key of the set in %s: %s", strings.Join(in, ", "), f.Message)
		}
	}
	slices.SortStableFunc(order, func(a, b keypolicy.Finding) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return keypolicy.Report{Policy: reports[0].Policy, Findings: order}
}

// twin is the object that is for the same key of a multi-Region set: that of the
// whole set beside that of a key, and the other way round.
func (r *run) twin(ctx context.Context) (string, error) {
	id := cmp.Or(r.arn.KeyID, r.job.Name.KeyID)
	if r.job.Name.Plan || !objectkey.IsMultiRegion(id) {
		return "", nil
	}
	own := r.c.own()
	twins := []string{target.SetName(own, r.at.Place, id)}
	if r.set != nil {
		twins = nil
		for _, place := range r.set.places {
			twins = append(twins, target.Name(own, place, id))
		}
	}
	for _, object := range twins {
		_, err := r.c.Bucket.Head(ctx, object)
		switch {
		case err == nil:
			return object, nil
		case !bucket.Missing(err):
			return "", again("looking for %s, which is for the same key: %s", object, kmskey.Message(err))
		}
	}
	return "", nil
}
