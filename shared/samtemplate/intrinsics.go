package samtemplate

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// intrinsic takes a call apart, in its short form (!Ref X) or its long one
// (Ref: X, Fn::Join: […]). The name is empty where the node is no call.
func intrinsic(p place) (name string, argument place) {
	n := p.node
	if strings.HasPrefix(n.Tag, "!") && !strings.HasPrefix(n.Tag, "!!") {
		bare := *n
		bare.Tag = ""
		if n.Kind == yaml.ScalarNode {
			bare.Tag = "!!str"
		}
		return n.Tag[1:], place{&bare, p.path}
	}
	if n.Kind != yaml.MappingNode || len(n.Content) != 2 {
		return "", p
	}
	key := n.Content[0].Value
	if function, ok := strings.CutPrefix(key, "Fn::"); ok {
		return function, place{n.Content[1], p.path}
	}
	if key == "Ref" {
		return key, place{n.Content[1], p.path}
	}
	return "", p
}

func (r *resolver) call(name string, p place) any {
	switch name {
	case "Ref":
		return r.ref(p, p.node.Value)
	case "GetAtt":
		return r.getAtt(p)
	case "Sub":
		return r.sub(p)
	case "Join":
		return r.join(p)
	case "Split":
		return r.split(p)
	case "Select":
		return r.pick(p)
	case "FindInMap":
		return r.findInMap(p)
	case "If":
		return r.branch(p)
	case "Equals", "Not", "And", "Or", "Condition":
		return r.judge(name, p)
	default:
		r.fail(p, "the function %s is not known here", name)
		return nil
	}
}

// arguments opens the list of a call that takes a fixed number of them.
func (r *resolver) arguments(p place, function string, n int) ([]place, bool) {
	if p.node.Kind != yaml.SequenceNode || len(p.node.Content) != n {
		r.fail(p, "%s takes a list of %d", function, n)
		return nil, false
	}
	places := make([]place, n)
	for i := range places {
		places[i] = p.item(i)
	}
	return places, true
}

// texts resolves a node that has to be a list of text.
func (r *resolver) texts(p place) []string {
	values, ok := r.value(p).([]any)
	if !ok {
		r.fail(p, "must be a list")
		return nil
	}
	list := make([]string, len(values))
	for i, v := range values {
		if list[i], ok = asText(v); !ok {
			r.fail(p, "item %d must be text", i)
		}
	}
	return list
}

func (r *resolver) join(p place) any {
	arguments, ok := r.arguments(p, "Join", 2)
	if !ok {
		return nil
	}
	return strings.Join(r.texts(arguments[1]), r.str(arguments[0]))
}

func (r *resolver) split(p place) any {
	arguments, ok := r.arguments(p, "Split", 2)
	if !ok {
		return nil
	}
	var parts []any
	for part := range strings.SplitSeq(r.str(arguments[1]), r.str(arguments[0])) {
		parts = append(parts, part)
	}
	return parts
}

func (r *resolver) pick(p place) any {
	arguments, ok := r.arguments(p, "Select", 2)
	if !ok {
		return nil
	}
	list, isList := r.value(arguments[1]).([]any)
	index, err := strconv.Atoi(r.str(arguments[0]))
	if !isList || err != nil || index < 0 || index >= len(list) {
		r.fail(p, "Select finds nothing there")
		return nil
	}
	return list[index]
}

func (r *resolver) findInMap(p place) any {
	arguments, ok := r.arguments(p, "FindInMap", 3)
	if !ok {
		return nil
	}
	if r.mappings == nil {
		r.fail(p, "the template has no Mappings")
		return nil
	}
	at := place{r.mappings, "Mappings"}
	for _, argument := range arguments {
		name := r.str(argument)
		next, ok := r.members(at).get(name)
		if !ok {
			r.fail(p, "%s has no %s", at.path, name)
			return nil
		}
		at = next
	}
	return r.value(at)
}
