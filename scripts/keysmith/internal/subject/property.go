package subject

import (
	"fmt"
	"slices"
	"strings"

	"github.com/keysmith/keysmith/scripts/internal/repoconfig"
	"github.com/keysmith/keysmith/shared/objectkey"
)

// property is a flag for one thing that is known of a key. A value that no key can
// have would make every answer about another key.
type property struct {
	value *string
	check func(string) error
}

func (p property) String() string {
	if p.value == nil {
		return ""
	}
	return *p.value
}

// Type names the value in help.
func (p property) Type() string { return "text" }

// Set checks what stands behind the flag.
func (p property) Set(text string) error {
	if err := p.check(text); err != nil {
		return err
	}
	*p.value = text
	return nil
}

func checkKeyID(v string) error {
	if !objectkey.IsKeyID(v) {
		return fmt.Errorf("%q; want the id of a key in lower case, such as 1234abcd-12ab-34cd-56ef-1234567890ab, and no alias or ARN", v)
	}
	return nil
}

func oneOf(words []string) func(string) error {
	return func(v string) error {
		if slices.Contains(words, v) {
			return nil
		}
		hint := ""
		if near := repoconfig.Closest(v, words); near != "" {
			hint = ". Did you mean " + near + "?"
		}
		return fmt.Errorf("%q; want one of %s%s", v, strings.Join(words, ", "), hint)
	}
}
