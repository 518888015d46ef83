package grammar

import (
	"cmp"
	"slices"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/jsontree"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/phrase"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/rule"
)

// header checks what stands outside of the statements, and their names.
func (c *checker) header() {
	c.versionRules()
	c.sids()
}

func (c *checker) versionRules() {
	switch v := c.p.Version; {
	case c.p.VersionAt == jsontree.None:
		c.Value(&rule.VersionMissing, 0, "The policy has no Version, so it counts as 2008-10-17, where ${…} is plain text. Write \"Version\": \"2012-10-17\".")
	case c.Node(c.p.VersionAt).Kind != jsontree.String || v == document.CurrentVersion:
	case v == "2008-10-17":
		c.Value(&rule.VersionOld, c.p.VersionAt, "Version 2008-10-17 takes ${…} for plain text; write 2012-10-17 unless you rely on that.")
	default:
		c.Value(&rule.VersionInvalid, c.p.VersionAt, "Version is "+phrase.Quote(v)+", but it names the policy language, not your document: write \"2012-10-17\".")
	}
}

func (c *checker) sids() {
	named := make([]*document.Statement, 0, len(c.p.Statements))
	for i := range c.p.Statements {
		s := &c.p.Statements[i]
		if s.SidAt == jsontree.None {
			continue
		}
		if s.Sid == "" && c.Node(s.SidAt).Kind == jsontree.String {
			c.Value(&rule.SidEmpty, s.SidAt, "The Sid is empty; name the statement, or take the Sid away.")
			continue
		}
		named = append(named, s)
	}
	slices.SortStableFunc(named, func(a, b *document.Statement) int { return cmp.Compare(a.Sid, b.Sid) })
	for i := 1; i < len(named); i++ {
		if named[i].Sid == named[i-1].Sid {
			c.Value(&rule.SidDuplicate, named[i].SidAt, "Another statement is called "+phrase.Quote(named[i].Sid)+" too. KMS takes it, but reports that name a statement become ambiguous.")
		}
	}
}
