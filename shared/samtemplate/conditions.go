package samtemplate

import (
	"slices"

	"go.yaml.in/yaml/v3"
)

// holds evaluates a condition of the template by its name.
func (r *resolver) holds(p place, name string) bool {
	if value, ok := r.decided[name]; ok {
		return value
	}
	definition, ok := r.conditions.get(name)
	if !ok {
		r.fail(p, "there is no condition %s", name)
		return false
	}
	leave, ok := r.enter(p, "condition "+name)
	if !ok {
		return false
	}
	defer leave()
	value := r.truth(definition)
	r.decided[name] = value
	return value
}

// enter notes what is being worked out, so that a circle is a fault and not an
// endless descent.
func (r *resolver) enter(p place, what string) (leave func(), ok bool) {
	if slices.Contains(r.pending, what) {
		r.fail(p, "the %s depends on itself", what)
		return nil, false
	}
	r.pending = append(r.pending, what)
	return func() { r.pending = r.pending[:len(r.pending)-1] }, true
}

// truth resolves a node that has to be a condition.
func (r *resolver) truth(p place) bool {
	if n := p.node; n.Kind == yaml.MappingNode && len(n.Content) == 2 && n.Content[0].Value == "Condition" {
		return r.holds(p, n.Content[1].Value)
	}
	name, argument := intrinsic(p)
	switch name {
	case "Equals", "Not", "And", "Or", "Condition":
		return r.judge(name, argument)
	default:
		r.fail(p, "is no condition")
		return false
	}
}

func (r *resolver) judge(name string, p place) bool {
	switch name {
	case "Condition":
		return r.holds(p, p.node.Value)
	case "Equals":
		arguments, ok := r.arguments(p, name, 2)
		return ok && r.str(arguments[0]) == r.str(arguments[1])
	case "Not":
		arguments, ok := r.arguments(p, name, 1)
		return ok && !r.truth(arguments[0])
	default:
		return r.anyOrAll(name == "And", p)
	}
}

// anyOrAll looks at every item, so that a fault in the last one is seen.
func (r *resolver) anyOrAll(all bool, p place) bool {
	if p.node.Kind != yaml.SequenceNode {
		r.fail(p, "And and Or take a list")
		return false
	}
	result := all
	for i := range p.node.Content {
		if r.truth(p.item(i)) != all {
			result = !all
		}
	}
	return result
}

func (r *resolver) branch(p place) any {
	arguments, ok := r.arguments(p, "If", 3)
	if !ok {
		return nil
	}
	if r.holds(arguments[0], arguments[0].node.Value) {
		return r.value(arguments[1])
	}
	return r.value(arguments[2])
}
