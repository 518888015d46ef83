package lint

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/keysmith/keysmith/scripts/internal/repoconfig"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/cli"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/rulebook"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/subject"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/tree"
	"github.com/keysmith/keysmith/shared/guardrails"
	"github.com/keysmith/keysmith/shared/keypolicy"
)

// run goes over the files one by one. It holds one of them at a time.
type run struct {
	*linter
	finder  tree.Finder
	twins   tree.Twins
	configs map[string]*config // by folder
	faulty  map[string]bool    // configurations whose faults were reported

	misnamed map[string]bool // files that were probably meant to be keysmith.yaml
	doubts   map[string]bool // about settings that are taken all the same
	out      reporter
	totals   totals
	unknown  unknown
	failed   error // of writing the report
	code     int
	closing  []string // what is said after the report
}

// config is what is set for the files of one folder.
type config struct {
	repoconfig.Settings
	scope      subject.Scope
	guardrails *guardrails.Set
	faulty     bool
}

// unknown counts what rules could not look at.
type unknown struct {
	account    int // policies of keys whose account is not known
	values     int // values that are known at deployment only
	guardrails int // policies for which it is not known whether some guardrail is for them
	targets    int // policies of keys of which it is not known whether they are targets
	standing   int // policies for which it was asked whether the caller keeps the key, and not answered
}

func newRun(l *linter) *run {
	r := &run{linter: l, configs: map[string]*config{}, faulty: map[string]bool{}, misnamed: map[string]bool{}, doubts: map[string]bool{}}
	r.finder = tree.Finder{
		Exclude: func(path string) bool { return r.config(filepath.Dir(path)).scope.Excludes(path) },
		Visit:   r.visit,
		Fail:    r.trouble,
	}
	r.out = l.reporter()
	return r
}

// trouble reports what could not be done. The other files are judged.
func (r *run) trouble(err error) {
	r.env.Say("%v", err)
	r.fails(err.Error())
}

// fails records what makes the run incomplete.
func (r *run) fails(why string) {
	r.code = cli.Trouble
	r.totals.failures = append(r.totals.failures, why)
}

// config finds out what is set for a folder.
func (r *run) config(dir string) *config {
	if c, known := r.configs[dir]; known {
		return c
	}
	c, err := r.load(dir)
	if err != nil {
		c = &config{faulty: true}
		if !r.faulty[err.Error()] {
			r.trouble(err)
		}
		r.faulty[err.Error()] = true
	}
	r.configs[dir] = c
	return c
}

func (r *run) load(dir string) (*config, error) {
	scope, err := subject.ScopeOf(dir, r.flags)
	if err != nil {
		return nil, err
	}
	if scope.Misnamed != "" {
		r.misnamed[scope.Misnamed] = true
	}
	if doubt := scope.Settings.Doubt(); doubt != "" {
		r.doubts[doubt] = true
	}
	c := &config{Settings: scope.Settings, scope: scope}
	c.guardrails, err = c.LoadGuardrails()
	return c, err
}

// visit judges one file.
func (r *run) visit(path string, named bool) {
	c := r.config(filepath.Dir(path))
	if c.faulty {
		return
	}
	text, err := r.read(path)
	if err != nil {
		r.trouble(err)
		return
	}
	v, judged := r.judge(file{path: path, text: text, named: named}, c)
	if !judged {
		r.finder.Unjudged(path)
		return
	}
	r.count(v)
	if err := r.out.add(v); err != nil && r.failed == nil {
		r.failed = err
	}
}

func (r *run) count(v verdict) {
	r.totals.policies += v.policies
	r.unknown.account += v.withoutAccount
	r.totals.partly += v.partly
	r.unknown.values += v.unknownValues
	if v.Reason != "" {
		r.totals.refused += v.refused
		r.code = cli.Worse(r.code, cli.Refused)
	}
}

// notes collects what the report does not cover. It is said after the report.
func (r *run) notes() {
	if n := r.finder.Skipped.Folders; n.Count > 0 {
		r.note("skipped %s: hidden folders and node_modules are searched only where they are named", n)
	}
	if n := r.finder.Skipped.Files; n.Count > 0 {
		r.note("skipped %s: neither *.json nor a CloudFormation template with key policies", n)
	}
	for _, text := range slices.Sorted(maps.Keys(r.doubts)) {
		r.note("warning: %s", text)
	}
	for _, text := range r.left() {
		if r.strict() {
			r.fails(text)
			r.note("error (--strict): %s", text)
			continue
		}
		r.note("warning: %s", text)
	}
}

func (r *run) note(format string, args ...any) {
	r.closing = append(r.closing, fmt.Sprintf(format, args...))
}

// left lists what was not judged, or not by all rules.
func (r *run) left() []string {
	var left []string
	if n := r.finder.Skipped.Links; n.Count > 0 {
		left = append(left, links(n))
	}
	for name := range r.misnamed {
		left = append(left, name+" is not read: the file of settings is called "+repoconfig.Name+". Rename it")
	}
	slices.Sort(left)
	if n := r.unknown.account; n > 0 {
		left = append(left, fmt.Sprintf("the account of the key is unknown for %s, so %d rules did not run or not in full: %s. Set account in keysmith.yaml, or --account",
			plural(n, "policy", "policies"), len(rulebook.NeedAccount), strings.Join(rulebook.NeedAccount, ", ")))
	}
	if n := r.unknown.values; n > 0 {
		left = append(left, fmt.Sprintf("%s known only at deployment, so the rules that need them did not run", plural(n, "value is", "values are")))
	}
	if n := r.unknown.targets; n > 0 {
		left = append(left, fmt.Sprintf("it is not known whether the deployment writes to the keys of %s, which are in other accounts or Regions, or are multi-Region sets. Set account, region, target-accounts and target-regions in keysmith.yaml (keysmith config writes them)",
			plural(n, "policy", "policies")))
	}
	if n := r.unknown.guardrails; n > 0 {
		left = append(left, fmt.Sprintf("guardrails for named keys were not applied to %s: it is not known for which key. Keep the file under policies/, or set --key-id",
			plural(n, "policy", "policies")))
	}
	if n := r.unknown.standing; n > 0 {
		left = append(left, fmt.Sprintf("--caller was not applied to %s in templates: some of its values are known only at deployment", plural(n, "policy", "policies")))
	}
	if r.totals.policies == 0 && r.code == cli.Fine {
		left = append(left, "no policy was checked. Every file is excluded, or is not a key policy: check the paths and --exclude")
	}
	return left
}

func links(l tree.List) string {
	if l.Count == 1 {
		return l.String() + " is a link to a folder; keysmith does not follow it: name it with a trailing slash"
	}
	return l.String() + " are links to folders; keysmith does not follow them: name each with a trailing slash"
}

// strict reports whether any of the files is judged strictly.
func (r *run) strict() bool {
	for _, c := range r.configs {
		if c.Strict {
			return true
		}
	}
	return false
}

func plural(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, more)
}

// totals sum up the run.
type totals struct {
	policies, refused int
	partly            int      // some rules could not run
	failures          []string // what could not be judged, and why
}

// verdict is what was found in one file.
type verdict struct {
	File     string              `json:"file"`
	Reason   keypolicy.Reason    `json:"reason"` // empty where the policy is acceptable
	Findings []keypolicy.Finding `json:"findings"`

	// Repairers certainly may put another policy on the key. Standing is
	// whether the caller who puts this policy still may, which KMS asks too; of
	// several policies in a template, the gravest.
	Repairers []string           `json:"repairers,omitempty"`
	Standing  keypolicy.Standing `json:"standing,omitempty"`

	places         *cursor // in the file
	refuses        func(keypolicy.Finding) bool
	show           keypolicy.Severity
	policies       int
	refused        int
	withoutAccount int
	unknownValues  int
	partly         int
	parts          []part // of a template, one for each policy
}

// part is a policy inside a template.
type part struct {
	path      string
	reason    keypolicy.Reason
	standing  keypolicy.Standing
	repairers []string
}

// shown reports whether a finding is printed. One that refuses always is.
func (v verdict) shown(f keypolicy.Finding) bool { return f.Severity >= v.show || v.refuses(f) }
