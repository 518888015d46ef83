// Package exclude says which files and folders a command leaves out. The command
// line and the local stack read the same keysmith.yaml, so they must mean the same.
package exclude

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// Patterns say which files and folders to leave out, as .gitignore does: one
// without a slash is of a name anywhere, one with a slash of a path below base.
type Patterns struct {
	base string
	list []string
}

// New checks patterns. A relative one begins at the folder base.
func New(base string, list []string) (Patterns, error) {
	base, err := filepath.Abs(base)
	if err != nil {
		return Patterns{}, fmt.Errorf("reading the patterns to exclude: %w", err)
	}
	p := Patterns{base: base}
	for _, text := range list {
		clean := strings.TrimSuffix(strings.TrimPrefix(filepath.ToSlash(text), "./"), "/")
		if clean == "" || !doublestar.ValidatePattern(clean) {
			return Patterns{}, fmt.Errorf("exclude: %q is not a pattern; write names with * and **, such as testdata or 'old/**/*.json'", text)
		}
		p.list = append(p.list, clean)
	}
	return p, nil
}

// Within reports whether a path is a folder or lies below it.
func Within(path, folder string) bool {
	path, err := filepath.Abs(path)
	if err != nil {
		return false
	}
	if folder, err = filepath.Abs(folder); err != nil {
		return false
	}
	rel, err := filepath.Rel(folder, path)
	return err == nil && filepath.IsLocal(rel)
}

// Match reports whether a path is left out, by itself or by a folder above it.
func (p Patterns) Match(path string) bool {
	path, err := filepath.Abs(path)
	if err != nil || len(p.list) == 0 {
		return false
	}
	rel, err := filepath.Rel(p.base, path)
	if err != nil {
		rel = path
	}
	rel = filepath.ToSlash(rel)
	for _, pattern := range p.list {
		if matches(pattern, rel) {
			return true
		}
	}
	return false
}

func matches(pattern, path string) bool {
	for end := len(path); end > 0; end = strings.LastIndexByte(path[:end], '/') {
		part := path[:end]
		if !strings.Contains(pattern, "/") {
			part = part[strings.LastIndexByte(part, '/')+1:]
		}
		if doublestar.MatchUnvalidated(strings.TrimPrefix(pattern, "/"), part) {
			return true
		}
	}
	return false
}
