package subject

import (
	"os"
	"path/filepath"

	"github.com/keysmith/keysmith/scripts/internal/exclude"
	"github.com/keysmith/keysmith/scripts/internal/repoconfig"
)

// Scope is what is set for the files of one folder.
type Scope struct {
	Settings repoconfig.Settings
	Base     string // the folder of keysmith.yaml; empty where there is none
	Exclude  exclude.Patterns
	Misnamed string // a file that was probably meant to be keysmith.yaml
}

// ScopeOf finds out what is set for a folder, by flags and by keysmith.yaml in it
// or above it.
func ScopeOf(dir string, flags repoconfig.Set) (Scope, error) {
	path, err := repoconfig.Find(dir)
	if err != nil {
		return Scope{}, err
	}
	s, set, patternBase := Scope{}, flags, "."
	if name := repoconfig.Misnamed(dir); name != "" {
		s.Misnamed = filepath.ToSlash(shorten(name))
	}
	if path != "" {
		s.Base = filepath.Dir(path)
		file, err := repoconfig.Load(shorten(path))
		if err != nil {
			return Scope{}, err
		}
		if set = flags.Over(file); set["exclude"].From != "--exclude" {
			patternBase = s.Base
		}
	}
	if s.Settings, err = set.Settings(); err != nil {
		return Scope{}, err
	}
	if s.Settings.Guardrails != "" {
		s.Settings.Guardrails = shorten(s.Settings.Guardrails)
	}
	s.Exclude, err = exclude.New(patternBase, s.Settings.Exclude)
	return s, err
}

// Excludes reports whether a path is left out. Baselines are no key policies.
func (s *Scope) Excludes(path string) bool {
	return s.Exclude.Match(path) || s.Settings.Guardrails != "" && exclude.Within(path, s.Settings.Guardrails)
}

// shorten shows a path from the present folder where that is shorter.
func shorten(path string) string {
	here, err := os.Getwd()
	if err != nil {
		return path
	}
	if rel, err := filepath.Rel(here, path); err == nil && len(rel) < len(path) {
		return rel
	}
	return path
}
