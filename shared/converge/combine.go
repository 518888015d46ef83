package converge

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/status"
)

// A part is the run for one key of a multi-Region set, and its result.
type part struct {
	run *run
	res Result
}

// A chapter is one thing to report of a set: the outcome of a version, or that
// drift began or ended. A part may have nothing to report of it.
type chapter struct {
	kind    outcome.Type // Applied stands for every outcome of a version
	version string
}

// combine makes one result of those of the keys of a set. It reports nothing where a
// key has to be tried again without an outcome: then the trigger comes again, and
// everything is reported at once.
func combine(parts []part) Result {
	var out Result
	silent, drifted := false, false
	for _, p := range parts {
		res := p.res
		out.Puts += res.Puts
		out.Again = errors.Join(out.Again, res.Again)
		out.NeedsPut, out.Removed = out.NeedsPut || res.NeedsPut, out.Removed || res.Removed
		out.Reconcile, out.LookAgain = cmp.Or(out.Reconcile, res.Reconcile), cmp.Or(out.LookAgain, res.LookAgain)
		out.Passed = cmp.Or(out.Passed, res.Passed)
		silent = silent || res.Again != nil && len(res.Drafts) == 0
		drifted = drifted || p.drifted()
	}
	switch {
	case out.NeedsPut:
		return Result{NeedsPut: true, Passed: errNeedsPut.Error(), Puts: out.Puts}
	case silent:
		out.Passed = ""
		return out
	}
	for _, c := range chapters(parts) {
		d, told := tell(c, parts, drifted)
		if !told {
			continue
		}
		out.Drafts = append(out.Drafts, d)
		if e := d.Data.Error; e != nil && e.Retryable && out.Again == nil {
			out.Again = errors.New(e.Message)
		}
	}
	if len(out.Drafts) > 0 {
		out.Passed = ""
	}
	return out
}

// drifted reports whether another policy is in force at the end of a run.
func (p part) drifted() bool {
	has := func(t outcome.Type) bool {
		return slices.ContainsFunc(p.res.Drafts, func(d Draft) bool { return d.Type == t })
	}
	return p.run.debts.drifted || has(outcome.DriftDetected) && !has(outcome.DriftResolved)
}

func chapterOf(d Draft) chapter {
	c := chapter{kind: d.Type}
	if d.Type != outcome.DriftDetected && d.Type != outcome.DriftResolved {
		c.kind = outcome.Applied
	}
	if d.Data.Object != nil {
		c.version = d.Data.Object.VersionID
	}
	return c
}

func chapters(parts []part) (list []chapter) {
	for _, p := range parts {
		for _, d := range p.res.Drafts {
			if c := chapterOf(d); !slices.Contains(list, c) {
				list = append(list, c)
			}
		}
	}
	return list
}

// of is what a part reports of a chapter; ok is false where that is nothing.
func (p part) of(c chapter) (d Draft, ok bool) {
	i := slices.IndexFunc(p.res.Drafts, func(d Draft) bool { return chapterOf(d) == c })
	if i < 0 {
		return d, false
	}
	return p.res.Drafts[i], true
}

// tell makes one draft of what the parts report of a chapter. It does not report that
// a drift has ended while another key has one, nor that a version which failed is in
// force after all while it is not for every key.
func tell(c chapter, parts []part, drifted bool) (told Draft, ok bool) {
	if c.kind == outcome.DriftResolved && drifted {
		return told, false
	}
	worst, applied, changed := -1, false, false
	var replicas []outcome.Replica
	for i, p := range parts {
		d, has := p.of(c)
		replicas = append(replicas, p.replica(d, has))
		if !has {
			if p.run.stood == ended && c.kind == outcome.Applied {
				return told, false
			}
			continue
		}
		applied, changed = applied || d.Type == outcome.Applied, changed || d.Data.Changed
		if worst < 0 || weight(d) > weight(told) {
			worst, told = i, d
		}
	}
	told.Data.Replicas, told.Data.Changed = replicas, changed
	if key := parts[0].key(); key != nil {
		told.Data.Key = key
	}
	if told.Data.Error != nil {
		told = fault(told, replicas, applied)
	}
	return told, true
}

// weight orders drafts: the gravest is the outcome of the set, and of equal ones
// that which reports a change.
func weight(d Draft) int {
	w := map[outcome.Type]int{outcome.Failed: 6, outcome.Rejected: 4, outcome.Applied: 2}[d.Type]
	if d.Data.Changed || len(d.Data.Changes) > 0 {
		w++
	}
	return w
}

// key is the primary key, or what is known of the key that stands for the set.
func (p part) key() *outcome.Key {
	if p.run.set.regions == nil {
		return nil
	}
	k := p.run.at.Key(p.run.job.Name.KeyID)
	return &outcome.Key{ARN: k.String(), ID: k.KeyID, Account: k.Account, Region: k.Region}
}

// replica is the outcome for the key of a part.
func (p part) replica(d Draft, has bool) outcome.Replica {
	key := p.run.at.Key(p.run.job.Name.KeyID)
	r := outcome.Replica{Region: key.Region, ARN: key.String(), Outcome: outcome.InSync}
	switch {
	case !has && p.drifted(), d.Type == outcome.DriftDetected:
		r.Outcome = outcome.Drifted
	case has && d.Type != outcome.DriftResolved:
		r.Outcome = strings.TrimPrefix(string(d.Type), "KMS Key Policy ")
	}
	r.Error, r.Verification = d.Data.Error, d.Data.Verification
	return r
}

// fault words what went wrong for the whole set. Where some keys have the policy
// and others refused it, the version has failed.
func fault(d Draft, replicas []outcome.Replica, applied bool) Draft {
	e := *d.Data.Error
	var words, done []string
	for _, r := range replicas {
		switch {
		case r.Error != nil:
			words = append(words, r.Region+": "+r.Error.Message)
			e.Retryable = e.Retryable || r.Error.Retryable
		case r.Outcome == string(status.Applied), r.Outcome == outcome.InSync:
			done = append(done, r.Region)
		}
	}
	if d.Type == outcome.Rejected && applied {
		d.Type, e.Code, e.Retryable = outcome.Failed, outcome.Internal, true
	}
	if d.Type == outcome.Failed {
		e.Message = strings.Join(words, "; ")
		if len(done) > 0 {
			e.Message += fmt.Sprintf("; it is in force in %s", strings.Join(done, ", "))
		}
	}
	d.Data.Error = &e
	return d
}
