package samtemplate

import (
	"errors"
	"fmt"
	"os"

	"go.yaml.in/yaml/v3"
)

// Options are what a deployment adds to the template. What is empty has a
// default: account 111122223333, Region us-east-1, stack keysmith.
type Options struct {
	Parameters map[string]string
	Account    string
	Region     string
	Partition  string
	StackName  string
	// QueueURL gives the URL of a queue, which is what Ref yields for one.
	// Where it is nil the URLs are AWS's.
	QueueURL func(name string) string
}

func (o Options) withDefaults() Options {
	setDefault(&o.Account, "111122223333")
	setDefault(&o.Region, "us-east-1")
	setDefault(&o.Partition, "aws")
	setDefault(&o.StackName, "keysmith")
	if o.QueueURL == nil {
		prefix := "https://sqs." + o.Region + ".amazonaws.com/" + o.Account + "/"
		o.QueueURL = func(name string) string { return prefix + name }
	}
	return o
}

func setDefault(s *string, value string) {
	if *s == "" {
		*s = value
	}
}

// Load reads the template in a file. See Parse.
func Load(path string, o Options) (*Stack, error) {
	t, err := ReadFile(path)
	if err != nil {
		return nil, err
	}
	stack, err := t.Stack(o)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	return stack, nil
}

// ReadFile is Read for the template in a file.
func ReadFile(path string) (*Template, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the template: %w", err)
	}
	t, err := Read(text)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	return t, nil
}

// Parse reads a template. The error joins everything that is wrong with it,
// each with its line and its place; the parts are of type *Error.
func Parse(text []byte, o Options) (*Stack, error) {
	t, err := Read(text)
	if err != nil {
		return nil, err
	}
	return t.Stack(o)
}

// A Template is the text of one, read, for several stacks.
type Template struct{ root *yaml.Node }

// Read reads the YAML of a template, and does not look into it yet.
func Read(text []byte) (*Template, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, fmt.Errorf("parsing the YAML: %w", err)
	}
	if len(document.Content) == 0 || document.Content[0].Kind != yaml.MappingNode {
		return nil, errors.New("the template is not a mapping")
	}
	return &Template{document.Content[0]}, nil
}

// Stack is what the template makes of parameters. Errors are those of Parse.
func (t *Template) Stack(o Options) (*Stack, error) {
	r := newResolver(o.withDefaults())
	r.sections(t.root)
	stack := r.stack()
	if len(r.faults) > 0 {
		return nil, errors.Join(r.faults...)
	}
	return stack, nil
}

// An Error is one thing in the template that is wrong or not understood.
type Error struct {
	Line    int
	Path    string // such as Resources.UploadRule.Properties.Targets[0]
	Message string
}

func (e *Error) Error() string {
	if e.Line == 0 { // what was given from outside has no line
		return e.Path + ": " + e.Message
	}
	return fmt.Sprintf("line %d, %s: %s", e.Line, e.Path, e.Message)
}
