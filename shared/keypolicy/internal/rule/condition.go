package rule

const (
	linkOperators  = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html"
	linkSets       = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html"
	linkGlobalKeys = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html"
	linkKMSKeys    = "https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html"
	linkVariables  = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html"
)

var conditionRules = []*Rule{
	&OperatorUnknown, &OperatorType, &SetMissing, &ForAllSingle, &ForAllAlone,
	&NullIfExists, &NullSet, &BoolSeveral, &ConditionEmpty,
	&KeyUnknown, &KeyIncomplete, &KeyDeprecated, &KeyIAMOnly, &KeyRefused, &KeySpoofable,
	&KeyConstant, &KeyUnpaired, &DeadAction, &DenyTagDead, &DeadGrant, &DeadPrincipal, &DeadService,
	&UsernameRole,
}

// The rules about operators and condition keys.
var (
	OperatorUnknown = Rule{ID: "condition-operator-unknown", Severity: Error, Class: ClassInvalid, Link: linkOperators,
		Title:  "IAM has no such condition operator",
		Why:    "It is not known whether the condition ever holds.",
		Remedy: "Write the operator as the IAM reference spells it."}
	OperatorType = Rule{ID: "condition-operator-type", Severity: Warning, Link: linkOperators,
		Title:  "The operator does not fit the type of the condition key",
		Why:    "A comparison of the wrong type may match no request.",
		Remedy: "Use an operator of the key's type."}
	SetMissing = Rule{ID: "set-operator-missing", Severity: Error, Link: linkSets,
		Title:  "A condition key with several values has no ForAllValues or ForAnyValue",
		Why:    "Without it, it is not defined how many of the values must match.",
		Remedy: "Write ForAnyValue: or ForAllValues: before the operator."}
	ForAllSingle = Rule{ID: "for-all-values-single", Severity: Security, Link: linkSets,
		Title:  "ForAllValues is used with a condition key that has one value",
		Why:    "ForAllValues also matches requests without the key, so an Allow allows them.",
		Remedy: "Write the operator without ForAllValues:."}
	ForAllAlone = Rule{ID: "for-all-values-alone", Severity: Security, Link: linkSets,
		Title:  "An Allow has ForAllValues without a test that the key is present",
		Why:    "ForAllValues also matches requests without the key, so an Allow allows them.",
		Remedy: "Add \"Null\": {key: \"false\"}, or use ForAnyValue."}
	NullIfExists = Rule{ID: "null-if-exists", Severity: Error, Link: linkOperators,
		Title:  "Null is used with IfExists",
		Why:    "Null tests whether the key is present, and IfExists skips the test where it is absent.",
		Remedy: "Write Null."}
	NullSet = Rule{ID: "null-with-set-operator", Severity: Info, Link: linkOperators,
		Title:  "Null is used with ForAllValues or ForAnyValue",
		Why:    "Null does not look at the values, so the prefix has no effect.",
		Remedy: "Write Null."}
	BoolSeveral = Rule{ID: "bool-several-values", Severity: Error, Link: linkOperators,
		Title:  "A boolean is compared with several values",
		Why:    "With true and false together the condition always holds.",
		Remedy: "Write one value."}
	ConditionEmpty = Rule{ID: "condition-empty", Severity: Warning, Link: linkOperators,
		Title:  "A condition is empty",
		Why:    "The statement applies without a condition, or never, although it seems to have one.",
		Remedy: "Write the values, or delete the condition."}
	KeyUnknown = Rule{ID: "condition-key-unknown", Severity: Error, Own: true, Link: linkGlobalKeys,
		Title:  "No request to KMS has such a condition key",
		Why:    "An Allow with it never applies, and a Deny with a negated operator applies to every request.",
		Remedy: "Write the key as the reference spells it."}
	KeyIncomplete = Rule{ID: "condition-key-incomplete", Severity: Error, Link: linkGlobalKeys,
		Title:  "The condition key has no name of a tag or encryption context",
		Why:    "The key is one of a family. The name of the tag follows the slash, and the name of the context the colon.",
		Remedy: "Write the whole key, such as aws:PrincipalTag/team or kms:EncryptionContext:app."}
	KeyDeprecated = Rule{ID: "condition-key-deprecated", Severity: Warning, Link: linkGlobalKeys,
		Title:  "The condition key is deprecated",
		Why:    "Requests may not have it.",
		Remedy: "Use the key that replaces it."}
	KeyIAMOnly = Rule{ID: "condition-key-iam-only", Severity: Error, Link: linkKMSKeys,
		Title:  "The condition key works in IAM policies only",
		Why:    "PutKeyPolicy was seen to refuse a key policy with it.",
		Remedy: "Use it in an IAM policy, or write kms:RequestAlias."}
	KeyRefused = Rule{ID: "condition-key-refused", Severity: Error, Link: linkKMSKeys,
		Title:  "KMS refuses the condition key in a key policy",
		Why:    "PutKeyPolicy was seen to answer “These condition keys are not permitted in a key policy” for the tags and aliases of the key.",
		Remedy: "Delete the condition, or move it to an IAM policy."}
	KeySpoofable = Rule{ID: "condition-key-spoofable", Severity: Security, Link: linkGlobalKeys,
		Title:  "An Allow depends on text that the caller writes",
		Why:    "aws:referer and aws:UserAgent contain what the caller sends, so they prove nothing.",
		Remedy: "Add a condition on the caller or on the network."}
	KeyConstant = Rule{ID: "condition-constant", Severity: Warning, Link: linkKMSKeys,
		Title:  "The condition has the same result for every request",
		Why:    "The spec, usage, origin, account and Region of a key do not change, so the condition always holds or never.",
		Remedy: "Delete it, or move it to an IAM policy."}
	KeyUnpaired = Rule{ID: "condition-key-unpaired", Severity: Security, Link: linkGlobalKeys,
		Title:  "aws:VpcSourceIp is used without the network",
		Why:    "Every network can have the same private addresses.",
		Remedy: "Add aws:SourceVpc or aws:SourceVpce."}
	DeadAction = Rule{ID: "condition-never-for-action", Severity: Warning, Link: linkKMSKeys,
		Title:  "Requests for the action never have the condition key",
		Why:    "The condition never holds for them, so the statement does not apply to the action.",
		Remedy: "Write a statement without this condition for the action, or delete the action."}
	DenyTagDead = Rule{ID: "deny-tag-condition-dead", Severity: Security, Link: linkGlobalKeys,
		Title:  "A Deny depends on tags that the requests never have",
		Why:    "Only requests that set tags have them. For every other action the Deny never applies.",
		Remedy: "Deny these actions without the condition, or with aws:PrincipalTag."}
	DeadGrant = Rule{ID: "grant-condition-dead", Severity: Warning, Link: linkKMSKeys,
		Title:  "kms:GrantIsForAWSResource is used with actions that are not about grants",
		Why:    "Only CreateGrant, ListGrants and RevokeGrant have it. The statement never applies to other actions.",
		Remedy: "Write a separate statement for the other actions."}
	DeadPrincipal = Rule{ID: "condition-never-for-principal", Severity: Warning, Link: linkGlobalKeys,
		Title:  "Only calls by AWS services have the condition key",
		Why:    "The principals are accounts, roles or users, and their own calls never have it.",
		Remedy: "Name the service under Service, or use kms:ViaService."}
	DeadService = Rule{ID: "condition-never-for-service", Severity: Warning, Link: linkKMSKeys,
		Title:  "A service principal never has the condition key",
		Why:    "It describes an IAM principal, and a service that calls for itself is none.",
		Remedy: "Use aws:SourceArn or aws:SourceAccount."}
	UsernameRole = Rule{ID: "username-with-role", Severity: Warning, Link: linkVariables,
		Title:  "aws:username is used for a role",
		Why:    "Only IAM users have a user name. Sessions of roles do not have the key.",
		Remedy: "Use aws:userid, aws:PrincipalArn or a principal tag."}
)
