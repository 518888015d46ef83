package embed

import (
	"bytes"
	"strconv"
	"strings"
)

func itoa(i int) string { return strconv.Itoa(i) }

// Document is what holds key policies.
type Document struct {
	Kind     string // for a message
	Policies []Policy
}

// Find reads a document. It returns false for what is neither a CloudFormation
// template nor the output of terraform show -json.
func Find(document []byte) (Document, bool) {
	if !worthReading(document) {
		return Document{}, false
	}
	document = bytes.TrimPrefix(document, []byte("\ufeff"))
	parse := parseYAML
	if start := bytes.TrimLeft(document, " \t\r\n"); len(start) > 0 && start[0] == '{' {
		parse = parseJSON
	}
	root, err := parse(document)
	if err != nil || root == nil || root.kind != object {
		return Document{}, false
	}
	switch {
	case root.get("format_version") != nil && (root.get("planned_values") != nil || root.get("values") != nil):
		return terraform(root), true
	case root.get("Resources") != nil:
		return cloudFormation(root), true
	}
	return Document{}, false
}

// worthReading spares the parsing of what holds no resource of KMS.
func worthReading(document []byte) bool {
	return bytes.Contains(document, []byte("AWS::KMS::")) || bytes.Contains(document, []byte("aws_kms_"))
}

// cloudFormation finds the keys of a template.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-kms-key.html
func cloudFormation(root *node) Document {
	d := Document{Kind: "CloudFormation template"}
	resources := root.get("Resources")
	if resources.kind != object {
		return d
	}
	for i, resource := range resources.items {
		kind := resource.get("Type")
		if !kind.is("AWS::KMS::Key") && !kind.is("AWS::KMS::ReplicaKey") {
			continue
		}
		properties := resource.get("Properties")
		value := properties.get("KeyPolicy")
		if value == nil {
			continue // the key gets the default policy
		}
		d.Policies = append(d.Policies, Policy{
			Path: "Resources." + resources.names[i].value + ".Properties.KeyPolicy", At: value.at, value: value,
			Usage: properties.get("KeyUsage").str(), Spec: properties.get("KeySpec").str(), Origin: properties.get("Origin").str(),
			standalone: value.kind == text && value.tag == "",
		})
	}
	return d
}

// terraform finds the keys of a plan or a state.
// https://developer.hashicorp.com/terraform/internals/json-format
func terraform(root *node) Document {
	d := Document{Kind: "output of terraform show -json"}
	later := map[string]*node{}
	if changes := root.get("resource_changes"); changes != nil {
		for _, c := range changes.items {
			if unknown := c.get("change", "after_unknown", "policy"); unknown != nil && unknown.value == "true" {
				later[c.get("address").str()] = unknown
			}
		}
	}
	values := root.get("planned_values")
	if values == nil {
		values = root.get("values")
	}
	d.module(values.get("root_module"), later)
	return d
}

func (d *Document) module(module *node, later map[string]*node) {
	if resources := module.get("resources"); resources != nil {
		for _, r := range resources.items {
			if strings.HasPrefix(r.get("type").str(), "aws_kms_") && r.get("mode").str() != "data" {
				d.resource(r, later)
			}
		}
	}
	if children := module.get("child_modules"); children != nil {
		for _, c := range children.items {
			d.module(c, later)
		}
	}
}

func (d *Document) resource(r *node, later map[string]*node) {
	address := r.get("address").str()
	values := r.get("values")
	p := Policy{
		Path: address + ".policy", Usage: values.get("key_usage").str(), Spec: values.get("customer_master_key_spec").str(),
	}
	switch value := values.get("policy"); {
	case later[address] != nil:
		p.At, p.notYet = r.at, "The policy"
	case value != nil && value.kind == text && value.value != "":
		p.At, p.value, p.standalone = value.at, value, true
	default:
		return
	}
	d.Policies = append(d.Policies, p)
}
