package settings

import (
	"errors"
	"os"
	"slices"

	"github.com/keysmith/keysmith/shared/converge"
	"github.com/keysmith/keysmith/shared/guardrails"
)

// Layer is where Lambda unpacks the layer with the guardrails.
const Layer = "/opt/guardrails"

// LoadGuardrails reads a folder of guardrails. The items of its lists are checked
// as those of the variables are.
func LoadGuardrails(dir string) (*guardrails.Set, error) {
	return guardrails.Load(dir, map[string]func(string) error{
		"break-glass":      CheckPrincipal,
		"trusted-accounts": CheckTrustedAccount,
		"trusted-orgs":     CheckOrg,
		protectedKeys:      CheckProtectedKey,
	})
}

// guardrails reads the guardrails and adds their lists to the variables of the
// same names.
func (r *reader) guardrails(s *converge.Settings) {
	set := r.guardrailSet()
	if set == nil {
		return
	}
	s.Guardrails = set
	add := func(list *[]string, name string) { *list = slices.Concat(*list, set.Lists[name]) }
	add(&s.Options.BreakGlass, "break-glass")
	add(&s.Options.TrustedAccounts, "trusted-accounts")
	add(&s.Options.TrustedOrgs, "trusted-orgs")
	add(&s.ProtectedKeys, protectedKeys)
}

// guardrailSet reads the guardrails; nil where there are none. A folder that is
// named and absent is a fault; without a name, an absent layer means that there are
// none.
func (r *reader) guardrailSet() *guardrails.Set {
	dir := r.getenv("GUARDRAILS_DIR")
	if dir == "" {
		if _, err := os.Stat(Layer); errors.Is(err, os.ErrNotExist) {
			return nil
		}
		dir = Layer
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		r.fault("GUARDRAILS_DIR", "the folder %s does not exist: add the layer with the guardrails to the function, or remove the variable", dir)
		return nil
	}
	set, err := LoadGuardrails(dir)
	if err != nil {
		r.faults = append(r.faults, err)
		return nil
	}
	return set
}

// protectedKeys is the list of the guardrails that belongs to PROTECTED_KEYS.
const protectedKeys = "protected-keys"
