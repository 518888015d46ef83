package plan

import (
	"cmp"
	"slices"
	"time"

	"github.com/keysmith/keysmith/scripts/keysmith/internal/diff"
	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/outcome"
)

// Schema is the version of the contract that the JSON report follows. Its JSON
// Schema is schema/plan.json.
const Schema = "keysmith.plan/1"

// report is what keysmith plan found, the worst first.
type report struct {
	Schema  string    `json:"schema"`
	Time    time.Time `json:"time"`
	Summary summary   `json:"summary"`
	Keys    []*entry  `json:"keys"`
}

// summary counts the keys by what is to be said of them. A key counts as Changed
// also where its policy would be refused.
type summary struct {
	Keys       int `json:"keys"`
	Changed    int `json:"changed"`
	NewAccess  int `json:"newAccess"`  // somebody gets access that nobody had
	Undecided  int `json:"undecided"`  // it is not known whether somebody does
	LosesSome  int `json:"losesSome"`  // somebody loses access
	Refused    int `json:"refused"`    // the function would not accept the policy
	Unreadable int `json:"unreadable"` // what is in force could not be read
}

// entry is one key: a file beside what is in force.
type entry struct {
	File   string      `json:"file"`
	Object string      `json:"object"`
	Key    outcome.Key `json:"key"`
	SHA256 string      `json:"sha256"` // of the bytes of the file

	Error    string              `json:"error,omitempty"`  // why the policy in force could not be read
	Reason   keypolicy.Reason    `json:"reason,omitempty"` // why the policy would be refused
	Findings []keypolicy.Finding `json:"findings"`
	// Difference is absent where one of both could not be read or judged.
	*diff.Difference
	LastUse *lastUse `json:"lastUse,omitempty"` // of keys with lost access

	show keypolicy.Severity
}

func (e *entry) changed() bool   { return e.Difference != nil && !e.Equal }
func (e *entry) newAccess() bool { return e.changed() && e.Proof.NoNewAccess == keypolicy.Refuted }
func (e *entry) undecided() bool { return e.changed() && e.Proof.NoNewAccess == keypolicy.Undecided }

func (e *entry) losesSome() bool {
	return e.changed() && slices.ContainsFunc(e.Access, func(a keypolicy.AccessChange) bool { return len(a.Loses) > 0 })
}

// rank orders entries, the worst first.
func (e *entry) rank() int {
	for i, bad := range []bool{
		e.Error != "", e.Reason != "" && !e.unchanged(), e.newAccess(), e.undecided(), e.losesSome(), e.changed(), e.Reason != "",
	} {
		if bad {
			return i
		}
	}
	return len(entryRanks)
}

// entryRanks names what rank tells apart, for the headings of reports.
var entryRanks = [...]string{"unreadable", "refused", "new access", "undecided", "lost access", "changed", "refused, unchanged"}

func (e *entry) state() string {
	if r := e.rank(); r < len(entryRanks) {
		return entryRanks[r]
	}
	return "unchanged"
}

func (e *entry) unchanged() bool { return e.Difference != nil && e.Equal }

// shown are the findings to print: those that matter as much as the settings ask.
func (e *entry) shown() []keypolicy.Finding {
	var list []keypolicy.Finding
	for _, f := range e.Findings {
		if f.Severity >= e.show {
			list = append(list, f)
		}
	}
	slices.SortStableFunc(list, func(a, b keypolicy.Finding) int { return cmp.Compare(b.Severity, a.Severity) })
	return list
}

func newReport(entries []*entry, now time.Time) report {
	r := report{Schema: Schema, Time: now.UTC().Truncate(time.Second), Keys: append([]*entry{}, entries...)}
	slices.SortStableFunc(r.Keys, func(a, b *entry) int {
		return cmp.Or(cmp.Compare(a.rank(), b.rank()), cmp.Compare(a.Object, b.Object), cmp.Compare(a.Key.Region, b.Key.Region), cmp.Compare(a.File, b.File))
	})
	for _, e := range r.Keys {
		r.Summary.count(e)
	}
	return r
}

func (s *summary) count(e *entry) {
	s.Keys++
	for n, is := range map[*int]bool{
		&s.Changed: e.changed(), &s.NewAccess: e.newAccess(), &s.Undecided: e.undecided(),
		&s.LosesSome: e.losesSome(), &s.Refused: e.Reason != "", &s.Unreadable: e.Error != "",
	} {
		if is {
			*n++
		}
	}
}
