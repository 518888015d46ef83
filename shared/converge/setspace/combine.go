package setspace

import "slices"

// A Key is what the run for one key of a set came to.
type Key struct {
	Word     Word
	Version  byte
	News     bool // a drift that is to be reported now
	Resolved bool // of InSync: a drift that was reported has ended
	Open     bool // a drift was reported, and the status says that it lasts
}

// A Chapter is one thing to report of a set: the outcome of a version (Applied, Failed,
// Final or Rejected), that keys drift (Drifted), or that none does any more (InSync).
type Chapter struct {
	Word    Word
	Version byte
	Rows    []Word
}

// A Verdict is what is reported of a set, and whether the message comes again.
type Verdict struct {
	Chapters []Chapter
	Back     bool
}

// Combine makes one result of those of the keys of a set, the way that package
// converge does it.
func Combine(keys []Key) Verdict { return protocol{}.combine(keys) }

func (p protocol) combine(keys []Key) (v Verdict) {
	if slices.ContainsFunc(keys, func(k Key) bool { return k.Word == HandsBack }) {
		return Verdict{Back: true}
	}
	var versions []byte
	for _, k := range keys {
		v.Back = v.Back || k.Word == Failed
		if k.Word != 0 && !slices.Contains(versions, k.Version) {
			versions = append(versions, k.Version)
		}
	}
	var outcomes, ends []Chapter
	for _, version := range versions {
		if p.drifts(keys, version) {
			v.Chapters = append(v.Chapters, Chapter{Drifted, version, p.rows(keys, version, Drifted)})
		}
		c, told, again := p.outcome(keys, version)
		v.Back = v.Back || again
		if told {
			outcomes = append(outcomes, c)
			v.Back = v.Back || c.Word == Failed
		}
		if over(keys, version) {
			ends = append(ends, Chapter{InSync, version, p.rows(keys, version, InSync)})
		}
	}
	v.Chapters = slices.Concat(v.Chapters, outcomes, ends)
	return v
}

// of reports whether the run has an outcome of a version.
func (k Key) of(version byte) bool {
	return k.Version == version && (k.Word == Applied || k.Word == Failed || k.Word == Final || k.Word == Rejected)
}

// drifts reports whether drift is to be reported: it is news for a key, or it has ended
// for one and lasts for another, and no outcome reports that.
func (p protocol) drifts(keys []Key, version byte) bool {
	lasts, ended, outcome := false, false, false
	for _, k := range keys {
		if k.Word == Drifted && k.News && k.Version == version {
			return true
		}
		lasts = lasts || k.Word == Drifted && k.Version == version
		ended = ended || k.Resolved
		outcome = outcome || k.of(version)
	}
	return lasts && ended && !outcome
}

// over reports whether the end of a drift is to be reported.
func over(keys []Key, version byte) bool {
	ended := false
	for _, k := range keys {
		known := k.Word.good()
		if k.Word == Drifted || !known && k.Open {
			return false
		}
		ended = ended || k.Resolved && k.Version == version
	}
	return ended
}

// rows are what is said of each key beside a chapter.
func (p protocol) rows(keys []Key, version byte, chapter Word) []Word {
	rows := make([]Word, len(keys))
	for i, k := range keys {
		rows[i] = p.row(k, version, chapter)
	}
	return rows
}

func (p protocol) row(k Key, version byte, chapter Word) Word {
	outcome := chapter != Drifted && chapter != InSync
	switch {
	case k.Word == 0, outcome && k.of(version), k.Word == Drifted && (!outcome || k.Version == version):
		return k.Word
	case k.Word == InSync && (k.Version == version || k.Resolved && !outcome):
		return InSync
	case outcome && !p.keeps(tellsVersionsApart), !outcome && !p.keeps(tellsUnknownApart):
		return InSync
	case !outcome && k.of(k.Version):
		return k.Word
	}
	return Failed
}

// outcome is that of a version. Where the keys have got different versions, because the
// object has changed, it is reported only if something was put.
func (p protocol) outcome(keys []Key, version byte) (c Chapter, told, again bool) {
	c = Chapter{Version: version, Rows: p.rows(keys, version, Applied)}
	applied := false
	for i, k := range keys {
		told = told || k.of(version)
		applied = applied || k.of(version) && k.Word == Applied
		if row := c.Rows[i]; row != k.Word && row == Failed || k.Word == Failed && k.Version != version {
			again = true
		}
	}
	for _, k := range keys {
		switch {
		case !told:
			return c, false, false
		case k.Word == Ended && k.Version == version:
			return c, false, false
		}
	}
	if again && !applied {
		return c, false, true
	}
	c.Word = gravest(c.Rows)
	return c, true, again
}

// gravest is the outcome of a version with these rows.
func gravest(rows []Word) Word {
	has := func(w Word) bool { return slices.Contains(rows, w) }
	switch {
	case has(Failed):
		return Failed
	case has(Final):
		return Final
	case has(Rejected) && has(Applied):
		return Failed
	case has(Rejected):
		return Rejected
	}
	return Applied
}
