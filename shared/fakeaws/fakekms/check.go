package fakekms

import (
	"slices"
	"time"
	"unicode/utf8"

	"github.com/keysmith/keysmith/shared/fakeaws/internal/authz"
	"github.com/keysmith/keysmith/shared/fakeaws/internal/jsontree"
	"github.com/keysmith/keysmith/shared/fakeaws/internal/wire"
)

// The limits of a policy: the second is KMS's own, the first is what the API
// takes before it looks.
const (
	maxText   = 131072
	maxPolicy = 32768
)

const malformed = "MalformedPolicyDocumentException"

// checkPolicy refuses the text that KMS refuses, whoever sends it.
func (s *Service) checkPolicy(text string, k *key) error {
	switch {
	case text == "" || utf8.RuneCountInString(text) > maxText:
		return wire.Errorf("ValidationException", "1 validation error detected: Value at 'policy' failed to satisfy constraint: "+
			"Member must have length between 1 and %d", maxText)
	case !allowedCharacters(text):
		return wire.Errorf("ValidationException", "1 validation error detected: Value at 'policy' failed to satisfy constraint: "+
			`Member must satisfy regular expression pattern: [\u0009\u000A\u000D\u0020-\u00FF]+`)
	case len(text) > maxPolicy:
		return wire.Errorf("LimitExceededException", "The policy is %d bytes long; a key policy has at most %d", len(text), maxPolicy)
	}
	tree, err := jsontree.Parse(text)
	if err != nil {
		return syntaxError()
	}
	return s.checkTree(tree, k)
}

func allowedCharacters(text string) bool {
	for _, r := range text {
		if r != '\t' && r != '\n' && r != '\r' && (r < ' ' || r > 0xff) {
			return false
		}
	}
	return utf8.ValidString(text)
}

// syntaxError has no message: KMS is known to leave it out.
func syntaxError() error { return wire.Errorf(malformed, "") }

func (s *Service) checkTree(tree *jsontree.Node, k *key) error {
	if tree.Kind != jsontree.Object || repeated(tree) {
		return syntaxError()
	}
	if v := tree.Get("Version"); v != nil && v.Text != "2012-10-17" && v.Text != "2008-10-17" {
		return syntaxError()
	}
	statements := authz.Statements(tree)
	if len(statements) == 0 {
		return syntaxError()
	}
	for _, st := range statements {
		if err := s.checkStatement(st, k); err != nil {
			return err
		}
	}
	return nil
}

// repeated reports whether some object has two members of one name.
func repeated(n *jsontree.Node) bool {
	seen := map[string]bool{}
	for _, m := range n.Members {
		if seen[m.Name] || repeated(m.Value) {
			return true
		}
		seen[m.Name] = true
	}
	return slices.ContainsFunc(n.Items, repeated)
}

func (s *Service) checkStatement(st *jsontree.Node, k *key) error {
	effect := st.Get("Effect")
	if st.Kind != jsontree.Object || effect == nil || (effect.Text != "Allow" && effect.Text != "Deny") {
		return syntaxError()
	}
	if err := s.checkPrincipals(st, k); err != nil {
		return err
	}
	// AWS announced for 2025-08 that statements without an action or a
	// resource are refused, not how the refusal reads: the words are ours.
	if !hasText(st.Get("Action")) && !hasText(st.Get("NotAction")) {
		return wire.Errorf(malformed, "Policy contains a statement with no action.")
	}
	if !validResource(st.Get("Resource"), k.arn()) && !hasText(st.Get("NotResource")) {
		return wire.Errorf(malformed, "Policy contains a statement with no valid resource.")
	}
	return nil
}

func hasText(n *jsontree.Node) bool {
	list := n.Strings()
	return len(list) > 0 && !slices.Contains(list, "")
}

// validResource takes "*", and the key's own ARN, which stands in policies of
// AWS's own documentation.
func validResource(n *jsontree.Node, arn string) bool {
	for _, r := range n.Strings() {
		if r != "*" && r != arn {
			return false
		}
	}
	return hasText(n)
}

func (s *Service) checkPrincipals(st *jsontree.Node, k *key) error {
	elements := append(st.All("Principal"), st.All("NotPrincipal")...)
	if len(elements) != 1 {
		return wire.Errorf(malformed, "Policy contains a statement with no principal.")
	}
	e := elements[0]
	if e.Kind == jsontree.String && e.Text == "*" {
		return nil
	}
	if e.Kind != jsontree.Object {
		return invalidPrincipals()
	}
	count := 0
	for _, m := range e.Members {
		count += len(m.Value.Strings())
		if err := s.checkKind(m.Name, m.Value.Strings(), k, s.opts.Now()); err != nil {
			return err
		}
	}
	if count == 0 {
		return wire.Errorf(malformed, "Policy contains a statement with no principal.")
	}
	return nil
}

func invalidPrincipals() error {
	return wire.Errorf(malformed, "Policy contains a statement with one or more invalid principals.")
}

func (s *Service) checkKind(kind string, names []string, k *key, now time.Time) error {
	for _, name := range names {
		switch {
		case kind == "AWS" && !s.principals.valid(name, partitionOf(k.region), now):
			return invalidPrincipals()
		case kind == "Service" && !validService(name, k.region):
			return wire.Errorf(malformed, "Policy contains a statement with one or more invalid service principals.")
		case kind != "AWS" && kind != "Service" && kind != "Federated":
			return invalidPrincipals()
		}
	}
	return nil
}
