package jsontree

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Kind tells what a Node is.
type Kind int

// The kinds of JSON values.
const (
	Null Kind = iota
	Bool
	Number
	String
	Array
	Object
)

// A Node is one JSON value.
type Node struct {
	Kind    Kind
	Text    string // of a Bool, Number or String
	Items   []*Node
	Members []Member
}

// A Member is a name and its value.
type Member struct {
	Name  string
	Value *Node
}

// NewString returns a string value.
func NewString(s string) *Node { return &Node{Kind: String, Text: s} }

// Get returns the last member with this name, or nil.
func (n *Node) Get(name string) *Node {
	var found *Node
	for _, m := range n.Members {
		if m.Name == name {
			found = m.Value
		}
	}
	return found
}

// All returns every member with this name, in order.
func (n *Node) All(name string) []*Node {
	var found []*Node
	for _, m := range n.Members {
		if m.Name == name {
			found = append(found, m.Value)
		}
	}
	return found
}

// Strings returns the strings of a value that may be one or a list of them.
func (n *Node) Strings() []string {
	if n == nil {
		return nil
	}
	if n.Kind != Array {
		return []string{n.Text}
	}
	out := make([]string, 0, len(n.Items))
	for _, item := range n.Items {
		out = append(out, item.Text)
	}
	return out
}

const maxDepth = 100

// Parse reads exactly one JSON value.
func Parse(text string) (*Node, error) {
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	n, err := parse(dec, 0)
	if err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("text after the value")
	}
	return n, nil
}

func parse(dec *json.Decoder, depth int) (*Node, error) {
	if depth > maxDepth {
		return nil, errors.New("nested too deep")
	}
	tok, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch v := tok.(type) {
	case json.Delim:
		if v == '{' {
			return parseObject(dec, depth)
		}
		return parseArray(dec, depth)
	case string:
		return NewString(v), nil
	case json.Number:
		return &Node{Kind: Number, Text: v.String()}, nil
	case bool:
		return &Node{Kind: Bool, Text: fmt.Sprint(v)}, nil
	}
	return &Node{Kind: Null, Text: "null"}, nil
}

func parseObject(dec *json.Decoder, depth int) (*Node, error) {
	n := &Node{Kind: Object}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return nil, err
		}
		value, err := parse(dec, depth+1)
		if err != nil {
			return nil, err
		}
		n.Members = append(n.Members, Member{Name: name.(string), Value: value})
	}
	_, err := dec.Token()
	return n, err
}

func parseArray(dec *json.Decoder, depth int) (*Node, error) {
	n := &Node{Kind: Array}
	for dec.More() {
		item, err := parse(dec, depth+1)
		if err != nil {
			return nil, err
		}
		n.Items = append(n.Items, item)
	}
	_, err := dec.Token()
	return n, err
}
