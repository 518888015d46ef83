package keypolicy

import (
	_ "embed"
	"strings"
)

// reference is the page that explains the rules. Only what asks for it carries it.
//
//go:embed RULES.md
var reference string

// RuleExample is the example of a rule from the reference: the lines of a policy that
// it reports, with "- " before them, and those that it does not, with "+ ". It is
// empty where the two differ in more than is worth showing.
func RuleExample(id string) string {
	_, page, found := strings.Cut(reference, "\n### "+id+"\n")
	if !found {
		return ""
	}
	page, _, _ = strings.Cut(page, "\n### ")
	page, _, _ = strings.Cut(page, "\n## ")
	_, example, _ := strings.Cut(page, "\n```diff\n")
	example, _, _ = strings.Cut(example, "```")
	return example
}
