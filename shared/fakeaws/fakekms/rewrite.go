package fakekms

import (
	"strings"

	"github.com/keysmith/keysmith/shared/fakeaws/internal/authz"
	"github.com/keysmith/keysmith/shared/fakeaws/internal/jsontree"
)

// stored is a policy as KMS keeps it. Text that is no JSON (only a test can
// put it there) is kept as raw.
type stored struct {
	raw  string
	tree *jsontree.Node
}

// store rewrites a policy as KMS does: account ids become root ARNs, roles
// and users become unique ids, booleans become strings, and the order of
// principals is not kept.
func (s *Service) store(text, partition string) stored {
	tree, err := jsontree.Parse(text)
	if err != nil {
		return stored{raw: text}
	}
	for _, statement := range authz.Statements(tree) {
		for _, name := range []string{"Principal", "NotPrincipal"} {
			for _, p := range statement.All(name) {
				s.storePrincipals(p, partition)
			}
		}
		for _, c := range statement.All("Condition") {
			quoteBooleans(c)
		}
	}
	return stored{tree: tree}
}

func (s *Service) storePrincipals(p *jsontree.Node, partition string) {
	for _, list := range p.All("AWS") {
		each(list, func(n *jsontree.Node) {
			if accountPattern.MatchString(n.Text) {
				n.Text = "arn:" + partition + ":iam::" + n.Text + ":root"
			}
			if known, ok := s.principals.byARN[n.Text]; ok {
				n.Text = known.id
			}
		})
	}
	for _, m := range p.Members {
		s.opts.Source.Shuffle(len(m.Value.Items), func(i, j int) {
			m.Value.Items[i], m.Value.Items[j] = m.Value.Items[j], m.Value.Items[i]
		})
	}
}

// render gives a stored policy back as text. The unique id of a principal
// that is gone stays in it: nothing else is left of that principal.
func (s *Service) render(p stored) string {
	if p.tree == nil {
		return p.raw
	}
	return s.living(p.tree).Print()
}

// living returns a copy of the tree with the ARNs of the principals that
// still exist.
func (s *Service) living(n *jsontree.Node) *jsontree.Node {
	out := *n
	if n.Kind == jsontree.String && isUniqueID(n.Text) {
		if arn, ok := s.principals.byID[n.Text]; ok {
			out.Text = arn
		}
	}
	out.Items = make([]*jsontree.Node, len(n.Items))
	for i, item := range n.Items {
		out.Items[i] = s.living(item)
	}
	out.Members = make([]jsontree.Member, len(n.Members))
	for i, m := range n.Members {
		out.Members[i] = jsontree.Member{Name: m.Name, Value: s.living(m.Value)}
	}
	return &out
}

func isUniqueID(s string) bool {
	return len(s) == 21 && (strings.HasPrefix(s, "AROA") || strings.HasPrefix(s, "AIDA"))
}

func each(n *jsontree.Node, f func(*jsontree.Node)) {
	if n.Kind == jsontree.String {
		f(n)
	}
	for _, item := range n.Items {
		each(item, f)
	}
}

func quoteBooleans(n *jsontree.Node) {
	if n.Kind == jsontree.Bool {
		n.Kind = jsontree.String
	}
	for _, item := range n.Items {
		quoteBooleans(item)
	}
	for _, m := range n.Members {
		quoteBooleans(m.Value)
	}
}
