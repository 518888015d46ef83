package canonical

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/phrase"
)

// Change is one difference between two policies.
type Change struct {
	Kind    string `json:"kind"` // added, removed or changed
	Sid     string `json:"sid,omitempty"`
	Summary string `json:"summary"`
}

const (
	added   = "added"
	removed = "removed"
	changed = "changed"
)

// Diff tells what replacing old by new changes. Statements are matched without
// regard to their order. A nil policy has no statements; an opaque one cannot
// be compared and is replaced as a whole.
func Diff(old, new *document.Policy, partition string) []Change {
	if new.Opaque() && new != nil || old.Opaque() && old != nil {
		return []Change{{Kind: changed, Summary: "one of the two policies cannot be judged (unknown or repeated members), so the whole document counts as changed"}}
	}
	d := differ{partition: partition, old: diffRows(old, partition, false), new: diffRows(new, partition, true)}
	d.pair()
	return append(headerChanges(old, new), d.changes()...)
}

// diffRow is a statement and the one of the other policy that it became.
type diffRow struct {
	*document.Statement
	perm  []byte
	mate  int
	isNew bool
	who   string // the principals, whatever their order
	when  string // the conditions in words
}

func diffRows(p *document.Policy, partition string, isNew bool) []diffRow {
	if p == nil {
		return nil
	}
	e := NewEncoder(p, partition)
	rows := e.Rows(nil, p.Statements)
	slices.SortFunc(rows, func(a, b Row) int { return int(a.Statement.Node - b.Statement.Node) })
	out := make([]diffRow, len(rows))
	for i, r := range rows {
		who := strings.Join(sorted(r.Statement.PrincipalTexts(partition)), " ")
		out[i] = diffRow{Statement: r.Statement, perm: e.perm(r), mate: -1, isNew: isNew, who: who, when: r.Statement.When()}
	}
	return out
}

type differ struct {
	partition string
	old, new  []diffRow
	steps     int // mates that were looked at
}

// pair finds the statement that each became: the same one, one of the same name, one
// that does the same, one that is similar.
func (d *differ) pair() {
	d.match(func(r *diffRow) []string { return []string{r.Sid + "\x00" + string(r.perm)} })
	d.match(func(r *diffRow) []string { return []string{r.Sid}[:min(1, len(r.Sid))] })
	d.match(func(r *diffRow) []string { return []string{string(r.perm)} })
	d.matchSimilar()
}

// match pairs the statements that have a key in common and no mate yet, those that
// stand first first.
func (d *differ) match(keys func(*diffRow) []string) {
	waiting := map[string][]int{}
	for j := range d.new {
		if d.new[j].mate < 0 {
			for _, key := range keys(&d.new[j]) {
				waiting[key] = append(waiting[key], j)
			}
		}
	}
	if len(waiting) == 0 {
		return
	}
	for i := range d.old {
		if d.old[i].mate >= 0 {
			continue
		}
		for _, key := range keys(&d.old[i]) {
			if j := d.first(waiting, key); j >= 0 {
				d.old[i].mate, d.new[j].mate = j, i
				break
			}
		}
	}
}

// first returns the first of those that wait under the key, -1 where none does.
func (d *differ) first(waiting map[string][]int, key string) int {
	queue := waiting[key]
	for len(queue) > 0 && d.new[queue[0]].mate >= 0 {
		queue = queue[1:]
		d.steps++
	}
	waiting[key] = queue
	if len(queue) == 0 {
		return -1
	}
	return queue[0]
}

// matchSimilar pairs statements of which the one probably is the other changed: it
// is about the same principals, or the same actions under the same conditions. Two
// that have names of their own are two.
func (d *differ) matchSimilar() {
	for _, named := range [...][2]bool{{false, false}, {false, true}, {true, false}} {
		d.match(func(r *diffRow) []string {
			side := named[0]
			if r.isNew {
				side = named[1]
			}
			if (r.Sid != "") != side {
				return nil
			}
			head := string([]byte{byte(r.Effect), byte(bit(r.NotPrincipal))})
			return []string{head + "who " + r.who, head + "what " + strconv.FormatUint(uint64(r.Acts), 16) + " " + r.when}
		})
	}
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

func sorted(s []string) []string { slices.Sort(s); return slices.Compact(s) }

func (d *differ) changes() []Change {
	var out []Change
	for _, n := range d.new {
		if n.mate < 0 {
			out = append(out, Change{added, n.Sid, n.Statement.Describe(d.partition)})
			continue
		}
		o := d.old[n.mate]
		if summary := d.compare(o, n); summary != "" {
			out = append(out, Change{changed, n.Sid, phrase.Shorten(summary)})
		}
	}
	for _, o := range d.old {
		if o.mate < 0 {
			out = append(out, Change{removed, o.Sid, o.Statement.Describe(d.partition)})
		}
	}
	return out
}

// compare says what became of a statement, "" where nothing did.
func (d *differ) compare(o, n diffRow) string {
	a, b := o.Statement, n.Statement
	if o.Sid == n.Sid && bytes.Equal(o.perm, n.perm) {
		return ""
	}
	var parts []string
	if o.Sid != n.Sid {
		parts = append(parts, "Sid "+phrase.Quote(o.Sid)+" becomes "+phrase.Quote(n.Sid))
	}
	if a.Effect != b.Effect {
		parts = append(parts, "Effect becomes "+[...]string{"?", "Allow", "Deny"}[b.Effect])
	}
	parts = append(parts, listChange(word("principals", "excepted principals", b.NotPrincipal), a.PrincipalTexts(d.partition), b.PrincipalTexts(d.partition), a.NotPrincipal != b.NotPrincipal)...)
	parts = append(parts, listChange(word("actions", "excepted actions", b.NotAction), a.ActionTexts(), b.ActionTexts(), a.NotAction != b.NotAction)...)
	parts = append(parts, listChange(word("resources", "excepted resources", b.NotResource), itemTexts(a.Resources), itemTexts(b.Resources), a.NotResource != b.NotResource)...)
	parts = append(parts, conditionChange(a, b)...)
	if len(parts) == 0 {
		parts = append(parts, "written differently: "+b.Describe(d.partition))
	}
	return strings.Join(parts, "; ")
}

func word(plain, negated string, not bool) string {
	if not {
		return negated
	}
	return plain
}

func itemTexts(items []document.Item) []string {
	texts := make([]string, len(items))
	for i, it := range items {
		texts[i] = it.Text
	}
	return texts
}

// listChange says what a list gained and lost.
func listChange(what string, old, new []string, turned bool) []string {
	if turned {
		return []string{what + " become " + phrase.Some(new)}
	}
	var parts []string
	if gone := without(old, new); len(gone) > 0 {
		parts = append(parts, what+" without "+phrase.Some(gone))
	}
	if more := without(new, old); len(more) > 0 {
		parts = append(parts, what+" with "+phrase.Some(more))
	}
	return parts
}

// without returns the entries of a that b does not have.
func without(a, b []string) []string {
	b = sorted(slices.Clone(b))
	var rest []string
	for _, s := range a {
		if _, found := slices.BinarySearch(b, s); !found {
			rest = append(rest, s)
		}
	}
	return rest
}

func conditionChange(a, b *document.Statement) []string {
	was, is := a.When(), b.When()
	switch {
	case was == is:
		return nil
	case was == "":
		return []string{"now only when " + is}
	case is == "":
		return []string{"no longer only when " + was}
	}
	return []string{"when " + is + " instead of when " + was}
}

func headerChanges(old, new *document.Policy) []Change {
	if old == nil || new == nil {
		return nil
	}
	var out []Change
	if old.Version != new.Version {
		out = append(out, Change{Kind: changed, Summary: "Version " + phrase.Quote(old.Version) + " becomes " + phrase.Quote(new.Version)})
	}
	if old.ID != new.ID {
		out = append(out, Change{Kind: changed, Summary: "Id " + phrase.Quote(old.ID) + " becomes " + phrase.Quote(new.ID)})
	}
	return out
}
