package decide

import (
	"slices"
	"strings"
)

// likely returns values that look as real ones do. They are tried first, so that
// a witness reads like a request.
func (q *query) likely(v int32) []string {
	x := &q.space.variables[v]
	region := q.space.facts.Region
	if region == "" {
		region = "us-east-1"
	}
	switch x.lower {
	case "kms:viaservice":
		return []string{"s3." + region + ".amazonaws.com", "ec2." + region + ".amazonaws.com"}
	case "aws:principalorgid", "aws:sourceorgid", "aws:vpceorgid", "aws:resourceorgid":
		return []string{"o-0000000000", "o-1111111111"}
	case "aws:sourcevpc", "aws:ec2instancesourcevpc":
		return []string{"vpc-00000000", "vpc-11111111"}
	case "aws:sourcevpce":
		return []string{"vpce-00000000", "vpce-11111111"}
	case "aws:sourceaccount", "aws:vpceaccount":
		return []string{"999999999999", "888888888888"}
	case "aws:currenttime", "aws:tokenissuetime":
		return []string{"2026-01-01T00:00:00Z"}
	case "aws:userid":
		return []string{q.who.likelyID()}
	case "aws:sourcearn":
		return []string{"arn:" + q.space.facts.partition() + ":s3:::example", "arn:" + q.space.facts.partition() + ":s3:::another"}
	case "aws:principalservicename", "aws:principalservicenameslist":
		return []string{"example.amazonaws.com"}
	}
	if x.key != nil && x.key.Values != "" {
		return strings.Split(x.key.Values, "|")
	}
	return nil
}

// plainest returns the shortest text of each pattern that a value must match, in
// the order of their length, and the length that no value can be shorter than.
func (s *sought) plainest() (out []string, least int) {
	for i, c := range s.constraints {
		if !c.wanted || c.view != whole {
			continue
		}
		l := s.languages[i]
		const few = 64
		shortest := -1
		for j := range l.patterns {
			if n := length(l.patterns[j].elements()); shortest < 0 || n < shortest {
				shortest = n
			}
			for _, filler := range [...]rune{'a', '9'} {
				if j < few {
					out = append(out, shortestOf(l.patterns[j].elements(), filler))
				}
			}
		}
		least = max(least, shortest)
		s.cost += len(l.patterns) * (1 + shortest)
	}
	shortest := -1
	for _, shape := range s.shapes {
		if n := length(shape); shortest < 0 || n < shortest {
			shortest = n
		}
		out = append(out, shortestOf(shape, 'a'), shortestOf(shape, 'b'))
	}
	least = max(least, shortest)
	if s.shapes == nil {
		least = max(least, 1)
		out = append(out, "a", "b")
	}
	slices.SortStableFunc(out, func(a, b string) int { return len(a) - len(b) })
	return out, least
}

// shortestOf spells the elements with a filler for wildcards of one character,
// and nothing for the others.
func shortestOf(elems []elem, filler rune) string {
	var b strings.Builder
	for _, e := range elems {
		switch e.kind {
		case literal, either:
			b.WriteRune(e.r)
		case one:
			b.WriteRune(filler)
		case digit:
			b.WriteRune('9')
		}
	}
	return b.String()
}
