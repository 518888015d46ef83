package document

import (
	"slices"
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/jsontree"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/phrase"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/rule"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/spell"
)

// isOther reports a document that is something else than a key policy. That is
// one finding: what a policy would lack in it, and what it has too much, helps
// nobody.
func (c *builder) isOther() bool {
	message := ""
	switch statement := c.top("Statement"); {
	case statement == jsontree.None:
		message = c.withoutStatement()
	case c.namesNobody(statement):
		message = "No statement has a Principal, so this looks like an IAM identity policy. In a key policy, each statement names its principals. " +
			"Add \"Principal\": {\"AWS\": \"arn:aws:iam::111122223333:role/Name\"} and \"Resource\": \"*\" to each statement, or attach this policy to the role."
	}
	if message != "" {
		c.Value(&rule.OtherDocument, 0, message)
	}
	return message != ""
}

// top finds a member of the whole object.
func (c *builder) top(name string) int32 { return c.member(0, name) }

func (c *builder) member(object int32, name string) int32 {
	if c.Node(object).Kind != jsontree.Object {
		return jsontree.None
	}
	for i := c.p.Tree.First(object); i != jsontree.None; i = c.Node(i).Next {
		if c.Name(i) == name {
			return i
		}
	}
	return jsontree.None
}

// has reports whether the whole object has all of these members.
func (c *builder) has(names ...string) bool {
	return !slices.ContainsFunc(names, func(name string) bool { return c.top(name) == jsontree.None })
}

// withoutStatement says what an object without statements is, "" where it may
// be a policy that somebody misspelt.
func (c *builder) withoutStatement() string {
	if i := slices.IndexFunc(wrappers[:], func(w wrapper) bool { return c.has(w.members...) }); i >= 0 {
		return "The document is " + wrappers[i].name + ". " + wrappers[i].remedy + "."
	}
	if c.has("Effect") || c.has("Action", "Resource") {
		return "The document is a statement without its policy. Write {\"Version\": \"2012-10-17\", \"Statement\": [ … ]} around it."
	}
	for i := c.p.Tree.First(0); i != jsontree.None; i = c.Node(i).Next {
		if spell.Closest(c.Name(i), slices.Values(policyMembers[:])) != "" {
			return ""
		}
	}
	if c.p.Tree.First(0) == jsontree.None {
		return ""
	}
	return "The document has no Version and no Statement, and begins with " + phrase.Quote(c.Name(c.p.Tree.First(0))) +
		", so it is not a policy. Write the key policy itself. Exclude other files (keysmith lint: --exclude)."
}

// wrapper is a kind of document, recognised by its members.
type wrapper struct {
	members      []string
	name, remedy string
}

const judgedInPlace = "Write the key policy without the rest. Outside of policies/ and plans/, keysmith lint checks each key policy in such a file"

// wrappers are kinds of documents that were taken for key policies. The first
// that fits counts.
var wrappers = [...]wrapper{
	{[]string{"AWSTemplateFormatVersion"}, "a CloudFormation template", judgedInPlace},
	{[]string{"Resources"}, "a CloudFormation template", judgedInPlace},
	{[]string{"format_version", "terraform_version"}, "the output of terraform show -json", judgedInPlace},
	{[]string{"terraform_version", "lineage"}, "a state of Terraform", "Write the key policy itself, as terraform show -json prints it"},
	{[]string{"resource"}, "a configuration of Terraform", "Write the key policy itself, as terraform show -json prints it"},
	{[]string{"Policy", "KeyId"}, "the request of PutKeyPolicy", "Write only the policy under \"Policy\", as an object and not as a string"},
	{[]string{"Policy"}, "the output of aws kms get-key-policy", "Get only the policy: aws kms get-key-policy --key-id … --query Policy --output text"},
	{[]string{"policy"}, "an object with a policy inside", "Write only what is under \"policy\""},
	{[]string{"KeyPolicy"}, "the properties of a key in CloudFormation", "Write only what is under \"KeyPolicy\""},
	{[]string{"PolicyDocument"}, "an object with a policy inside", "Write only what is under \"PolicyDocument\""},
	{[]string{"PolicyVersion"}, "the output of aws iam get-policy-version, an IAM policy", "Write a key policy, which has a Principal in each statement"},
	{[]string{"KeyMetadata"}, "the output of aws kms describe-key", "Get the policy: aws kms get-key-policy --key-id … --query Policy --output text"},
	{[]string{"name", "version"}, "the package.json of a JavaScript package", "Exclude it (keysmith lint: --exclude)"},
	{[]string{"dependencies"}, "the package.json of a JavaScript package", "Exclude it (keysmith lint: --exclude)"},
	{[]string{"scripts"}, "the package.json of a JavaScript package", "Exclude it (keysmith lint: --exclude)"},
	{[]string{"lockfileVersion"}, "the lock file of a JavaScript package", "Exclude it (keysmith lint: --exclude)"},
	{[]string{"compilerOptions"}, "the tsconfig.json of a TypeScript project", "Exclude it (keysmith lint: --exclude)"},
	{[]string{"$schema"}, "a document with a JSON schema", "Exclude it (keysmith lint: --exclude)"},
}

// namesNobody reports whether the statements are those of an IAM identity policy:
// none names a principal, and none tries to. Of a text that is no JSON, nobody
// knows what is left out of it.
func (c *builder) namesNobody(statement int32) bool {
	if c.p.Tree.Cut || c.p.Tree.Corrupt() {
		return false
	}
	if c.Node(statement).Kind == jsontree.Object {
		return c.identity(statement)
	}
	n := 0
	for i := c.p.Tree.First(statement); i != jsontree.None; i = c.Node(i).Next {
		if !c.identity(i) {
			return false
		}
		n++
	}
	return n > 0 && c.Node(statement).Kind == jsontree.Array
}

// identity reports whether a statement has what one of an identity policy has.
func (c *builder) identity(statement int32) bool {
	if c.member(statement, "Principal") != jsontree.None || c.member(statement, "Effect") == jsontree.None {
		return false
	}
	for i := c.p.Tree.First(statement); i != jsontree.None; i = c.Node(i).Next {
		if near := spell.Closest(c.Name(i), slices.Values(statementMembers[:])); strings.HasSuffix(near, "Principal") {
			return false
		}
	}
	return true
}
