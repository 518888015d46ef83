package grammar

import (
	"slices"
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/phrase"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/rule"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/spell"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/wildcard"
)

// actions checks the names of one statement's actions.
func (c *checker) actions(s *document.Statement) {
	for i := range s.Actions {
		a := &s.Actions[i]
		if a.Set == 0 || a.Vague {
			c.unknownAction(a)
		}
	}
	if s.NotAction && s.Effect == document.Allow {
		c.Member(&rule.AllowNotAction, s.ActionAt, "Allow with NotAction allows everything that is not named, and what KMS gets in future; write an Action list.")
	}
}

func (c *checker) unknownAction(a *document.Action) {
	service, name, named := strings.Cut(a.Text, ":")
	ours := named && wildcard.EqualFold(service, "kms") || !named
	vague := wildcard.Has(service) || near(service, "kms")
	if (ours || vague) && c.Skip(&rule.ActionUnknown) {
		return
	}
	switch {
	case ours:
		c.Value(&rule.ActionUnknown, a.Node, unknownActionText(a.Text, name, named))
	case vague:
		c.Value(&rule.ActionUnknown, a.Node, "The service must be written out, and "+phrase.Quote(a.Text)+" has a pattern or an error in it (a house rule); write kms:"+name+".")
	default:
		c.Value(&rule.ActionForeign, a.Node, "The action "+phrase.Quote(a.Text)+" belongs to another service, and a key policy is about one KMS key (a house rule: what KMS makes of it is not documented); move it to an IAM policy.")
	}
}

func near(word, name string) bool { return spell.Closest(word, slices.Values([]string{name})) != "" }

func unknownActionText(text, name string, named bool) string {
	if !named {
		name = text
		if set, _ := catalog.Match("kms:" + text); set != 0 {
			return "The action " + phrase.Quote(text) + " lacks its service; write \"kms:" + text + "\"."
		}
	}
	if strings.Contains(text, "${") {
		return "Variables are not replaced in an action, and " + phrase.Quote(text) + " is none as it stands; write the action out."
	}
	if wildcard.Has(text) {
		return "No action of KMS matches " + phrase.Quote(text) + " (a house rule: it would allow or deny nothing)."
	}
	message := "KMS has no action " + phrase.Quote(text) + " (a house rule: what KMS makes of it is not documented)."
	if wildcard.EqualFold(name, "ReEncrypt") {
		return message + " ReEncrypt is allowed by kms:ReEncryptFrom and kms:ReEncryptTo, together kms:ReEncrypt*."
	}
	if best := spell.Closest(name, actionNames); best != "" {
		message += " Did you mean kms:" + best + "?"
	}
	return message
}

func actionNames(yield func(string) bool) {
	for _, a := range catalog.Actions() {
		if !yield(strings.TrimPrefix(a.Name, "kms:")) {
			return
		}
	}
}
