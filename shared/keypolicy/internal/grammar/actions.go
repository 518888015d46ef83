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
		c.Member(&rule.AllowNotAction, s.ActionAt, "Allow with NotAction allows every action that is not listed, including actions that KMS adds later. Write an Action list.")
	}
}

func (c *checker) unknownAction(a *document.Action) {
	service, name, named := strings.Cut(a.Text, ":")
	ours := named && wildcard.EqualFold(service, "kms") || !named
	slip := wildcard.Has(service) || near(service, "kms")
	if (ours || slip) && c.Skip(&rule.ActionUnknown) {
		return
	}
	switch {
	case !named:
		c.Value(&rule.ActionUnknown, a.Node, withoutService(a.Text))
	case ours:
		c.Value(&rule.ActionUnknown, a.Node, unknownActionText(a.Text, name))
	case slip:
		c.Value(&rule.ActionUnknown, a.Node, "The action "+phrase.Quote(a.Text)+" does not begin with a service name that is written out, so it may match nothing. Write "+phrase.Quote("kms:"+name)+".")
	default:
		c.Value(&rule.ActionForeign, a.Node, "The action "+phrase.Quote(a.Text)+" belongs to another service, and a key policy is about one KMS key. Move it to an IAM policy.")
	}
}

func near(word, name string) bool { return spell.Closest(word, slices.Values([]string{name})) != "" }

// withoutService says what an action without a colon lacks.
func withoutService(text string) string {
	message := "The action " + phrase.Quote(text) + " has no service name, so it may match nothing: an action is \"*\", or a service and a name with a colon between them."
	bare := text
	if len(text) > 3 && wildcard.EqualFold(text[:3], "kms") {
		bare = text[3:]
	}
	for _, name := range [...]string{text, bare} {
		if set, _ := catalog.Match("kms:" + name); set != 0 {
			return message + " Write " + phrase.Quote("kms:"+name) + "."
		}
	}
	if best := spell.Closest(bare, actionNames); best != "" {
		return message + " Did you mean kms:" + best + "?"
	}
	return message + " Write an action such as \"kms:Decrypt\"."
}

func unknownActionText(text, name string) string {
	if strings.Contains(text, "${") {
		return "The action " + phrase.Quote(text) + " has a variable, and KMS does not replace variables in actions. Write the action itself."
	}
	if wildcard.Has(text) {
		return "No KMS action matches " + phrase.Quote(text) + ", so the entry allows or denies nothing. Write a pattern that matches an action, such as \"kms:Describe*\"."
	}
	message := "KMS has no action " + phrase.Quote(text) + ", so the entry allows or denies nothing."
	if wildcard.EqualFold(name, "ReEncrypt") {
		return message + " The operation ReEncrypt needs kms:ReEncryptFrom and kms:ReEncryptTo. Write \"kms:ReEncrypt*\"."
	}
	if best := spell.Closest(name, actionNames); best != "" {
		return message + " Did you mean kms:" + best + "?"
	}
	return message + " Write an action of the list of KMS actions."
}

func actionNames(yield func(string) bool) {
	for _, a := range catalog.Actions() {
		if !yield(strings.TrimPrefix(a.Name, "kms:")) {
			return
		}
	}
}
