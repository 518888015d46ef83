package subject

import (
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/keysmith/keysmith/scripts/keysmith/internal/embed"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/tree"
	"github.com/keysmith/keysmith/shared/keypolicy"
)

// most is more than KMS serves.
const most = 256 << 10

// Read reads a file, or in for "-".
func Read(path string, in io.Reader) ([]byte, error) {
	if path != tree.Stdin {
		f, err := os.Open(path)
		if err != nil {
			return nil, fmt.Errorf("reading policy: %w", err)
		}
		defer f.Close()
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, most))
	if err != nil {
		return nil, fmt.Errorf("reading policy: %w", err)
	}
	return text, nil
}

// HoldsTemplate reports whether a text is a template or plan with key policies inside.
func HoldsTemplate(text []byte) bool {
	d, ok := embed.Find(text)
	return ok && len(d.Policies) > 0
}

func inTemplate(path string) error {
	return fmt.Errorf("%s: only lint checks key policies in templates. Name a file that is the policy itself", tree.Display(path))
}

// Policy reads a policy whose meaning can be known. What is merely unwise can.
func Policy(path string, text []byte) (*keypolicy.Policy, error) {
	p, findings := keypolicy.Parse(text)
	if !p.Opaque() {
		return p, nil
	}
	if HoldsTemplate(text) {
		return nil, inTemplate(path)
	}
	i := max(0, slices.IndexFunc(findings, func(f keypolicy.Finding) bool { return f.Severity == keypolicy.Error }))
	f := findings[i]
	return nil, fmt.Errorf("%s:%d:%d: %s", tree.Display(path), f.Line, f.Column, f.Message)
}
