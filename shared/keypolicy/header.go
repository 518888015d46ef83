package keypolicy

import (
	"cmp"
	"slices"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/jsontree"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/phrase"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/rule"
)

// header checks what stands outside of the statements, and their names.
func (c *grammarChecker) header() {
	c.versionRules()
	c.sids()
}

func (c *grammarChecker) versionRules() {
	switch v := c.p.version; {
	case c.p.wrapped:
	case c.p.versionAt == jsontree.None:
		c.Value(&rule.VersionMissing, 0, "The policy has no Version, so it counts as 2008-10-17, where ${…} is plain text. Write \"Version\": \"2012-10-17\".")
	case c.Node(c.p.versionAt).Kind != jsontree.String || v == currentVersion:
	case v == "2008-10-17":
		c.Value(&rule.VersionOld, c.p.versionAt, "Version 2008-10-17 takes ${…} for plain text; write 2012-10-17 unless you rely on that.")
	default:
		c.Value(&rule.VersionInvalid, c.p.versionAt, "Version is "+phrase.Quote(v)+", but it names the policy language, not your document: write \"2012-10-17\".")
	}
}

func (c *grammarChecker) sids() {
	named := make([]*statement, 0, len(c.p.statements))
	for i := range c.p.statements {
		s := &c.p.statements[i]
		if s.sidAt == jsontree.None {
			continue
		}
		if s.sid == "" && c.Node(s.sidAt).Kind == jsontree.String {
			c.Value(&rule.SidEmpty, s.sidAt, "The Sid is empty; name the statement, or take the Sid away.")
			continue
		}
		named = append(named, s)
	}
	slices.SortStableFunc(named, func(a, b *statement) int { return cmp.Compare(a.sid, b.sid) })
	for i := 1; i < len(named); i++ {
		if named[i].sid == named[i-1].sid {
			c.Value(&rule.SidDuplicate, named[i].sidAt, "Another statement is called "+phrase.Quote(named[i].sid)+" too. KMS takes it, but reports that name a statement become ambiguous.")
		}
	}
}
