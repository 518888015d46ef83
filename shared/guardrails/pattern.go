package guardrails

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/keysmith/keysmith/shared/objectkey"
)

const policies = "policies/"

// pattern reads a pattern for object names: * stands for any characters, slashes
// included, and ? for one. One that no object can have is an error.
func pattern(text string) (*regexp.Regexp, error) {
	const write = `write object names such as policies/*.json or policies/444455556666/*`
	fixed, _, wild := strings.Cut(strings.ReplaceAll(text, "?", "*"), "*")
	switch {
	case text == "":
		return nil, fmt.Errorf("an empty name is not the name of an object: %s", write)
	case strings.HasPrefix(text, "plans/"):
		return nil, fmt.Errorf("%q: a plan is judged as the object under policies/ that it is for: write policies/%s", text, strings.TrimPrefix(text, "plans/"))
	case !strings.HasPrefix(fixed, policies) && (!wild || !strings.HasPrefix(policies, fixed)),
		wild && !strings.HasSuffix(text, "*") && !strings.HasSuffix(text, "?") && !strings.HasSuffix(text, ".json"):
		return nil, fmt.Errorf("no object has a name like %q: %s", text, write)
	case !wild:
		if err := objectName(text); err != nil {
			return nil, err
		}
	}
	if bad := strings.IndexFunc(text, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`[]{}\`, r) }); bad >= 0 {
		return nil, fmt.Errorf("no object has a name like %q: of the wildcards there are only * and ?", text)
	}
	quoted := strings.NewReplacer(`\*`, `.*`, `\?`, `.`).Replace(regexp.QuoteMeta(text))
	return regexp.MustCompile("^" + quoted + "$"), nil
}

// objectName checks the name of one object under policies/. In which folders it
// may stand depends on the deployment.
func objectName(text string) error {
	base, ok := strings.CutSuffix(text[strings.LastIndexByte(text, '/')+1:], ".json")
	if !ok || !strings.HasPrefix(text, policies) || !objectkey.IsKeyID(base) || strings.Contains(text, "..") || strings.Contains(text, "//") {
		return fmt.Errorf("%q is not the name of an object: write policies/<key-id>.json, without a label", text)
	}
	return nil
}
