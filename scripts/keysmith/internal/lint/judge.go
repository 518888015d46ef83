package lint

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/keysmith/keysmith/scripts/keysmith/internal/embed"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/rulebook"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/subject"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/tree"
	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/outcome"
)

// file is one file to judge.
type file struct {
	path  string
	text  []byte
	named bool // on the command line, rather than found in a folder
}

// most is how much of a file is read. Key policies are small; the output of
// terraform show -json, which may hold some, is not.
const most = 64 << 20

func (r *run) read(path string) ([]byte, error) {
	in := r.env.In
	if path != tree.Stdin {
		f, err := os.Open(path)
		if err != nil {
			return nil, fmt.Errorf("reading policy: %w", err)
		}
		defer f.Close()
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, most+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("reading policy: %w", err)
	case len(text) > most:
		return nil, fmt.Errorf("reading policy: %s is larger than %d MiB, so it holds no key policy that KMS takes", path, most>>20)
	}
	return text, nil
}

// judge returns what is to be said about a file, and false where it was found in
// a folder and is neither a policy nor a template that holds one.
func (r *run) judge(f file, c *config) (verdict, bool) {
	v := verdict{
		File: tree.Display(f.path), Findings: []keypolicy.Finding{}, places: &cursor{text: f.text}, show: c.Show,
		refuses: func(f keypolicy.Finding) bool { return refuses(f, c) },
	}
	var at tree.Place
	if f.path != tree.Stdin {
		at = tree.Locate(f.path, c.scope.Base)
	}
	if at.Object == "" {
		if d, ok := embed.Find(f.text); ok && len(d.Policies) > 0 {
			r.template(&v, d, c)
			return v, true
		}
		if yaml := !f.named && !strings.EqualFold(filepath.Ext(f.path), ".json"); yaml {
			return v, false
		}
	}
	r.policy(&v, f, at, c)
	return v, true
}

// policy judges a file that is a policy, and its name where it has one.
func (r *run) policy(v *verdict, f file, at tree.Place, c *config) {
	o := c.Options()
	o.Now = r.env.Now
	o.Key = subject.Complete(o.Key, *r.key)
	var reason outcome.Code
	if at.Object != "" {
		var named []keypolicy.Finding
		named, reason = subject.JudgeName(f.path, at.Object, &r.twins, c.Settings, &o.Key)
		if subject.TargetUnknown(at.Object, c.Settings) {
			r.unknown.targets++
		}
		v.Findings = append(v.Findings, named...)
	}
	report := r.guardrails(c, subject.Object(at.Object, o.Key)).Check(f.text, o)
	subject.Reword(report.Findings)
	v.Findings = append(v.Findings, report.Findings...)
	if v.Reason = keypolicy.Reason(reason); reason == "" {
		v.Reason = report.Reason(c.RejectAt, c.AcceptFindings)
	}
	if o.Key.Account == "" && report.Policy != nil {
		v.withoutAccount, v.partly = 1, 1
	}
	v.Repairers = report.Policy.Repairers(o.Key)
	if r.caller != "" {
		v.Standing = report.Policy.StandingOf(r.caller, o.Key)
	}
	if v.Standing == keypolicy.Fails && v.Reason == keypolicy.Accepted {
		v.Reason = keypolicy.Lockout // KMS itself refuses the policy
	}
	if v.policies = 1; v.Reason != keypolicy.Accepted {
		v.refused = 1
	}
}

// guardrails are those for an object. Without a name it is not known whether those
// for named keys are for it.
func (r *run) guardrails(c *config, object string) keypolicy.Guardrails {
	if object == "" && c.guardrails.Named() {
		r.unknown.guardrails++
	}
	return c.guardrails.For(object, r.env.Now)
}

// refuses reports whether a finding refuses its policy under these settings.
func refuses(f keypolicy.Finding, c *config) bool {
	if rule, ok := rulebook.ByID(f.Rule); ok && !rule.Acceptable() {
		return rule.Class != keypolicy.ClassNotice
	}
	if f.Rule == rulebook.KnownLater.ID {
		return f.Severity >= c.RejectAt
	}
	return f.Refuses(c.RejectAt, c.AcceptFindings)
}
