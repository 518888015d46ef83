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
	case c.p.VersionAt == jsontree.None && c.p.Tree.Cut:
	case c.p.VersionAt == jsontree.None:
		c.Value(&rule.VersionMissing, 0, "The policy has no Version, so the language version 2008-10-17 applies, in which ${…} is plain text. Write \"Version\": \"2012-10-17\".")
	case c.Node(c.p.VersionAt).Kind != jsontree.String || v == document.CurrentVersion:
	case v == "2008-10-17":
		c.Value(&rule.VersionOld, c.p.VersionAt, "In Version 2008-10-17, ${…} is plain text and not a variable. Write \"2012-10-17\", unless you rely on that.")
	default:
		c.Value(&rule.VersionInvalid, c.p.VersionAt, "The Version "+phrase.Quote(v)+" does not exist: Version names the policy language, not your document. Write \"2012-10-17\".")
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
			c.Value(&rule.SidEmpty, s.SidAt, "The Sid is empty, so it identifies nothing. Write a name, or delete the Sid.")
			continue
		}
		named = append(named, s)
	}
	slices.SortStableFunc(named, func(a, b *document.Statement) int { return cmp.Compare(a.Sid, b.Sid) })
	for i := 1; i < len(named); i++ {
		if named[i].Sid == named[i-1].Sid {
			c.Value(&rule.SidDuplicate, named[i].SidAt, "Another statement has the Sid "+phrase.Quote(named[i].Sid)+" as well. KMS accepts that, but reports that name a statement become ambiguous. Write another Sid.")
		}
	}
}
