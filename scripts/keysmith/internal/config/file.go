package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/keysmith/keysmith/scripts/internal/repoconfig"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/wholefile"
)

// save changes the settings of a file, or makes it, and returns what it changed in
// words. All else in the file stays.
func save(path string, set []value) (changed []string, err error) {
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("reading the settings: %w", err)
	}
	document := &yaml.Node{}
	if err == nil {
		if _, err := repoconfig.Load(path); err != nil {
			return nil, fmt.Errorf("the file that exists has faults, so it is not changed: %w", err)
		}
		if err := yaml.Unmarshal(text, document); err != nil {
			return nil, fmt.Errorf("reading the settings: %w", err)
		}
	}
	root := mapping(document)
	for _, v := range set {
		if line := v.put(root); line != "" {
			changed = append(changed, line)
		}
	}
	if len(changed) == 0 {
		return nil, nil
	}
	var out bytes.Buffer
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	if err := enc.Encode(document); err != nil {
		return nil, fmt.Errorf("writing the settings: %w", err)
	}
	if err := wholefile.Write(path, out.Bytes()); err != nil {
		return nil, fmt.Errorf("writing the settings: %w", err)
	}
	_, err = repoconfig.Load(path)
	return changed, err
}

// mapping is the mapping of a document, which is made where there is none.
func mapping(document *yaml.Node) *yaml.Node {
	if document.Kind == 0 {
		*document = yaml.Node{Kind: yaml.DocumentNode}
	}
	if len(document.Content) == 0 {
		document.Content = []*yaml.Node{{Kind: yaml.MappingNode}}
	}
	root := document.Content[0]
	if root.Kind != yaml.MappingNode { // a document that says null
		*root = yaml.Node{Kind: yaml.MappingNode, HeadComment: root.HeadComment, FootComment: root.FootComment}
	}
	return root
}

// put sets or removes a setting, and says what that changed; "" for nothing.
func (v value) put(root *yaml.Node) string {
	for i := 0; i < len(root.Content); i += 2 {
		if root.Content[i].Value != v.Name {
			continue
		}
		old := items(root.Content[i+1])
		switch {
		case slices.Equal(old, v.values):
			return ""
		case len(v.values) == 0:
			root.Content = slices.Delete(root.Content, i, i+2)
			return "- " + v.Name + ": " + strings.Join(old, ", ")
		}
		was := root.Content[i+1]
		root.Content[i+1] = v.node()
		root.Content[i+1].Style, root.Content[i+1].LineComment = was.Style, was.LineComment
		return "~ " + v.Name + ": " + strings.Join(v.values, ", ")
	}
	if len(v.values) == 0 {
		return ""
	}
	root.Content = append(root.Content, scalar(v.Name), v.node())
	return "+ " + v.Name + ": " + strings.Join(v.values, ", ")
}

func (v value) node() *yaml.Node {
	if v.Kind != repoconfig.List {
		return scalar(v.values[0])
	}
	list := &yaml.Node{Kind: yaml.SequenceNode}
	for _, item := range v.values {
		list.Content = append(list.Content, scalar(item))
	}
	return list
}

// scalar is a plain text. An account id is a text too, though YAML would take it
// for a number.
func scalar(text string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Value: text} }

// items are the values of a setting as they are written.
func items(n *yaml.Node) []string {
	if n.Kind != yaml.SequenceNode {
		return []string{n.Value}
	}
	var list []string
	for _, item := range n.Content {
		list = append(list, item.Value)
	}
	return list
}

// has reports whether a file has a setting.
func has(path, name string) bool {
	set, err := repoconfig.Load(path)
	_, found := set[name]
	return err == nil && found
}
