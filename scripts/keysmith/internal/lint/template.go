package lint

import (
	"cmp"
	"slices"
	"strings"

	"github.com/keysmith/keysmith/scripts/keysmith/internal/embed"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/rulebook"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/subject"
	"github.com/keysmith/keysmith/shared/keypolicy"
)

// template judges the key policies inside a document, each in its place.
func (r *run) template(v *verdict, d embed.Document, c *config) {
	var reasons []keypolicy.Reason
	for _, p := range d.Policies {
		o := c.Options()
		o.Now = r.env.Now
		o.Key.Usage, o.Key.Spec, o.Key.Origin = known(p.Usage, r.key.Usage), known(p.Spec, r.key.Spec), known(p.Origin, r.key.Origin)
		text := p.Text(embed.Facts{Partition: o.Key.Partition, Account: o.Key.Account, Region: o.Key.Region})
		report, reason := r.embedded(p, text, o, c)
		v.Findings = append(v.Findings, report.Findings...)
		one := part{path: p.Path, reason: reason}
		r.callerKeeps(&one, report.Policy, text, o.Key)
		reasons = append(reasons, one.reason)
		v.parts = append(v.parts, one)
		if v.Standing = worse(v.Standing, one.standing); one.reason != keypolicy.Accepted {
			v.refused++
		}
		v.policies++
		v.unknownValues += len(text.Unknown)
		if o.Key.Account == "" {
			v.withoutAccount++
		}
		if o.Key.Account == "" || len(text.Unknown) > 0 {
			v.partly++
		}
	}
	for _, reason := range []keypolicy.Reason{keypolicy.Guardrail, keypolicy.Lockout, keypolicy.InvalidPolicy, keypolicy.TooLarge} {
		if slices.Contains(reasons, reason) {
			v.Reason = reason
		}
	}
}

// callerKeeps says of one policy whether the caller keeps the key, where all its values
// are known.
func (r *run) callerKeeps(p *part, policy *keypolicy.Policy, text embed.Text, k keypolicy.Key) {
	switch {
	case r.caller == "":
		return
	case text.Bytes == nil || len(text.Unknown) > 0:
		r.unknown.standing++
		return
	}
	p.standing, p.repairers = policy.StandingOf(r.caller, k), policy.Repairers(k)
	if p.standing == keypolicy.Fails && p.reason == keypolicy.Accepted {
		p.reason = keypolicy.Lockout // KMS itself refuses the policy
	}
}

// worse is the one of two standings that says more against a policy.
func worse(a, b keypolicy.Standing) keypolicy.Standing {
	order := []keypolicy.Standing{"", keypolicy.Keeps, keypolicy.DependsOnIAM, keypolicy.DependsOnCondition, keypolicy.Fails}
	if slices.Index(order, a) > slices.Index(order, b) {
		return a
	}
	return b
}

func known(inDocument, flag string) string {
	if inDocument != "" {
		return inDocument
	}
	return flag
}

// embedded judges one policy of a document. What is found there gets its place
// and its path in the document.
func (r *run) embedded(p embed.Policy, text embed.Text, o keypolicy.Options, c *config) (keypolicy.Report, keypolicy.Reason) {
	report := keypolicy.Report{Policy: &keypolicy.Policy{}}
	if text.Bytes != nil {
		report = r.guardrails(c, "").Check(text.Bytes, o)
		report.Findings = slices.DeleteFunc(report.Findings, func(f keypolicy.Finding) bool { return !certain(f, text.Unknown) })
	}
	subject.Reword(report.Findings)
	reason := report.Reason(c.RejectAt, c.AcceptFindings)
	for i := range report.Findings {
		f := &report.Findings[i]
		at := text.Place(f.Line, f.Column)
		f.Line, f.Column, f.Path = at.Line, at.Column, join(p.Path, f.Path)
	}
	for _, u := range text.Unknown {
		f := unknownValue(p, u)
		if reason == keypolicy.Accepted && refuses(f, c) {
			reason = keypolicy.InvalidPolicy
		}
		report.Findings = append(report.Findings, f)
	}
	slices.SortStableFunc(report.Findings, func(a, b keypolicy.Finding) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return report, reason
}

func join(a, b string) string {
	if b == "" {
		return a
	}
	return a + "." + b
}

func unknownValue(p embed.Policy, u embed.Unknown) keypolicy.Finding {
	message := u.What + " is known only at deployment"
	if strings.Contains(u.What, "AWS::AccountId") {
		message += " or where the account is set (account in keysmith.yaml, or --account)"
	}
	if strings.Contains(u.What, "AWS::Region") {
		message += " or where the Region is set (region in keysmith.yaml, or --region)"
	}
	if u.Path == "" {
		message += ", so nothing was checked"
	} else {
		message += ", so the rules that need it did not run: whether a principal loses the key is not known, nor what this statement allows"
	}
	rule := rulebook.KnownLater
	return keypolicy.Finding{
		Rule: rule.ID, Severity: rule.Severity, Message: message + ".",
		Line: u.Place.Line, Column: u.Place.Column, Path: join(p.Path, u.Path),
	}
}

// certain reports whether a finding holds whatever the unknown values are. Rules
// about the text of a part hold for that part; rules about what a statement
// opens, and about what all statements leave to somebody, need the values.
func certain(f keypolicy.Finding, unknown []embed.Unknown) bool {
	if len(unknown) == 0 {
		return true
	}
	rule, _ := rulebook.ByID(f.Rule)
	if rule.Class == keypolicy.ClassLockout || rule.Chapter == chapterLockout || rule.Chapter == chapterGuardrails {
		return false
	}
	for _, u := range unknown {
		if u.Covers(f.Line, f.Column) || u.Path == "Statement" || within(f.Path, u.Path) {
			return false
		}
		if statement(u.Path) == statement(f.Path) && (u.Path == statement(u.Path) || !slices.Contains(chaptersOfText, rule.Chapter)) {
			return false
		}
	}
	return true
}

// within reports whether a path is another one or leads into it.
func within(path, into string) bool {
	rest, found := strings.CutPrefix(path, into)
	return found && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// The chapters of the rules.
const (
	chapterLockout    = "Who could lose the key"
	chapterGuardrails = "Guardrails"
)

var chaptersOfText = []string{"Text", "Grammar", "Principals", "Actions and resources", "Conditions"}

// statement cuts a path to the statement that it lies in.
func statement(path string) string {
	if i := strings.IndexByte(path, ']'); i >= 0 && strings.HasPrefix(path, "Statement[") {
		return path[:i+1]
	}
	if rest, ok := strings.CutPrefix(path, "Statement."); ok && rest != "" {
		return "Statement"
	}
	return path
}
