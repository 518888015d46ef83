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
	silent := false
	for _, p := range parts {
		res := p.res
		out.Puts += res.Puts
		out.Again = errors.Join(out.Again, res.Again)
		out.NeedsPut, out.Removed = out.NeedsPut || res.NeedsPut, out.Removed || res.Removed
		out.Reconcile, out.LookAgain = cmp.Or(out.Reconcile, res.Reconcile), cmp.Or(out.LookAgain, res.LookAgain)
		out.Passed = cmp.Or(out.Passed, res.Passed)
		silent = silent || res.Again != nil && len(res.Drafts) == 0
	}
	switch {
	case out.NeedsPut:
		return Result{NeedsPut: true, Passed: errNeedsPut.Error(), Puts: out.Puts}
	case silent:
		out.Passed = ""
		return out
	}
	for _, c := range chapters(parts) {
		d, told, again := tell(c, parts)
		out.Again = errors.Join(out.Again, again)
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

// chapters lists what there is to report. Where the drift of one key has ended and that
// of another lasts, the drift that is left is reported, unless the outcome of a version
// reports it.
func chapters(parts []part) (list []chapter) {
	var drifts []chapter
	ended := false
	for _, p := range parts {
		for _, d := range p.res.Drafts {
			if c := chapterOf(d); !slices.Contains(list, c) {
				list = append(list, c)
			}
			ended = ended || d.Type == outcome.DriftResolved
		}
		if d := p.drift(); d != nil {
			drifts = append(drifts, chapterOf(*d))
		}
	}
	for _, c := range drifts {
		if ended && !slices.Contains(list, c) && !slices.Contains(list, chapter{outcome.Applied, c.version}) {
			list = append(list, c)
		}
	}
	order := []outcome.Type{outcome.DriftDetected, outcome.Applied, outcome.DriftResolved}
	slices.SortStableFunc(list, func(a, b chapter) int {
		return cmp.Compare(slices.Index(order, a.kind), slices.Index(order, b.kind))
	})
	return list
}

// errMixed returns the trigger where the keys of a set were brought to different
// versions of the object, because it changed.
var errMixed = errors.New("the object changed while its policy was put on the keys of the set, and some keys have an earlier version")

// tell makes one draft of what the parts report of a chapter. It does not report that
// a drift has ended while another key has one, nor that a version which failed is in
// force after all while it is not for every key.
func tell(c chapter, parts []part) (told Draft, ok bool, again error) {
	if c.kind == outcome.DriftResolved && !over(parts) {
		return told, false, nil
	}
	rows := make([]outcome.Replica, len(parts))
	best, put := -1, false
	for i, p := range parts {
		d, has := p.of(c)
		rows[i] = p.replica(c)
		if c.kind == outcome.Applied && !p.knows(c) {
			if (p.run.stood == ended || p.run.failed) && p.run.version.ID == c.version {
				return told, false, nil
			}
			again = errMixed
		}
		put = put || has && (d.Type == outcome.Applied || d.Type == outcome.Failed && d.Data.Verification != nil)
		if w := p.weight(c); w > best {
			best = w
			told, _ = p.draft(c)
		}
	}
	if again != nil && !put {
		return told, false, again // nothing was put, and the newest version is what counts
	}
	return inAll(told, c, parts, rows), true, again
}

// inAll makes the draft of one key that of the whole set.
func inAll(told Draft, c chapter, parts []part, rows []outcome.Replica) Draft {
	told.Data.Replicas, told.Data.Changed = rows, false
	for _, p := range parts {
		d, _ := p.of(c)
		told.Data.Changed = told.Data.Changed || d.Data.Changed
	}
	if key := parts[0].key(); key != nil {
		told.Data.Key = key
	}
	if told.Data.Drift != nil {
		told.Data.Drift = since(*told.Data.Drift, rows)
	}
	return fault(told, rows)
}

// since is a drift of the whole set: it began with the first key's.
func since(d outcome.Drift, rows []outcome.Replica) *outcome.Drift {
	for _, r := range rows {
		if r.Drift != nil && r.Drift.Since.Before(d.Since) {
			d.Since = r.Drift.Since
		}
	}
	return &d
}

// fault words what went wrong for the whole set. Where some keys have the policy
// and others do not, the version has failed.
func fault(d Draft, rows []outcome.Replica) Draft {
	var words, done []string
	retryable, applied, all := false, false, true
	for _, r := range rows {
		switch r.Outcome {
		case string(status.Applied), outcome.InSync:
			done = append(done, r.Region)
			applied = applied || r.Outcome == string(status.Applied)
			continue
		case outcome.Drifted:
			continue
		}
		all = false
		if r.Error == nil {
			r.Error = &outcome.Error{Message: "it was not put"}
		}
		words = append(words, r.Region+": "+r.Error.Message)
		retryable = retryable || r.Error.Retryable
	}
	var e outcome.Error
	switch {
	case d.Type == outcome.Applied && !all:
		d.Type, e = outcome.Failed, outcome.Error{Code: outcome.Unverified, Retryable: retryable}
	case d.Type == outcome.Rejected && applied:
		d.Type, e = outcome.Failed, outcome.Error{Code: outcome.Internal, Retryable: true}
	case d.Data.Error == nil:
		return d
	default:
		e = *d.Data.Error
		e.Retryable = e.Retryable || retryable
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
