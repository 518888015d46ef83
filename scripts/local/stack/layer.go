package stack

import (
	"cmp"
	"maps"
	"path/filepath"
)

// unpacked is the environment of the function with the guardrails where they are
// on this machine: there is no layer here.
func (c Config) unpacked(environment map[string]string) map[string]string {
	env := maps.Clone(environment)
	if env["GUARDRAILS_DIR"] != "" {
		folder := cmp.Or(c.Guardrails, filepath.Join(filepath.Dir(c.Template), "shared", "guardrails"))
		if absolute, err := filepath.Abs(folder); err == nil {
			folder = absolute // the function runs in a folder of its own
		}
		env["GUARDRAILS_DIR"] = folder
	}
	return env
}
