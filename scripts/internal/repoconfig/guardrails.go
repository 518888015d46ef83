package repoconfig

import (
	"slices"

	"github.com/keysmith/keysmith/shared/guardrails"
	"github.com/keysmith/keysmith/shared/settings"
)

// LoadGuardrails reads the folder of guardrails, and adds its lists to the
// settings as the function does. Without a folder there are none.
func (s *Settings) LoadGuardrails() (*guardrails.Set, error) {
	if s.Guardrails == "" {
		return nil, nil
	}
	set, err := settings.LoadGuardrails(s.Guardrails)
	if err != nil {
		return nil, err
	}
	for name, list := range map[string]*[]string{
		"break-glass": &s.BreakGlass, "trusted-accounts": &s.TrustedAccounts, "trusted-orgs": &s.TrustedOrgs, "protected-keys": &s.ProtectedKeys,
	} {
		*list = slices.Concat(*list, set.Lists[name])
	}
	return set, nil
}
