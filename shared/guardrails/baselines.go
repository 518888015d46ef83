package guardrails

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy"
)

// ReadBaseline reads one baseline. The error joins every fault.
func ReadBaseline(path string, text []byte) (Required, error) {
	name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	p, findings, ok := keypolicy.ReadBaseline(text)
	var faults []error
	for _, f := range findings {
		faults = append(faults, fmt.Errorf("%s:%d:%d: %s: %s", path, f.Line, f.Column, f.Rule, f.Message))
	}
	if !ok && len(faults) == 0 {
		faults = append(faults, fmt.Errorf("%s:1:1: the baseline can be read in more than one way", path))
	}
	return Required{Requirement: keypolicy.Requirement{Name: name, File: path, Line: 1, Baseline: p}}, errors.Join(faults...)
}
