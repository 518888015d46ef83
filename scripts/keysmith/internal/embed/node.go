package embed

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// Place is a line and a column, in characters, both from 1.
type Place struct{ Line, Column int }

type kind uint8

const (
	scalar kind = iota // a number, true, false or null
	text               // a string
	list
	object
)

// node is a value of a document, in JSON or YAML.
type node struct {
	kind  kind
	value string // of a scalar as JSON writes it; of a text what it stands for
	raw   string // of a text in JSON: what stands in the document, quotes included
	tag   string // of YAML, such as !GetAtt
	at    Place

	names []*node // of an object
	items []*node // of an object or a list
}

// get returns a member of an object, or nil.
func (n *node) get(path ...string) *node {
	for _, name := range path {
		if n == nil || n.kind != object {
			return nil
		}
		var found *node
		for i, k := range n.names {
			if k.value == name {
				found = n.items[i]
			}
		}
		n = found
	}
	return n
}

func (n *node) is(value string) bool { return n != nil && n.kind == text && n.value == value }

// str returns the string that stands there, or "".
func (n *node) str() string {
	if n == nil || n.kind != text {
		return ""
	}
	return n.value
}

// jsonReader builds nodes from JSON.
type jsonReader struct {
	text []byte
	*json.Decoder
	pos  int
	at   Place
	deep int
}

// deepest is how far documents nest. Real ones need a few dozen levels.
const deepest = 200

var errNotRead = errors.New("not read")

func parseJSON(document []byte) (*node, error) {
	r := &jsonReader{text: document, Decoder: json.NewDecoder(bytes.NewReader(document)), at: Place{1, 1}}
	r.UseNumber()
	root, err := r.next()
	if err != nil {
		return nil, err
	}
	if _, err := r.Token(); !errors.Is(err, io.EOF) {
		return nil, errNotRead
	}
	return root, nil
}

// next reads one value.
func (r *jsonReader) next() (*node, error) {
	before := int(r.InputOffset())
	token, err := r.Token()
	if err != nil {
		return nil, err
	}
	end := int(r.InputOffset())
	for before < end && bytes.IndexByte([]byte(" \t\r\n,:"), r.text[before]) >= 0 {
		before++
	}
	n := &node{at: r.place(before), kind: text}
	switch t := token.(type) {
	case json.Delim:
		return r.composite(n, t)
	case string:
		n.value, n.raw = t, string(r.text[before:end])
	default:
		n.kind, n.value = scalar, string(r.text[before:end])
	}
	return n, nil
}

func (r *jsonReader) composite(n *node, open json.Delim) (*node, error) {
	if r.deep++; r.deep > deepest {
		return nil, errNotRead
	}
	defer func() { r.deep-- }()
	n.kind = list
	for r.More() {
		if open == '{' {
			name, err := r.next()
			if err != nil {
				return nil, err
			}
			n.kind, n.names = object, append(n.names, name)
		}
		item, err := r.next()
		if err != nil {
			return nil, err
		}
		n.items = append(n.items, item)
	}
	if open == '{' {
		n.kind = object
	}
	_, err := r.Token()
	return n, err
}

// place counts lines and characters up to an offset that only grows.
func (r *jsonReader) place(to int) Place {
	passed := r.text[r.pos:to]
	if lines := bytes.Count(passed, []byte{'\n'}); lines > 0 {
		r.at = Place{r.at.Line + lines, 1}
		passed = passed[bytes.LastIndexByte(passed, '\n')+1:]
	}
	r.at.Column += utf8.RuneCount(passed)
	r.pos = to
	return r.at
}

func parseYAML(document []byte) (*node, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(document))
	var root yaml.Node
	if err := decoder.Decode(&root); err != nil {
		return nil, err
	}
	left := largest
	return fromYAML(root.Content[0], 0, &left)
}

// largest bounds the values of a document: aliases can stand for more than any
// memory holds.
const largest = 1 << 20

func fromYAML(y *yaml.Node, deep int, left *int) (*node, error) {
	if *left--; deep > deepest || *left < 0 {
		return nil, errNotRead
	}
	n := &node{at: Place{y.Line, y.Column}}
	if strings.HasPrefix(y.Tag, "!") && !strings.HasPrefix(y.Tag, "!!") {
		n.tag = y.Tag
	}
	switch y.Kind {
	case yaml.AliasNode:
		return fromYAML(y.Alias, deep+1, left)
	case yaml.ScalarNode:
		n.kind, n.value = scalarOf(y)
		return n, nil
	case yaml.SequenceNode:
		n.kind = list
	default:
		n.kind = object
	}
	for i, c := range y.Content {
		child, err := fromYAML(c, deep+1, left)
		if err != nil {
			return nil, err
		}
		if n.kind == object && i%2 == 0 {
			n.names = append(n.names, child)
			continue
		}
		n.items = append(n.items, child)
	}
	return n, nil
}

// scalarOf reads a plain value as CloudFormation does: what is no number and no
// truth value is a string. A date, such as the Version of a policy, is one.
func scalarOf(y *yaml.Node) (kind, string) {
	switch y.Tag {
	case "!!bool", "!!null":
		return scalar, map[string]string{"!!bool": strings.ToLower(y.Value), "!!null": "null"}[y.Tag]
	case "!!int", "!!float":
		if json.Valid([]byte(y.Value)) {
			return scalar, y.Value
		}
	}
	return text, y.Value
}
