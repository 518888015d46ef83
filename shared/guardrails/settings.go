package guardrails

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/keysmith/keysmith/shared/keypolicy"
)

// Lists are the names of the lists in settings.yaml.
var Lists = []string{"break-glass", "trusted-accounts", "trusted-orgs", "protected-keys"}

// settings reads settings.yaml into the set. Examples are returned: their files
// are still to be read.
func (d *document) settings(text []byte, checks map[string]func(string) error, s *Set) []example {
	root := d.root(text)
	if root == nil {
		return nil
	}
	members := d.members(root, "settings.yaml", append([]string{"examples", "exceptions"}, Lists...)...)
	for _, name := range Lists {
		if n := members[name]; n != nil {
			s.Lists[name] = d.checked(n, name, checks[name])
		}
	}
	if n := members["exceptions"]; n != nil {
		if n.Kind != yaml.SequenceNode {
			d.fault(n, "exceptions must be a list, and this is %s", kind(n))
		} else {
			for _, item := range n.Content {
				d.exception(item, s)
			}
		}
	}
	return d.examples(members["examples"])
}

// checked reads a list whose items have the form of the setting of that name.
func (d *document) checked(n *yaml.Node, name string, check func(string) error) []string {
	var out []string
	if n.Kind != yaml.SequenceNode {
		d.fault(n, "%s must be a list, and this is %s", name, kind(n))
		return nil
	}
	values, nodes := d.list(n, name)
	for i, value := range values {
		if err := check(value); err != nil {
			d.fault(nodes[i], "%s: %v", name, err)
			continue
		}
		out = append(out, value)
	}
	return out
}

// example is an example that is switched on.
type example struct {
	name string
	keys []*regexp.Regexp
	at   *yaml.Node
}

func (d *document) examples(n *yaml.Node) []example {
	if n == nil {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		d.fault(n, "examples must be a list of names, and this is %s", kind(n))
		return nil
	}
	var out []example
	for _, item := range n.Content {
		e := example{at: item}
		if item.Kind == yaml.MappingNode {
			members := d.members(item, "an example", "name", "keys")
			if members["name"] == nil {
				d.fault(item, "the example has no name")
			}
			e.name, e.keys = d.text(members, "name"), d.keys(members["keys"])
		} else {
			e.name, _ = d.scalar(item, "an example")
		}
		switch {
		case e.name == "":
		case e.name != filepath.Base(e.name) || strings.HasPrefix(e.name, "."):
			d.fault(item, "%q is not the name of an example: write the name of a folder in examples/", e.name)
		case slices.ContainsFunc(out, func(o example) bool { return o.name == e.name }):
			d.fault(item, "the example %s is switched on twice: write it once, with all its keys", e.name)
		default:
			out = append(out, e)
		}
	}
	return out
}

// exception reads one exception. Whether its rule exists is seen when all files
// are read.
func (d *document) exception(n *yaml.Node, s *Set) {
	members := d.members(n, "an exception", "rule", "object", "folder", "owner", "reason", "until")
	if members == nil {
		return
	}
	for _, name := range []string{"rule", "owner", "reason", "until"} {
		if members[name] == nil {
			d.fault(n, "the exception has no %s: an exception has a rule, an object or a folder, an owner, a reason and an end date", name)
		}
	}
	e := exception{Exception: keypolicy.Exception{
		Rule: d.text(members, "rule"), Owner: d.text(members, "owner"), Reason: d.text(members, "reason"), At: place(d.path, n),
	}}
	e.object = d.object(n, members)
	e.Until = d.until(members["until"])
	s.exceptions = append(s.exceptions, e)
}

func (d *document) object(n *yaml.Node, members map[string]*yaml.Node) string {
	at, isFolder := members["object"], false
	if at == nil {
		at, isFolder = members["folder"], true
	}
	if at == nil || members["object"] != nil && members["folder"] != nil {
		d.fault(n, "the exception must have either an object, such as policies/<key-id>.json, or a folder, such as policies/444455556666/")
		return ""
	}
	name, ok := d.scalar(at, "object")
	if !ok {
		return ""
	}
	if isFolder && !strings.HasSuffix(name, "/") {
		name += "/"
	}
	if strings.HasSuffix(name, "/") {
		if !strings.HasPrefix(name, policies) || strings.ContainsAny(name, "*?") || strings.Contains(name, "..") || strings.Contains(name, "//") {
			d.fault(at, "%q is not a folder of policies: write one such as policies/444455556666/, without wildcards", name)
		}
		return name
	}
	if err := objectName(name); err != nil {
		d.fault(at, "%v; wildcards are not allowed here; write a folder such as policies/444455556666/", err)
	}
	return name
}

// until reads a date: the last day on which the exception counts, in UTC.
func (d *document) until(n *yaml.Node) time.Time {
	if n == nil {
		return time.Time{}
	}
	text, ok := d.scalar(n, "until")
	day, err := time.Parse(time.DateOnly, text)
	if ok && err != nil {
		d.fault(n, "until: %q is not a date: write the last day of the exception, such as 2027-06-30", text)
	}
	return day.AddDate(0, 0, 1)
}
