package rule

const (
	linkElements  = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html"
	linkPrincipal = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html"
	linkVersion   = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html"
	linkEffect    = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_effect.html"
	linkSid       = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html"
)

var grammarRules = []*Rule{
	&UnknownMember, &WrongType, &StatementMissing, &VersionMissing, &VersionInvalid,
	&VersionOld, &EffectMissing, &EffectInvalid, &Combination, &PrincipalMissing,
	&ActionMissing, &ResourceMissing, &SidDuplicate, &SidEmpty,
}

// The rules about the grammar of policies.
var (
	UnknownMember = Rule{ID: "unknown-element", Severity: Error, Class: ClassInvalid, Own: true, Link: linkElements,
		Title:  "The policy grammar has no such element",
		Why:    "AWS does not document what KMS does with an unknown element. If KMS ignored “Conditon”, the statement would apply without its condition.",
		Remedy: "Write the element as the grammar spells it, including capital letters."}
	WrongType = Rule{ID: "wrong-type", Severity: Error, Class: ClassInvalid, Link: linkGrammar,
		Title:  "A value has the wrong JSON type",
		Why:    "The policy grammar defines for each element whether it is a string, a list or an object.",
		Remedy: "Write the type that the message names."}
	StatementMissing = Rule{ID: "statement-missing", Severity: Error, Class: ClassInvalid, Link: linkElements,
		Title:  "The policy has no statement",
		Why:    "Without a statement, nobody has access to the key, and nobody can change the policy.",
		Remedy: "Write at least one statement."}
	VersionMissing = Rule{ID: "version-missing", Severity: Warning, Link: linkVersion,
		Title:  "The policy has no Version",
		Why:    "The language version 2008-10-17 applies then, in which policy variables are plain text.",
		Remedy: "Write \"Version\": \"2012-10-17\"."}
	VersionInvalid = Rule{ID: "version-invalid", Severity: Error, Class: ClassInvalid, Link: linkVersion,
		Title:  "The Version does not exist",
		Why:    "Version names the policy language, not the edition of your document.",
		Remedy: "Write \"Version\": \"2012-10-17\"."}
	VersionOld = Rule{ID: "version-old", Severity: Info, Link: linkVersion,
		Title:  "The Version is 2008-10-17",
		Why:    "In this version policy variables are plain text.",
		Remedy: "Write \"Version\": \"2012-10-17\"."}
	EffectMissing = Rule{ID: "effect-missing", Severity: Error, Class: ClassInvalid, Link: linkEffect,
		Title:  "The statement has no Effect",
		Why:    "Without it, the statement neither allows nor denies.",
		Remedy: "Write \"Effect\": \"Allow\" or \"Effect\": \"Deny\"."}
	EffectInvalid = Rule{ID: "effect-invalid", Severity: Error, Class: ClassInvalid, Link: linkEffect,
		Title:  "The Effect is neither Allow nor Deny",
		Why:    "KMS refuses any other value. Upper and lower case count.",
		Remedy: "Write Allow or Deny."}
	Combination = Rule{ID: "element-combination", Severity: Error, Class: ClassInvalid, Link: linkElements,
		Title:  "An element and its opposite are in one statement",
		Why:    "A statement cannot have both Principal and NotPrincipal, Action and NotAction, or Resource and NotResource.",
		Remedy: "Keep one of them, or write two statements."}
	PrincipalMissing = Rule{ID: "principal-missing", Severity: Error, Class: ClassInvalid, Link: linkPrincipal,
		Title:  "The statement has no principal",
		Why:    "KMS refuses a policy with such a statement.",
		Remedy: "Write the principals of the statement."}
	ActionMissing = Rule{ID: "action-missing", Severity: Error, Class: ClassInvalid, Link: linkPolicy,
		Title:  "The statement has no action",
		Why:    "Such a statement has no effect, and AWS has announced that KMS will refuse it.",
		Remedy: "Write the actions, such as kms:Decrypt."}
	ResourceMissing = Rule{ID: "resource-missing", Severity: Error, Class: ClassInvalid, Link: linkPolicy,
		Title:  "The statement has no resource",
		Why:    "Such a statement has no effect, and AWS has announced that KMS will refuse it.",
		Remedy: "Write \"Resource\": \"*\", which means this key."}
	SidDuplicate = Rule{ID: "sid-duplicate", Severity: Info, Link: linkSid,
		Title:  "Two statements have the same Sid",
		Why:    "KMS accepts it, but reports that name a statement become ambiguous.",
		Remedy: "Give each statement its own Sid."}
	SidEmpty = Rule{ID: "sid-empty", Severity: Info, Link: linkSid,
		Title:  "The Sid is empty",
		Why:    "It identifies nothing.",
		Remedy: "Write a name, or delete the Sid."}
)
