package guardrails

import (
	"errors"

	"go.yaml.in/yaml/v3"

	"github.com/keysmith/keysmith/shared/keypolicy"
)

var claims = []struct {
	name  string
	claim keypolicy.Claim
}{{"can", keypolicy.Can}, {"cannot", keypolicy.Cannot}, {"only", keypolicy.Only}}

// ReadAssertions reads a list of assertions. The error joins every fault.
func ReadAssertions(path string, text []byte) ([]Required, error) {
	d := &document{path: path}
	all := d.assertions(text)
	return all, errors.Join(d.faults...)
}

func (d *document) assertions(text []byte) []Required {
	root := d.root(text)
	switch {
	case root == nil:
		return nil
	case root.Kind != yaml.SequenceNode:
		d.fault(root, "the file must be a list of assertions, each beginning with \"- name: …\", and this is %s", kind(root))
		return nil
	}
	var all []Required
	names := map[string]int{}
	for _, item := range root.Content {
		r := d.assertion(item)
		if line, twice := names[r.Name]; twice && r.Name != "" {
			d.fault(item, "line %d has an assertion with the name %q already: give each assertion its own name", line, r.Name)
		}
		names[r.Name] = item.Line
		all = append(all, r)
	}
	return all
}

func (d *document) assertion(n *yaml.Node) Required {
	r := Required{Requirement: keypolicy.Requirement{File: d.path, Line: n.Line, Assertion: &keypolicy.Assertion{}}}
	members := d.members(n, "an assertion", "name", "reason", "keys", "can", "cannot", "only")
	if members == nil {
		return r
	}
	if members["name"] == nil {
		d.fault(n, "the assertion has no name: messages and exceptions refer to it")
	}
	if members["reason"] == nil {
		d.fault(n, "the assertion has no reason: write why it exists, for the people whose policy it refuses")
	}
	r.Name, r.Reason, r.keys = d.text(members, "name"), d.text(members, "reason"), d.keys(members["keys"])
	found := 0
	for _, c := range claims {
		if body := members[c.name]; body != nil {
			found++
			r.Assertion.Claim = c.claim
			d.claim(body, c.name, r.Assertion)
		}
	}
	if found != 1 {
		d.fault(n, "the assertion has %d of can, cannot and only: write one of them", found)
	}
	return r
}

// claim reads what is said of whom, and reports what the domain does not
// understand at the value that it is about.
func (d *document) claim(n *yaml.Node, name string, a *keypolicy.Assertion) {
	known := []string{"who", "actions", "when"}
	if a.Claim == keypolicy.Only {
		known = known[:2]
	}
	members := d.members(n, name, known...)
	if members == nil {
		return
	}
	before := len(d.faults)
	places := map[string][]*yaml.Node{}
	a.Who, places["who"] = d.list(members["who"], "who")
	a.Actions, places["actions"] = d.list(members["actions"], "actions")
	keys := d.when(members["when"], a)
	if len(d.faults) > before {
		return // a value that could not be read would be reported as missing
	}
	for _, f := range a.Faults() {
		at := n
		switch {
		case f.Member == "when":
			at = keys[f.Key]
		case f.Item >= 0:
			at = places[f.Member][f.Item]
		case members[f.Member] != nil:
			at = members[f.Member]
		}
		d.fault(at, "%s: %s", name, f.Message)
	}
}

// when reads the values of condition keys. A key with an empty list is missing
// from the requests.
func (d *document) when(n *yaml.Node, a *keypolicy.Assertion) map[string]*yaml.Node {
	if n == nil {
		return nil
	}
	if n.Kind != yaml.MappingNode {
		d.fault(n, `when must have condition keys with their values, such as {"aws:MultiFactorAuthPresent": "false"}, and this is %s`, kind(n))
		return nil
	}
	a.When = map[string][]string{}
	nodes := map[string]*yaml.Node{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if nodes[key.Value] != nil || key.Kind != yaml.ScalarNode {
			d.fault(key, "when: %q appears twice, or is not a condition key", key.Value)
			continue
		}
		nodes[key.Value] = key
		a.When[key.Value], _ = d.list(value, key.Value)
	}
	return nodes
}
