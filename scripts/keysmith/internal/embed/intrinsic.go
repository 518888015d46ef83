package embed

import (
	"regexp"
	"strings"
)

// Facts are what is known of the deployment.
type Facts struct{ Partition, Account, Region string }

// pseudo is the value of a pseudo parameter of CloudFormation, and false where
// it is not known.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html
func (f Facts) pseudo(name string) (string, bool) {
	partition := f.Partition
	if partition == "" {
		partition = "aws"
	}
	switch name {
	case "AWS::AccountId":
		return f.Account, f.Account != ""
	case "AWS::Region":
		return f.Region, f.Region != ""
	case "AWS::Partition":
		return partition, true
	case "AWS::URLSuffix":
		if partition == "aws-cn" {
			return "amazonaws.com.cn", true
		}
		return "amazonaws.com", partition == "aws" || partition == "aws-us-gov"
	}
	return "", false
}

// intrinsic is a function of CloudFormation with its argument.
type intrinsic struct {
	name     string // without Fn:: and !, such as GetAtt
	argument *node
}

// function reads a value that is a function of CloudFormation, in the long form
// or in the short one of YAML.
func function(n *node) (intrinsic, bool) {
	if n.tag != "" {
		bare := *n
		bare.tag = ""
		return intrinsic{strings.TrimPrefix(n.tag, "!"), &bare}, true
	}
	if n.kind != object || len(n.names) != 1 {
		return intrinsic{}, false
	}
	name := n.names[0].value
	if short, ok := strings.CutPrefix(name, "Fn::"); ok {
		return intrinsic{short, n.items[0]}, true
	}
	return intrinsic{name, n.items[0]}, name == "Ref"
}

// noValue reports whether the function removes what it stands at.
func (i intrinsic) noValue() bool { return i.name == "Ref" && i.argument.is("AWS::NoValue") }

// String shows the function as the short form of YAML does.
func (i intrinsic) String() string {
	if s := i.argument.str(); s != "" && len(s) <= 60 {
		return "!" + i.name + " " + s
	}
	return "!" + i.name
}

// value evaluates the function where that needs nothing but facts.
func (i intrinsic) value(f Facts) (string, bool) {
	switch i.name {
	case "Ref":
		return f.pseudo(i.argument.str())
	case "Sub":
		return i.substituted(f)
	case "Join":
		return i.joined(f)
	}
	return "", false
}

var variable = regexp.MustCompile(`\$\{([^}]*)\}`)

// substituted evaluates Sub. ${!Name} stands for ${Name} itself, which is how a
// policy variable is written.
func (i intrinsic) substituted(f Facts) (string, bool) {
	pattern, own := i.argument, (*node)(nil)
	if pattern.kind == list && len(pattern.items) == 2 {
		pattern, own = i.argument.items[0], i.argument.items[1]
	}
	if pattern.kind != text {
		return "", false
	}
	known := true
	result := variable.ReplaceAllStringFunc(pattern.value, func(match string) string {
		name := strings.TrimSpace(match[2 : len(match)-1])
		if literal, ok := strings.CutPrefix(name, "!"); ok {
			return "${" + literal + "}"
		}
		value, ok := f.pseudo(name)
		if given := own.get(name); given != nil {
			value, ok = plain(given, f)
		}
		known = known && ok
		return value
	})
	return result, known
}

func (i intrinsic) joined(f Facts) (string, bool) {
	a := i.argument
	if a.kind != list || len(a.items) != 2 || a.items[0].kind != text || a.items[1].kind != list || a.items[1].tag != "" {
		return "", false
	}
	var parts []string
	for _, item := range a.items[1].items {
		part, ok := plain(item, f)
		if !ok {
			return "", false
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, a.items[0].value), true
}

// plain is the string that a value stands for.
func plain(n *node, f Facts) (string, bool) {
	if i, ok := function(n); ok {
		return i.value(f)
	}
	return n.value, n.kind == text || n.kind == scalar
}
