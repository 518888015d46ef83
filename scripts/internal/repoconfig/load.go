package repoconfig

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Name is how the file is called.
const Name = "keysmith.yaml"

// OtherName is how the file is called by mistake.
const OtherName = "keysmith.yml"

// An Entry is one setting that somebody has set.
type Entry struct {
	Values []string // one for Text and Switch
	From   string   // where: "--account" or "keysmith.yaml:3:10"
}

// A Set holds what is set, by name.
type Set map[string]Entry

// Over returns s with the settings of below where s has none.
func (s Set) Over(below Set) Set {
	all := Set{}
	for _, from := range []Set{below, s} {
		for name, e := range from {
			all[name] = e
		}
	}
	return all
}

// Find looks for the file in a folder and in those above it. It returns "" where
// there is none.
func Find(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("looking for %s: %w", Name, err)
	}
	for {
		path := filepath.Join(dir, Name)
		info, err := os.Stat(path)
		switch {
		case err == nil && info.Mode().IsRegular():
			return path, nil
		case err == nil:
			return "", fmt.Errorf("%s is not a file", path)
		case dangling(path):
			target, _ := os.Readlink(path)
			return "", fmt.Errorf("%s is a link to %s, which does not exist. Correct the link or remove it", path, target)
		case !errors.Is(err, os.ErrNotExist) && !errors.Is(err, os.ErrPermission):
			return "", fmt.Errorf("looking for %s: %w", Name, err)
		}
		above := filepath.Dir(dir)
		if above == dir {
			return "", nil
		}
		dir = above
	}
}

// dangling reports whether there is a link at a path that leads to nothing.
func dangling(path string) bool {
	_, err := os.Stat(path)
	_, linkErr := os.Lstat(path)
	return errors.Is(err, os.ErrNotExist) && linkErr == nil
}

// Misnamed looks for a file that was probably meant to be the one of settings for
// a folder: keysmith.yml, no farther up than a keysmith.yaml. It returns "" where
// there is none.
func Misnamed(dir string) string {
	dir, err := filepath.Abs(dir)
	for err == nil {
		if _, err := os.Lstat(filepath.Join(dir, Name)); err == nil {
			return ""
		}
		path := filepath.Join(dir, OtherName)
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			return path
		}
		above := filepath.Dir(dir)
		if above == dir {
			return ""
		}
		dir = above
	}
	return ""
}

// Load reads a file. The error joins every fault, each with line and column.
func Load(path string) (Set, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the settings: %w", err)
	}
	return parse(path, text)
}

func parse(path string, text []byte) (Set, error) {
	r := &reader{path: path, set: Set{}}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var document yaml.Node
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF):
		return r.set, nil
	case err != nil:
		return nil, syntaxError(path, text, err)
	}
	r.document(document.Content[0])
	var more yaml.Node
	if err := decoder.Decode(&more); !errors.Is(err, io.EOF) {
		r.fault(&more, "a second document begins; the file has one")
	}
	return r.set, errors.Join(r.faults...)
}

// syntaxError gives the place of a tab, which the YAML library gives by its line only,
// or by a line near it.
func syntaxError(path string, text []byte, err error) error {
	message := strings.TrimPrefix(err.Error(), "yaml: ")
	if !strings.Contains(message, "tab character") && !strings.Contains(message, "cannot start any token") {
		return fmt.Errorf("%s: %s", path, message)
	}
	line := 0
	for content := range strings.Lines(string(text)) {
		line++
		before := content[:len(content)-len(strings.TrimLeft(content, " \t"))]
		name, value, _ := strings.Cut(content, ":")
		column := strings.IndexByte(before, '\t')
		if column < 0 && strings.HasPrefix(strings.TrimLeft(value, " "), "\t") {
			column = len(name) + 1 + strings.IndexByte(value, '\t')
		}
		if column >= 0 {
			return fmt.Errorf("%s:%d:%d: there is a tab, and YAML takes blanks only. Write blanks", path, line, column+1)
		}
	}
	return fmt.Errorf("%s: %s", path, message)
}

// reader turns the document into a set and collects every fault.
type reader struct {
	path   string
	set    Set
	faults []error
}

func (r *reader) fault(n *yaml.Node, format string, args ...any) {
	r.faults = append(r.faults, fmt.Errorf("%s: "+format, append([]any{r.at(n)}, args...)...))
}

func (r *reader) at(n *yaml.Node) string {
	return fmt.Sprintf("%s:%d:%d", r.path, max(1, n.Line), max(1, n.Column))
}

func (r *reader) document(root *yaml.Node) {
	if root.Kind == yaml.ScalarNode && root.Tag == "!!null" {
		return // nothing but comments
	}
	if root.Kind != yaml.MappingNode {
		r.fault(root, "the file must be a list of names with values, such as \"account: 111122223333\"")
		return
	}
	for i := 0; i+1 < len(root.Content); i += 2 {
		name, value := root.Content[i], root.Content[i+1]
		d, known := Lookup(name.Value)
		switch before, twice := r.set[name.Value]; {
		case !known:
			r.fault(name, "there is no setting %q%s", name.Value, unknown(name.Value))
		case twice:
			r.fault(name, "%s is set already, at %s", name.Value, before.From)
		default:
			r.entry(d, value)
		}
	}
}

func unknown(name string) string {
	if hint := didYouMean(name, names()); hint != "" {
		return hint
	}
	return "; the settings are " + strings.Join(names(), ", ")
}

func names() []string {
	all := make([]string, len(Definitions))
	for i, d := range Definitions {
		all[i] = d.Name
	}
	return all
}

// entry reads the value of one setting.
func (r *reader) entry(d Definition, n *yaml.Node) {
	e := Entry{From: r.at(n)}
	switch {
	case n.Kind == yaml.SequenceNode && d.Kind == List:
		for _, item := range n.Content {
			if text, ok := r.scalar(d, item); ok {
				e.Values = append(e.Values, text)
			}
		}
	case n.Kind == yaml.ScalarNode && d.Kind == List:
		if text, ok := r.scalar(d, n); ok {
			e.Values = split(text)
		}
	default:
		if text, ok := r.scalar(d, n); ok {
			e.Values = []string{text}
		}
	}
	r.set[d.Name] = e
}

// scalar reads one value as it is written: an account that begins with zero is
// no number.
func (r *reader) scalar(d Definition, n *yaml.Node) (string, bool) {
	switch {
	case n.Kind != yaml.ScalarNode && d.Kind == List:
		r.fault(n, "%s: want a list of plain values", d.Name)
		return "", false
	case n.Kind != yaml.ScalarNode:
		r.fault(n, "%s: want one plain value", d.Name)
		return "", false
	case n.Tag == "!!null" || n.Value == "":
		r.fault(n, "%s: the value is missing; write one or remove the line", d.Name)
		return "", false
	}
	values := []string{n.Value}
	if d.Kind == List {
		values = split(n.Value)
	}
	for _, v := range values {
		if err := d.Check(v); err != nil {
			r.fault(n, "%s: %v", d.Name, err)
			return "", false
		}
	}
	return n.Value, true
}

// split reads values with commas between them.
func split(text string) []string {
	var values []string
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			values = append(values, part)
		}
	}
	return values
}
