package guardrails

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/keysmith/keysmith/shared/keypolicy"
)

// Load reads a folder of guardrails. Checks say what is wrong with an item of a
// list of settings.yaml, by the list's name. The error joins every fault.
func Load(dir string, checks map[string]func(string) error) (*Set, error) {
	l := &loader{dir: dir, set: &Set{Lists: map[string][]string{}}}
	l.parts()
	l.each("baselines", ".json", l.baseline)
	l.each("assertions", ".yaml", func(path string, text []byte) {
		d := &document{path: path}
		l.require(d.assertions(text)...)
		l.faults = append(l.faults, d.faults...)
	})
	l.settings(checks)
	l.names()
	if len(l.faults) > 0 {
		return nil, errors.Join(l.faults...)
	}
	return l.set, nil
}

// loader reads one folder and collects every fault.
type loader struct {
	dir    string
	set    *Set
	faults []error
}

func (l *loader) fault(format string, args ...any) {
	l.faults = append(l.faults, fmt.Errorf(format, args...))
}

// parts looks for files and folders that nobody reads: a guardrail at the wrong
// place would protect nothing.
func (l *loader) parts() {
	entries, err := os.ReadDir(l.dir)
	if err != nil {
		l.fault("reading the guardrails: %w", err)
	}
	for _, e := range entries {
		name := e.Name()
		path := filepath.Join(l.dir, name)
		info, err := os.Stat(path)
		switch extension := strings.ToLower(filepath.Ext(name)); {
		case strings.HasPrefix(name, "."):
		case err != nil:
			l.fault("reading the guardrails: %w", err)
		case info.IsDir() && !slices.Contains([]string{"baselines", "assertions", "examples", "testdata"}, name):
			l.fault("%s: this folder is not read: the folders are baselines, assertions and examples", path)
		case !info.IsDir() && name != "settings.yaml" && slices.Contains([]string{".json", ".yaml", ".yml"}, extension):
			l.fault("%s: this file is not read: write baselines/NAME.json, assertions/NAME.yaml or settings.yaml", path)
		}
	}
}

// each reads the files of one part. A README may stand beside them.
func (l *loader) each(part, extension string, read func(path string, text []byte)) {
	dir := filepath.Join(l.dir, part)
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		l.fault("reading the guardrails: %w", err)
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		switch {
		case strings.HasPrefix(e.Name(), "."), strings.EqualFold(filepath.Ext(path), ".md"):
		case filepath.Ext(path) != extension:
			l.fault("%s: this file is not read: the files of %s are called NAME%s", path, part, extension)
		default:
			if text, ok := l.read(path); ok {
				read(path, text)
			}
		}
	}
}

// most is more than any file of guardrails has.
const most = 1 << 20

func (l *loader) read(path string) ([]byte, bool) {
	f, err := os.Open(path) //nolint:gosec // the folder is the operator's
	if err != nil {
		l.fault("reading the guardrails: %w", err)
		return nil, false
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, most+1))
	switch {
	case err != nil:
		l.fault("reading the guardrails: %w", err)
	case len(text) > most:
		l.fault("%s: the file is larger than 1 MiB", path)
	}
	return text, err == nil && len(text) <= most
}

func (l *loader) baseline(path string, text []byte) {
	r, err := ReadBaseline(path, text)
	if err != nil {
		l.faults = append(l.faults, err)
	}
	l.require(r)
}

// require adds what is required, unless its name is taken.
func (l *loader) require(all ...Required) {
	for _, r := range all {
		i := slices.IndexFunc(l.set.required, func(o Required) bool { return o.Name == r.Name })
		if i >= 0 && l.set.required[i].File != r.File {
			l.fault("%s:%d:1: the name %q is already the name of %s: write another one, since exceptions refer to it", r.File, r.Line, r.Name, l.set.required[i].File)
		}
		l.set.required = append(l.set.required, r)
	}
}

func (l *loader) settings(checks map[string]func(string) error) {
	d := &document{path: filepath.Join(l.dir, "settings.yaml")}
	if _, err := os.Stat(d.path); errors.Is(err, fs.ErrNotExist) {
		return
	}
	text, ok := l.read(d.path)
	if !ok {
		return
	}
	for _, e := range d.settings(text, checks, l.set) {
		l.example(d, e)
	}
	l.faults = append(l.faults, d.faults...)
}

// example reads an example that is switched on.
func (l *loader) example(d *document, e example) {
	path := filepath.Join(l.dir, "examples", e.name, "baseline.json")
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		d.fault(e.at, "there is no example %q: the examples are %s", e.name, strings.Join(l.examples(), ", "))
		return
	}
	text, ok := l.read(path)
	if !ok {
		return
	}
	r, err := ReadBaseline(path, text)
	if err != nil {
		l.faults = append(l.faults, err)
	}
	r.Name, r.keys = e.name, e.keys
	l.require(r)
}

func (l *loader) examples() []string {
	paths, _ := filepath.Glob(filepath.Join(l.dir, "examples", "*", "baseline.json"))
	for i, path := range paths {
		paths[i] = filepath.Base(filepath.Dir(path))
	}
	return paths
}

// names checks that each exception is from something that exists and that may
// have one. Nobody may be locked out by an exception.
func (l *loader) names() {
	for _, e := range l.set.exceptions {
		r, isRule := keypolicy.RuleByID(e.Rule)
		required := slices.ContainsFunc(l.set.required, func(r Required) bool { return r.Name == e.Rule }) || slices.Contains(l.examples(), e.Rule)
		switch {
		case e.Rule == "" || required || isRule && (r.Class == keypolicy.ClassAdvice || r.Class == keypolicy.ClassGuardrail):
		case isRule:
			l.fault("%s: an exception from %s is not possible, because it is a rule of the class %s: correct the policy", e.At, e.Rule, r.Class)
		default:
			l.fault("%s: there is no rule, baseline or assertion %q: write its name as it appears in messages", e.At, e.Rule)
		}
	}
}

// place is where something stands in a file.
func place(path string, n *yaml.Node) string { return fmt.Sprintf("%s:%d:%d", path, n.Line, n.Column) }
