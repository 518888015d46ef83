package converge

import (
	"slices"
	"strings"

	"github.com/keysmith/keysmith/shared/outcome"
)

// of is what a part reports of a chapter; ok is false where that is nothing.
func (p part) of(c chapter) (d Draft, ok bool) {
	i := slices.IndexFunc(p.res.Drafts, func(d Draft) bool { return chapterOf(d) == c })
	if i < 0 {
		return d, false
	}
	return p.res.Drafts[i], true
}

// drift is the drift of the key at the end of the run; nil where there is none, or none
// is known.
func (p part) drift() *Draft {
	found := p.res.lasting
	for _, d := range p.res.Drafts {
		switch d.Type {
		case outcome.DriftDetected:
			found = &d
		case outcome.DriftResolved:
			found = nil
		}
	}
	return found
}

// knows reports whether it is known what became of a version for the key: there is an
// outcome, it was in force already, or somebody has changed the key since it was.
func (p part) knows(c chapter) bool {
	_, has := p.of(c)
	return has || p.inSync(c) || p.drifts(c)
}

// drifts reports whether the key drifts from the version of a chapter.
func (p part) drifts(c chapter) bool {
	d := p.drift()
	return d != nil && chapterOf(*d).version == c.version
}

func (p part) inSync(c chapter) bool {
	return p.run.found.inSync != nil && p.run.found.inSync.ID == c.version
}

// over reports whether no key of the set drifts: that of which nothing is known now did
// not drift before.
func over(parts []part) bool {
	return !slices.ContainsFunc(parts, func(p part) bool {
		known := p.run.found.inSync != nil || slices.ContainsFunc(p.res.Drafts, func(d Draft) bool {
			return d.Type == outcome.DriftResolved || d.Type == outcome.Applied
		})
		return p.drift() != nil || !known && p.run.open() != nil
	})
}

// weight orders what the parts report of a chapter: the gravest is that of the set, and
// of equal ones that which reports a change. What is news comes before what is not.
func (p part) weight(c chapter) int {
	d, news := p.draft(c)
	w := map[outcome.Type]int{outcome.Failed: 7, outcome.Rejected: 5, outcome.Applied: 3, outcome.DriftDetected: 1}[d.Type]
	if d.Data.Drift != nil {
		w += map[outcome.Repair]int{outcome.RepairContested: 6, outcome.RepairHeld: 4, outcome.RepairPending: 2}[d.Data.Drift.Repair]
	}
	if d.Data.Changed || len(d.Data.Changes) > 0 {
		w++
	}
	if news {
		w += 10
	}
	return w
}

// draft is what stands for the whole set where the part has the greatest weight.
func (p part) draft(c chapter) (d Draft, news bool) {
	d, news = p.of(c)
	if lasts := p.drift(); !news && lasts != nil && chapterOf(*lasts) == c {
		return *lasts, false
	}
	return d, news
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
func (p part) replica(c chapter) outcome.Replica {
	key := p.run.at.Key(p.run.job.Name.KeyID)
	d, word := p.row(c)
	r := outcome.Replica{Region: key.Region, ARN: key.String(), Outcome: word}
	r.Previous, r.Error, r.Verification = d.Data.Previous, d.Data.Error, d.Data.Verification
	if word == outcome.Drifted {
		r.Drift = d.Data.Drift
	}
	return r
}

const prefix = "KMS Key Policy "

// unknown is the outcome for a key that a run has left as it was, because it found
// another version of the object than the others, or none.
var unknown = Draft{Type: outcome.Failed, Data: outcome.Data{Error: &outcome.Error{
	Code: outcome.Unverified, Retryable: true, Message: "this version of the object was not put, because the object has changed",
}}}

// row is the draft that a row of a chapter repeats, and its outcome in one word.
func (p part) row(c chapter) (d Draft, word string) {
	d, has := p.of(c)
	drift := p.drift()
	switch {
	case d.Type == outcome.DriftDetected:
		return d, outcome.Drifted
	case has && d.Type != outcome.DriftResolved:
		return d, strings.TrimPrefix(string(d.Type), prefix)
	case p.drifts(c), drift != nil && c.kind != outcome.Applied:
		return *drift, outcome.Drifted
	case has, p.inSync(c):
		return d, outcome.InSync
	}
	if n := len(p.res.Drafts); n > 0 && c.kind != outcome.Applied {
		d = p.res.Drafts[n-1]
		if d.Type == outcome.DriftResolved {
			return d, outcome.InSync
		}
		return d, strings.TrimPrefix(string(d.Type), prefix)
	}
	return unknown, strings.TrimPrefix(string(unknown.Type), prefix)
}
