package samtemplate

import (
	"fmt"
	"slices"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// A resolver turns the nodes of a template into plain values. It goes on after
// a fault, so that one run reports them all.
type resolver struct {
	o          Options
	parameters map[string]string
	mappings   *yaml.Node
	conditions *book
	resources  *book
	outputs    *book
	faults     []error

	decided map[string]bool // conditions that were evaluated
	pending []string        // conditions and names under evaluation, to see a circle
}

// A place is a node and how to get there.
type place struct {
	node *yaml.Node
	path string
}

func (p place) member(name string, n *yaml.Node) place {
	return place{n, p.path + "." + name}
}

func (p place) item(i int) place {
	return place{p.node.Content[i], p.path + "[" + strconv.Itoa(i) + "]"}
}

// absent is what AWS::NoValue resolves to: the member or item does not exist.
type absent struct{}

func newResolver(o Options) *resolver {
	return &resolver{
		o:          o,
		parameters: map[string]string{},
		conditions: &book{},
		resources:  &book{},
		outputs:    &book{},
		decided:    map[string]bool{},
	}
}

func (r *resolver) fail(p place, format string, args ...any) {
	fault := &Error{Line: p.node.Line, Path: p.path, Message: fmt.Sprintf(format, args...)}
	seen := slices.ContainsFunc(r.faults, func(e error) bool { return e.Error() == fault.Error() })
	if !seen { // a name that several others need is resolved several times
		r.faults = append(r.faults, fault)
	}
}

// value resolves a node. The result is nil, string, bool, int64, float64,
// []any, map[string]any or absent.
func (r *resolver) value(p place) any {
	if name, argument := intrinsic(p); name != "" {
		return r.call(name, argument)
	}
	switch p.node.Kind {
	case yaml.ScalarNode:
		return scalar(p.node)
	case yaml.SequenceNode:
		return r.list(p)
	case yaml.MappingNode:
		return r.object(p)
	default:
		r.fail(p, "CloudFormation knows no anchors and aliases")
		return nil
	}
}

func (r *resolver) list(p place) []any {
	values := make([]any, 0, len(p.node.Content))
	for i := range p.node.Content {
		if v := r.value(p.item(i)); v != (absent{}) {
			values = append(values, v)
		}
	}
	return values
}

func (r *resolver) object(p place) map[string]any {
	values := map[string]any{}
	for name, member := range r.members(p).all() {
		if v := r.value(member); v != (absent{}) {
			values[name] = v
		}
	}
	return values
}

// scalar keeps as text what is not plainly a number or a truth value: an
// account id with a leading zero and a date stay what was written.
func scalar(n *yaml.Node) any {
	switch n.Tag {
	case "!!null":
		return nil
	case "!!bool":
		if b, err := strconv.ParseBool(n.Value); err == nil {
			return b
		}
	case "!!int":
		if i, err := strconv.ParseInt(n.Value, 10, 64); err == nil && strconv.FormatInt(i, 10) == n.Value {
			return i
		}
	case "!!float":
		if f, err := strconv.ParseFloat(n.Value, 64); err == nil {
			return f
		}
	}
	return n.Value
}

// str resolves a node that has to be text. Numbers and truth values are text to
// CloudFormation as well.
func (r *resolver) str(p place) string {
	s, ok := asText(r.value(p))
	if !ok {
		r.fail(p, "must be text")
	}
	return s
}

func asText(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case bool:
		return strconv.FormatBool(v), true
	case int64:
		return strconv.FormatInt(v, 10), true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), true
	default:
		return "", false
	}
}
