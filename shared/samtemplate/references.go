package samtemplate

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

func (r *resolver) ref(p place, name string) any {
	if value, ok := r.parameters[name]; ok {
		return value
	}
	if strings.HasPrefix(name, "AWS::") {
		return r.pseudo(p, name)
	}
	target, ok := r.resource(p, name)
	if !ok {
		return nil
	}
	value, ok := r.identity(target)
	if !ok {
		r.fail(p, "what Ref of %s (%s) yields is not known here", name, target.kind)
	}
	return value
}

func (r *resolver) pseudo(p place, name string) any {
	switch name {
	case "AWS::AccountId":
		return r.o.Account
	case "AWS::Region":
		return r.o.Region
	case "AWS::Partition":
		return r.o.Partition
	case "AWS::StackName":
		return r.o.StackName
	case "AWS::StackId":
		return "arn:" + r.o.Partition + ":cloudformation:" + r.o.Region + ":" + r.o.Account + ":stack/" + r.o.StackName + "/local"
	case "AWS::URLSuffix":
		return "amazonaws.com"
	case "AWS::NoValue":
		return absent{}
	default:
		r.fail(p, "the pseudo parameter %s is not known here", name)
		return nil
	}
}

func (r *resolver) getAtt(p place) any {
	if p.node.Kind == yaml.SequenceNode {
		arguments, ok := r.arguments(p, "GetAtt", 2)
		if !ok {
			return nil
		}
		return r.attribute(p, arguments[0].node.Value, r.str(arguments[1]))
	}
	name, attribute, ok := strings.Cut(p.node.Value, ".")
	if !ok {
		r.fail(p, "GetAtt needs a resource and an attribute")
		return nil
	}
	return r.attribute(p, name, attribute)
}

func (r *resolver) attribute(p place, name, attribute string) any {
	target, ok := r.resource(p, name)
	if !ok {
		return nil
	}
	value, ok := r.attributeOf(target, attribute)
	if !ok {
		r.fail(p, "the attribute %s of %s (%s) is not known here", attribute, name, target.kind)
	}
	return value
}

// sub replaces ${Name}, ${Name.Attribute} and the names that the call itself
// defines; ${!Name} stands for the text ${Name}.
func (r *resolver) sub(p place) any {
	text, own := p, &book{}
	if p.node.Kind == yaml.SequenceNode {
		arguments, ok := r.arguments(p, "Sub", 2)
		if !ok {
			return nil
		}
		text, own = arguments[0], r.members(arguments[1])
	}
	var out strings.Builder
	rest := text.node.Value
	for {
		before, after, found := strings.Cut(rest, "${")
		out.WriteString(before)
		if !found {
			return out.String()
		}
		name, tail, closed := strings.Cut(after, "}")
		if !closed {
			r.fail(text, "a ${ is never closed")
			return nil
		}
		out.WriteString(r.substitute(text, own, strings.TrimSpace(name)))
		rest = tail
	}
}

func (r *resolver) substitute(p place, own *book, name string) string {
	if literal, ok := strings.CutPrefix(name, "!"); ok {
		return "${" + literal + "}"
	}
	if definition, ok := own.get(name); ok {
		return r.str(definition)
	}
	var value any
	if logical, attribute, dotted := strings.Cut(name, "."); dotted {
		value = r.attribute(p, logical, attribute)
	} else {
		value = r.ref(p, name)
	}
	text, ok := asText(value)
	if !ok && value != nil { // nil was reported where it arose
		r.fail(p, "${%s} is not text", name)
	}
	return text
}
