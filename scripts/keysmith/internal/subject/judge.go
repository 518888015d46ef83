package subject

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/keysmith/keysmith/scripts/internal/repoconfig"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/rulebook"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/tree"
	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/objectkey"
	"github.com/keysmith/keysmith/shared/outcome"
)

// JudgeName judges the name of an object, which the file at path has, and completes
// what is known of the key. The code is empty where the function would take it.
func JudgeName(path, object string, twins *tree.Twins, protectedKeys []string, k *keypolicy.Key) ([]keypolicy.Finding, outcome.Code) {
	*k = Named(*k, object)
	parsed, err := objectkey.Parse(object)
	if err != nil {
		return []keypolicy.Finding{rulebook.OfName(rulebook.ObjectKey, nameFault(object, err))}, outcome.BadObjectKey
	}
	k.ID = parsed.KeyID
	var findings []keypolicy.Finding
	var code outcome.Code
	if protected(protectedKeys, *k) {
		code = outcome.ProtectedKey
		findings = append(findings, rulebook.OfName(rulebook.KeyProtected,
			"protected-keys (PROTECTED_KEYS) names "+k.ID+", so keysmith never changes its policy; it is changed by hand only."))
	}
	if same := slices.Clone(twins.Of(path)); len(same) > 1 {
		folder := filepath.Dir(path)
		for i, name := range same {
			same[i] = tree.Display(filepath.Join(folder, name))
		}
		findings = append(findings, rulebook.OfName(rulebook.ObjectTwice,
			strings.Join(same, " and ")+" are for the same key, the object "+object+" of the bucket. Keep one of them."))
		code = outcome.BadObjectKey
	}
	return findings, code
}

func nameFault(object string, err error) string {
	message := err.Error()
	if bad, ok := err.(*objectkey.Error); ok { //nolint:errorlint // Parse promises this type
		message = bad.Message
	}
	return fmt.Sprintf("The bucket does not take an object called %q: %s.", object, strings.TrimSuffix(message, "."))
}

// protected compares as the function does, as far as the key is known: a
// multi-Region key id stands for the key in all Regions.
func protected(list []string, k keypolicy.Key) bool {
	return slices.ContainsFunc(list, func(p string) bool {
		arn, ok := objectkey.ParseARN(p)
		if !ok {
			return p == k.ID
		}
		sameRegion := arn.Region == k.Region || k.Region == "" || strings.HasPrefix(k.ID, "mrk-")
		return arn.KeyID == k.ID && (arn.Account == k.Account || k.Account == "") && sameRegion
	})
}

// Reword names the settings as they are called here: the rules call them as the
// function does, by the variables of its environment.
func Reword(findings []keypolicy.Finding) {
	for i := range findings {
		for _, d := range repoconfig.Definitions {
			variable := strings.ToUpper(strings.ReplaceAll(d.Name, "-", "_"))
			if text := findings[i].Message; strings.Contains(variable, "_") && !strings.Contains(text, d.Name) {
				findings[i].Message = strings.Replace(text, variable, d.Name+" ("+variable+")", 1)
			}
		}
	}
}
