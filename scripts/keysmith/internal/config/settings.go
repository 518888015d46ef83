package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/keysmith/keysmith/scripts/internal/repoconfig"
)

// variables are the variables of the function that keysmith.yaml has too.
var variables = map[string]string{
	"own-org": "OWN_ORG", "trusted-accounts": "TRUSTED_ACCOUNTS", "trusted-orgs": "TRUSTED_ORGS", "break-glass": "BREAK_GLASS_PRINCIPALS",
	"writer": "WRITER_ROLE_ARN", "require-account-root": "REQUIRE_ACCOUNT_ROOT", "reject-at": "REJECT_AT", "accept-findings": "ACCEPT_FINDINGS",
	"protected-keys": "PROTECTED_KEYS", "target-accounts": "TARGET_ACCOUNTS", "target-org": "TARGET_ORG", "target-regions": "TARGET_REGIONS", "bucket": "POLICY_BUCKET",
}

// A value is what a setting is to be; without values it is not set.
type value struct {
	repoconfig.Definition
	values []string
}

// settings are those that the function decides, in the order of help. The error
// joins all faults.
func settings(s source) ([]value, error) {
	var set []value
	var faults []error
	for _, d := range repoconfig.Definitions {
		text, decided := "", true
		switch d.Name {
		case "account":
			text = s.account
		case "region":
			text = s.region
		default:
			var variable string
			variable, decided = variables[d.Name]
			text = s.variables[variable]
		}
		if d.Name == "target-regions" && text == "" {
			text = s.region // what the function takes without it, so that lint knows the targets
		}
		if !decided {
			continue
		}
		v := value{d, split(d, text)}
		for _, item := range v.values {
			if err := d.Check(item); err != nil {
				faults = append(faults, fmt.Errorf("%s: %w", variables[d.Name], err))
			}
		}
		set = append(set, v)
	}
	return set, errors.Join(faults...)
}

func split(d repoconfig.Definition, text string) []string {
	if d.Kind != repoconfig.List {
		return slices.DeleteFunc([]string{text}, func(v string) bool { return v == "" })
	}
	var list []string
	for item := range strings.SplitSeq(text, ",") {
		if item = strings.TrimSpace(item); item != "" {
			list = append(list, item)
		}
	}
	return list
}
