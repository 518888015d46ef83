// Package desired reads the policies of a working tree that are objects of the
// bucket: what is wanted for which key.
//
// The commands that compare the tree with AWS share it, so that all of them take
// the same files, refuse two files for one key, and judge a policy as the function
// does.
package desired

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/keysmith/keysmith/scripts/internal/repoconfig"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/cli"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/subject"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/tree"
	"github.com/keysmith/keysmith/shared/guardrails"
	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/outcome"
)

// Settings are the settings of keysmith.yaml that decide what a policy is judged
// by.
var Settings = []string{
	"account", "region", "partition", "own-org", "trusted-accounts", "trusted-orgs", "break-glass", "writer",
	"require-account-root", "reject-at", "accept-findings", "protected-keys", "target-accounts", "target-org", "target-regions", "guardrails", "exclude",
}

// A Policy is the file of one object.
type Policy struct {
	Path   string // as reports show it
	Source string
	Root   string // the folder that holds policies/; empty where there is none
	Object string
	Key    keypolicy.Key
	Text   []byte
	Parsed *keypolicy.Policy // nil where the text holds none

	named []keypolicy.Finding // about the name
	code  outcome.Code        // why the name is refused
	judge *Judge
}

// Canonical is the digest of the policy; the zero value where it has none.
func (p *Policy) Canonical() keypolicy.Canonical { return p.Parsed.Canonical(p.Key.PartitionName()) }

// Verdict is what the function would say of the policy of a key, of which more
// may be known than the name of the file tells.
func (p *Policy) Verdict(k keypolicy.Key) ([]keypolicy.Finding, keypolicy.Reason) {
	findings, reason := p.judge.Policy(p.Object, p.Text, k)
	if p.code != "" {
		reason = keypolicy.Reason(p.code)
	}
	return append(slices.Clone(p.named), findings...), reason
}

// A Judge judges policies by the settings of a deployment.
type Judge struct {
	Settings   repoconfig.Settings
	guardrails *guardrails.Set
	env        cli.Env
}

// NewJudge reads the guardrails that the settings name.
func NewJudge(env cli.Env, s repoconfig.Settings) (*Judge, error) {
	j := &Judge{Settings: s, env: env}
	var err error
	j.guardrails, err = j.Settings.LoadGuardrails()
	return j, err
}

// Policy judges the policy of an object.
func (j *Judge) Policy(object string, text []byte, k keypolicy.Key) ([]keypolicy.Finding, keypolicy.Reason) {
	o := j.Settings.Options()
	o.Now, o.Key = j.env.Now, k
	report := j.guardrails.For(object, j.env.Now).Check(text, o)
	subject.Reword(report.Findings)
	return report.Findings, report.Reason(j.Settings.RejectAt, j.Settings.AcceptFindings)
}

// A Reader reads the policies that a command is given.
type Reader struct {
	Walk subject.Walk

	judges map[*subject.Scope]*Judge
	twins  tree.Twins
	faults []error
}

// Read returns the policies of files and folders, by the names of their objects.
// What cannot be read is said, and makes Troubled true. Two files for one object
// are a fault of both, which their verdicts name.
func (r *Reader) Read(paths []string) []*Policy {
	var list []*Policy
	r.Walk.Texts(paths, func(t subject.Text) {
		p, err := r.policy(t)
		if err != nil {
			r.fail(err)
			return
		}
		list = append(list, p)
	})
	slices.SortStableFunc(list, func(a, b *Policy) int { return cmp.Compare(a.Object, b.Object) })
	r.twice(list)
	return list
}

// Troubled reports whether something could not be read.
func (r *Reader) Troubled() bool { return r.Walk.Troubled || len(r.faults) > 0 }

func (r *Reader) fail(err error) {
	for _, before := range r.faults {
		if before.Error() == err.Error() {
			return
		}
	}
	r.faults = append(r.faults, err)
	r.Walk.Env.Say("%v", err)
}

func (r *Reader) policy(t subject.Text) (*Policy, error) {
	if t.Object == "" {
		return nil, fmt.Errorf("%s: it is not known which key the policy is for: keep the file under policies/, under the name <key-id>.json or <label>.<key-id>.json", t.Path)
	}
	j, err := r.judge(t.Scope)
	if err != nil {
		return nil, err
	}
	p := &Policy{Path: t.Path, Source: t.Source, Object: t.Object, Key: t.Key, Text: t.Bytes, judge: j}
	p.Root = tree.Locate(t.Source, t.Scope.Base).Root
	p.Parsed, _ = keypolicy.Parse(t.Bytes)
	p.named, p.code = subject.JudgeName(t.Source, t.Object, &r.twins, j.Settings, &p.Key)
	return p, nil
}

func (r *Reader) judge(s *subject.Scope) (*Judge, error) {
	if j, known := r.judges[s]; known {
		return j, nil
	}
	j, err := NewJudge(r.Walk.Env, s.Settings)
	if err != nil {
		return nil, err
	}
	if r.judges == nil {
		r.judges = map[*subject.Scope]*Judge{}
	}
	r.judges[s] = j
	return j, nil
}

// twice reports objects that have files in several folders. Those of one folder
// are found by their names.
func (r *Reader) twice(list []*Policy) {
	for i := 1; i < len(list); i++ {
		a, b := list[i-1], list[i]
		if a.Object == b.Object && filepath.Dir(a.Source) != filepath.Dir(b.Source) {
			r.fail(fmt.Errorf("%s and %s are for the same key, the object %s of the bucket. Keep one of them", a.Path, b.Path, a.Object))
		}
	}
}

// Twice reports two files for one object, which no command may choose from.
func (p *Policy) Twice() error {
	for _, f := range p.named {
		if f.Rule == "object-twice" {
			return errors.New(strings.TrimSuffix(f.Message, "."))
		}
	}
	return nil
}

// Refused is why the bucket takes no object of this name; nil where it does.
func (p *Policy) Refused() error {
	if err := subject.Target(p.Object, p.judge.Settings); err != nil {
		return fmt.Errorf("%s: %w", p.Path, err)
	}
	return nil
}

// Paths are the paths to read: those that are given, or else the folder policies
// beside keysmith.yaml or in the present folder.
func Paths(args []string) ([]string, error) {
	if len(args) > 0 {
		return args, nil
	}
	folders := []string{"policies"}
	if path, err := repoconfig.Find("."); err != nil {
		return nil, err
	} else if path != "" {
		beside := filepath.Join(filepath.Dir(path), "policies")
		if here, err := os.Getwd(); err == nil {
			if rel, err := filepath.Rel(here, beside); err == nil {
				beside = rel
			}
		}
		folders = []string{beside, "policies"}
	}
	for _, folder := range folders {
		if info, err := os.Stat(folder); err == nil && info.IsDir() {
			return []string{folder}, nil
		}
	}
	return nil, cli.Misuse("there is no folder policies here or beside %s: name the files and folders to read", repoconfig.Name)
}

// Show is the severity from which findings are printed.
func (p *Policy) Show() keypolicy.Severity { return p.judge.Settings.Show }

// Settings are what is set for the folder of the file.
func (p *Policy) Settings() repoconfig.Settings { return p.judge.Settings }

// SHA256 is the digest of the bytes of the file.
func (p *Policy) SHA256() string {
	sum := sha256.Sum256(p.Text)
	return hex.EncodeToString(sum[:])
}
