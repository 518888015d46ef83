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
func JudgeName(path, object string, twins *tree.Twins, s repoconfig.Settings, k *keypolicy.Key) ([]keypolicy.Finding, outcome.Code) {
	*k = Named(*k, object)
	if err := Target(object, s); err != nil {
		return []keypolicy.Finding{rulebook.OfName(rulebook.ObjectKey, reword(nameFault(object, err)))}, outcome.BadObjectKey
	}
	var findings []keypolicy.Finding
	var code outcome.Code
	if protected(s.ProtectedKeys, *k) {
		code = outcome.ProtectedKey
		findings = append(findings, rulebook.OfName(rulebook.KeyProtected,
			"protected-keys (PROTECTED_KEYS) names "+k.ID+", so keysmith never changes its policy. Change it by hand, or remove the key from the list."))
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

// Target is why the bucket of a deployment takes no object of this name; nil where
// it does.
func Target(object string, s repoconfig.Settings) error {
	name, err := objectkey.Parse(object)
	if err != nil || TargetUnknown(object, s) {
		return err
	}
	_, err = s.Targets.Place(s.Own(), name)
	return err
}

// TargetUnknown reports whether it is not known that the key of an object is a target:
// nothing says what the deployment writes to, or where it is itself. That a key of
// its own account and Region has a short name is known without the targets.
func TargetUnknown(object string, s repoconfig.Settings) bool {
	name, err := objectkey.Parse(object)
	own := s.Own()
	switch {
	case err != nil || name.Account == "" && name.Region == "" && !name.MultiRegion:
		return false
	case own.Account == "" || own.Region == "":
		return true
	case name.Account == own.Account && (name.MultiRegion || name.Region == own.Region):
		return false
	}
	return !s.TargetsKnown
}

func nameFault(object string, err error) string {
	message := err.Error()
	if bad, ok := err.(*objectkey.Error); ok { //nolint:errorlint // Parse promises this type
		message = bad.Message
	}
	return fmt.Sprintf("The bucket does not accept an object called %q: %s.", object, strings.TrimSuffix(message, "."))
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
		findings[i].Message = reword(findings[i].Message)
	}
}

func reword(text string) string {
	for _, d := range repoconfig.Definitions {
		variable := strings.ToUpper(strings.ReplaceAll(d.Name, "-", "_"))
		if strings.Contains(variable, "_") && !strings.Contains(text, d.Name) {
			text = strings.Replace(text, variable, d.Name+" ("+variable+")", 1)
		}
	}
	return text
}
