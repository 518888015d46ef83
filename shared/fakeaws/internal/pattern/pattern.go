package pattern

import (
	"encoding/json"
	"errors"
	"fmt"
)

// A Pattern is a compiled event pattern.
type Pattern struct{ root node }

// A node matches one level of an event: every field must match, and one of
// the alternatives of each $or.
type node struct {
	fields   map[string]node
	or       [][]node
	matchers []matcher // of a leaf
}

// A matcher judges one value; present is false where the event has no such
// field.
type matcher func(value any, present bool) bool

// Compile reads a pattern.
func Compile(text string) (*Pattern, error) {
	var raw map[string]any
	if err := json.Unmarshal([]byte(text), &raw); err != nil {
		return nil, fmt.Errorf("reading event pattern: %w", err)
	}
	if len(raw) == 0 {
		return nil, errors.New("the event pattern is empty")
	}
	root, err := compileObject(raw)
	if err != nil {
		return nil, err
	}
	return &Pattern{root}, nil
}

func compileObject(raw map[string]any) (node, error) {
	n := node{fields: map[string]node{}}
	for name, value := range raw {
		switch v := value.(type) {
		case map[string]any:
			child, err := compileObject(v)
			if err != nil {
				return node{}, err
			}
			n.fields[name] = child
		case []any:
			if err := n.addList(name, v); err != nil {
				return node{}, err
			}
		default:
			return node{}, fmt.Errorf("%q must be an object or an array", name)
		}
	}
	return n, nil
}

func (n *node) addList(name string, list []any) error {
	if len(list) == 0 {
		return fmt.Errorf("empty arrays are not allowed: %q", name)
	}
	if name == "$or" {
		return n.addOr(list)
	}
	leaf := node{}
	for _, v := range list {
		m, err := compileMatcher(v)
		if err != nil {
			return fmt.Errorf("%q: %w", name, err)
		}
		leaf.matchers = append(leaf.matchers, m)
	}
	n.fields[name] = leaf
	return nil
}

func (n *node) addOr(list []any) error {
	var alternatives []node
	for _, v := range list {
		raw, ok := v.(map[string]any)
		if !ok {
			return errors.New("$or must be a list of objects")
		}
		child, err := compileObject(raw)
		if err != nil {
			return err
		}
		alternatives = append(alternatives, child)
	}
	n.or = append(n.or, alternatives)
	return nil
}

// Match reports whether an event, decoded by encoding/json, matches.
func (p *Pattern) Match(event map[string]any) bool { return p.root.match(event, true) }

func (n node) match(value any, present bool) bool {
	if n.matchers != nil {
		return n.matchLeaf(value, present)
	}
	if list, ok := value.([]any); ok {
		return n.matchAny(list)
	}
	object, _ := value.(map[string]any)
	for name, child := range n.fields {
		v, ok := object[name]
		if !child.match(v, ok) {
			return false
		}
	}
	for _, alternatives := range n.or {
		if !oneMatches(alternatives, value, present) {
			return false
		}
	}
	return true
}

// matchAny lets an array of objects match if one of them does.
func (n node) matchAny(list []any) bool {
	for _, item := range list {
		if n.match(item, true) {
			return true
		}
	}
	return false
}

func oneMatches(alternatives []node, value any, present bool) bool {
	for _, a := range alternatives {
		if a.match(value, present) {
			return true
		}
	}
	return false
}

func (n node) matchLeaf(value any, present bool) bool {
	values := []any{value}
	if list, ok := value.([]any); ok && len(list) > 0 {
		values = list
	}
	for _, m := range n.matchers {
		for _, v := range values {
			if m(v, present) {
				return true
			}
		}
	}
	return false
}
