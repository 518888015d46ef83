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
	UnknownMember = Rule{ID: "unknown-element", Severity: Error, Class: ClassInvalid, House: true, Link: linkElements,
		Title:  "The policy grammar has no such element",
		Why:    "What KMS makes of such an element is not documented. If it passed over “Conditon”, the statement would apply without its condition; refusing it is a house rule.",
		Remedy: "Spell the element as the grammar does; capital letters count."}
	WrongType = Rule{ID: "wrong-type", Severity: Error, Class: ClassInvalid, Link: linkGrammar,
		Title:  "A value has the wrong JSON type",
		Why:    "The policy grammar says of each element whether it is a string, a list or an object.",
		Remedy: "Write the type that the message names."}
	StatementMissing = Rule{ID: "statement-missing", Severity: Error, Class: ClassInvalid, Link: linkElements,
		Title:  "The policy has no statement",
		Why:    "Without a statement it would allow nobody anything, its administrators included.",
		Remedy: "Write at least one statement."}
	VersionMissing = Rule{ID: "version-missing", Severity: Warning, Link: linkVersion,
		Title:  "The policy has no Version",
		Why:    "Without it the policy counts as 2008-10-17, where policy variables are plain text.",
		Remedy: "Write \"Version\": \"2012-10-17\"."}
	VersionInvalid = Rule{ID: "version-invalid", Severity: Error, Class: ClassInvalid, Link: linkVersion,
		Title:  "The Version is none that exists",
		Why:    "The version names the policy language, not the edition of your document.",
		Remedy: "Write \"Version\": \"2012-10-17\"."}
	VersionOld = Rule{ID: "version-old", Severity: Info, Link: linkVersion,
		Title:  "The Version is the one of 2008",
		Why:    "In it policy variables are plain text.",
		Remedy: "Write \"Version\": \"2012-10-17\"."}
	EffectMissing = Rule{ID: "effect-missing", Severity: Error, Class: ClassInvalid, Link: linkEffect,
		Title:  "The statement has no Effect",
		Why:    "Whether it allows or denies cannot be told.",
		Remedy: "Write \"Effect\": \"Allow\" or \"Effect\": \"Deny\"."}
	EffectInvalid = Rule{ID: "effect-invalid", Severity: Error, Class: ClassInvalid, Link: linkEffect,
		Title:  "The Effect is neither Allow nor Deny",
		Why:    "Capital letters count.",
		Remedy: "Write Allow or Deny."}
	Combination = Rule{ID: "element-combination", Severity: Error, Class: ClassInvalid, Link: linkElements,
		Title:  "An element stands beside its opposite",
		Why:    "Principal and NotPrincipal, Action and NotAction, Resource and NotResource rule each other out.",
		Remedy: "Keep one of them, or write two statements."}
	PrincipalMissing = Rule{ID: "principal-missing", Severity: Error, Class: ClassInvalid, Link: linkPrincipal,
		Title:  "The statement names no principal",
		Why:    "KMS refuses a policy with such a statement.",
		Remedy: "Name whom the statement is about."}
	ActionMissing = Rule{ID: "action-missing", Severity: Error, Class: ClassInvalid, Link: linkPolicy,
		Title:  "The statement names no action",
		Why:    "At best it has no effect; AWS has announced that KMS refuses it.",
		Remedy: "Name the actions, such as kms:Decrypt."}
	ResourceMissing = Rule{ID: "resource-missing", Severity: Error, Class: ClassInvalid, Link: linkPolicy,
		Title:  "The statement names no resource",
		Why:    "At best it has no effect; AWS has announced that KMS refuses it.",
		Remedy: "Write \"Resource\": \"*\", which in a key policy means this key."}
	SidDuplicate = Rule{ID: "sid-duplicate", Severity: Info, Link: linkSid,
		Title:  "Two statements have the same Sid",
		Why:    "KMS takes it, but reports that name a statement become ambiguous.",
		Remedy: "Give each statement a name of its own."}
	SidEmpty = Rule{ID: "sid-empty", Severity: Info, Link: linkSid,
		Title:  "The Sid is empty",
		Why:    "It says nothing.",
		Remedy: "Name the statement, or take the Sid away."}
)
