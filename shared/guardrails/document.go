package guardrails

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// document reads one YAML file and collects every fault. It looks at nodes and
// not at values, so that each fault has its place and nothing is converted: an
// account that begins with zero is no number.
type document struct {
	path   string
	faults []error
}

func (d *document) fault(n *yaml.Node, format string, args ...any) {
	d.faults = append(d.faults, fmt.Errorf("%s:%d:%d: "+format, append([]any{d.path, max(1, n.Line), max(1, n.Column)}, args...)...))
}

var lineOfError = regexp.MustCompile(`^yaml: (?:unmarshal errors:\s*)?line (\d+): `)

// root returns the outermost node, nil where there is none or it cannot be read.
func (d *document) root(text []byte) *yaml.Node {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var first, more yaml.Node
	switch err := decoder.Decode(&first); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		d.syntax(err)
		return nil
	}
	switch err := decoder.Decode(&more); {
	case errors.Is(err, io.EOF):
	case err != nil:
		d.syntax(err)
	default:
		d.fault(&more, "a second document begins here: write one document in each file")
	}
	root := first.Content[0]
	if root.Kind == yaml.ScalarNode && root.ShortTag() == "!!null" {
		return nil // nothing but comments
	}
	return root
}

// syntax reports what is no YAML. The reader tells the line only.
func (d *document) syntax(err error) {
	text, line := err.Error(), "1"
	if m := lineOfError.FindStringSubmatch(text); m != nil {
		text, line = text[len(m[0]):], m[1]
	}
	d.faults = append(d.faults, fmt.Errorf("%s:%s:1: this is not YAML: %s", d.path, line, strings.TrimPrefix(text, "yaml: ")))
}

// members reads a mapping with the names that are known.
func (d *document) members(n *yaml.Node, what string, known ...string) map[string]*yaml.Node {
	if n.Kind != yaml.MappingNode {
		d.fault(n, "%s must have members (%s), and this is %s", what, strings.Join(known, ", "), kind(n))
		return nil
	}
	out := map[string]*yaml.Node{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, value := n.Content[i], n.Content[i+1]
		switch {
		case name.Kind != yaml.ScalarNode || !slices.Contains(known, name.Value):
			d.fault(name, "%s has no member %q: write one of %s", what, name.Value, strings.Join(known, ", "))
		case out[name.Value] != nil:
			d.fault(name, "%q appears twice: remove one", name.Value)
		default:
			out[name.Value] = value
		}
	}
	return out
}

// items reads a list, or one value in place of a list of one.
func (d *document) items(n *yaml.Node) []*yaml.Node {
	if n.Kind == yaml.SequenceNode {
		return n.Content
	}
	return []*yaml.Node{n}
}

// scalar reads one value as it is written.
func (d *document) scalar(n *yaml.Node, what string) (string, bool) {
	switch {
	case isBraced(n):
		d.fault(n, `%s: write "{account}" in quotes: without them, YAML reads a mapping`, what)
	case n.Kind != yaml.ScalarNode:
		d.fault(n, "%s must be one value, and this is %s", what, kind(n))
	case n.ShortTag() == "!!null" || strings.TrimSpace(n.Value) == "":
		d.fault(n, "%s has no value: write one, or remove the line", what)
	default:
		return n.Value, true
	}
	return "", false
}

// isBraced tells {account} without quotes.
func isBraced(n *yaml.Node) bool {
	return n.Kind == yaml.MappingNode && len(n.Content) == 2 && n.Content[0].Value == "account" && n.Content[1].ShortTag() == "!!null"
}

// text reads one value that must be a string.
func (d *document) text(members map[string]*yaml.Node, name string) string {
	n := members[name]
	if n == nil {
		return ""
	}
	value, ok := d.scalar(n, name)
	if ok && n.ShortTag() != "!!str" {
		d.fault(n, "%s must be a text, and YAML reads %s as %s: write it in quotes", name, n.Value, strings.TrimPrefix(n.ShortTag(), "!!"))
		return ""
	}
	return value
}

// list reads values, each with its node.
func (d *document) list(n *yaml.Node, what string) (values []string, nodes []*yaml.Node) {
	if n == nil {
		return nil, nil
	}
	for _, item := range d.items(n) {
		if value, ok := d.scalar(item, what); ok {
			values, nodes = append(values, value), append(nodes, item)
		}
	}
	return values, nodes
}

// keys reads patterns for object names.
func (d *document) keys(n *yaml.Node) []*regexp.Regexp {
	values, nodes := d.list(n, "keys")
	if n != nil && n.Kind == yaml.SequenceNode && len(n.Content) == 0 {
		d.fault(n, "keys is empty: write object names, or remove the line, which then means all keys")
	}
	var out []*regexp.Regexp
	for i, value := range values {
		p, err := pattern(value)
		if err != nil {
			d.fault(nodes[i], "keys: %v", err)
			continue
		}
		out = append(out, p)
	}
	return out
}

func kind(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return "an alias, which is not followed"
	}
	if n.ShortTag() == "!!null" {
		return "empty"
	}
	return "one value"
}
