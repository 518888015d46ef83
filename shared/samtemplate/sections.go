package samtemplate

import (
	"maps"
	"regexp"
	"slices"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// sections reads the top level. Parameters come first, since everything else
// may name them.
func (r *resolver) sections(root *yaml.Node) {
	top := r.members(place{root, "template"})
	for name, p := range top.all() {
		p.path = name
		switch name {
		case "AWSTemplateFormatVersion", "Transform", "Description", "Metadata":
		case "Parameters":
			r.readParameters(r.members(p))
		case "Mappings":
			r.mappings = p.node
		case "Conditions":
			r.conditions = r.members(p)
		case "Resources":
			r.resources = r.members(p)
		case "Outputs":
			r.outputs = r.members(p)
		case "Rules":
			defer r.assertRules(p)
		default:
			r.fail(p, "this section is not known here")
		}
	}
	if p, ok := top.get("Resources"); !ok || len(r.resources.names) == 0 {
		if !ok {
			p = place{root, "template"}
		}
		r.fail(p, "declares no resources")
	}
}

func (r *resolver) readParameters(declared *book) {
	for name, p := range declared.all() {
		attributes := r.members(p)
		value, given := r.o.Parameters[name]
		if fallback, ok := attributes.get("Default"); ok && !given {
			value, given = fallback.node.Value, true
		}
		if !given {
			r.fail(p, "the parameter has no default and was not given")
			continue
		}
		r.parameters[name] = value
		r.checkParameter(p, attributes, value)
	}
	for _, name := range slices.Sorted(maps.Keys(r.o.Parameters)) {
		if _, known := declared.get(name); !known {
			r.faults = append(r.faults, &Error{Path: "Parameters", Message: "there is no parameter " + name})
		}
	}
}

// checkParameter refuses the values that CloudFormation would refuse.
func (r *resolver) checkParameter(p place, attributes *book, value string) {
	if allowed, ok := attributes.get("AllowedValues"); ok {
		fits := slices.ContainsFunc(allowed.node.Content, func(n *yaml.Node) bool { return n.Value == value })
		if !fits {
			r.fail(p, "%q is not one of the allowed values", value)
		}
	}
	if pattern, ok := attributes.get("AllowedPattern"); ok {
		expression, err := regexp.Compile(`^(?:` + pattern.node.Value + `)$`)
		if err != nil {
			r.fail(pattern, "cannot be read as an expression: %v", err)
		} else if !expression.MatchString(value) {
			r.fail(p, "%q does not match the allowed pattern", value)
		}
	}
	if kind, ok := attributes.get("Type"); ok && kind.node.Value == "Number" {
		r.checkNumber(p, attributes, value)
	}
}

func (r *resolver) checkNumber(p place, attributes *book, value string) {
	number, err := strconv.ParseFloat(value, 64)
	if err != nil {
		r.fail(p, "%q is not a number", value)
		return
	}
	if least, ok := attributes.get("MinValue"); ok {
		if bound, err := strconv.ParseFloat(least.node.Value, 64); err != nil || number < bound {
			r.fail(p, "%s is less than %s", value, least.node.Value)
		}
	}
	if most, ok := attributes.get("MaxValue"); ok {
		if bound, err := strconv.ParseFloat(most.node.Value, 64); err != nil || number > bound {
			r.fail(p, "%s is more than %s", value, most.node.Value)
		}
	}
}

// assertRules evaluates the template's own checks of its parameters.
func (r *resolver) assertRules(section place) {
	for _, p := range r.members(section).all() {
		rule := r.members(p)
		if when, ok := rule.get("RuleCondition"); ok && !r.truth(when) {
			continue
		}
		assertions, ok := rule.get("Assertions")
		if !ok {
			r.fail(p, "asserts nothing")
			continue
		}
		for i := range assertions.node.Content {
			r.assert(assertions.item(i))
		}
	}
}

func (r *resolver) assert(p place) {
	one := r.members(p)
	assertion, ok := one.get("Assert")
	if !ok {
		r.fail(p, "has no Assert")
		return
	}
	if !r.truth(assertion) {
		text := "the assertion does not hold"
		if description, ok := one.get("AssertDescription"); ok {
			text = description.node.Value
		}
		r.fail(p, "%s", text)
	}
}
