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
	&KeyUnknown, &KeyIncomplete, &KeyDeprecated, &KeyIAMOnly, &KeySpoofable,
	&KeyConstant, &KeyUnpaired, &DeadAction, &DenyTagDead, &DeadGrant, &DeadPrincipal, &DeadService,
	&UsernameRole,
}

// The rules about operators and condition keys.
var (
	OperatorUnknown = Rule{ID: "condition-operator-unknown", Severity: Error, Class: ClassInvalid, Link: linkOperators,
		Title:  "IAM has no such condition operator",
		Why:    "A condition that is not understood cannot be relied on, neither to allow nor to deny.",
		Remedy: "Write the operator as the reference has it."}
	OperatorType = Rule{ID: "condition-operator-type", Severity: Warning, Link: linkOperators,
		Title:  "The operator is of another type than the condition key",
		Why:    "A comparison of the wrong type may never be true.",
		Remedy: "Use the operator of the key's type."}
	SetMissing = Rule{ID: "set-operator-missing", Severity: Error, Link: linkSets,
		Title:  "A condition key with several values stands without ForAllValues or ForAnyValue",
		Why:    "Which of the values must match is not said.",
		Remedy: "Put ForAnyValue: or ForAllValues: before the operator."}
	ForAllSingle = Rule{ID: "for-all-values-single", Severity: Security, Link: linkSets,
		Title:  "ForAllValues stands with a condition key of one value",
		Why:    "ForAllValues is true where the key is missing, so the condition lets such requests in.",
		Remedy: "Leave ForAllValues: away."}
	ForAllAlone = Rule{ID: "for-all-values-alone", Severity: Security, Link: linkSets,
		Title:  "ForAllValues stands in an Allow without a test that the key is there",
		Why:    "ForAllValues is true where the key is missing, so the condition lets such requests in.",
		Remedy: "Add \"Null\": {key: \"false\"}, or use ForAnyValue."}
	NullIfExists = Rule{ID: "null-if-exists", Severity: Error, Link: linkOperators,
		Title:  "Null stands with IfExists",
		Why:    "The one asks whether the key is there, the other takes that for granted.",
		Remedy: "Write Null."}
	NullSet = Rule{ID: "null-with-set-operator", Severity: Info, Link: linkOperators,
		Title:  "Null stands with ForAllValues or ForAnyValue",
		Why:    "Whether a key is there has nothing to do with its values.",
		Remedy: "Write Null alone."}
	BoolSeveral = Rule{ID: "bool-several-values", Severity: Error, Link: linkOperators,
		Title:  "A boolean is compared with several values",
		Why:    "With both values the condition always holds; with one twice, one is too many.",
		Remedy: "Keep one value."}
	ConditionEmpty = Rule{ID: "condition-empty", Severity: Warning, Link: linkOperators,
		Title:  "A condition is empty",
		Why:    "It looks like a condition and is none, or is one that never holds.",
		Remedy: "Write the values, or take the condition away."}
	KeyUnknown = Rule{ID: "condition-key-unknown", Severity: Error, House: true, Link: linkGlobalKeys,
		Title:  "No request to KMS has such a condition key",
		Why:    "A key that is never there makes an Allow dead, and a Deny with a negated operator hit everybody. Refusing it is a house rule.",
		Remedy: "Write the key as the reference has it."}
	KeyIncomplete = Rule{ID: "condition-key-incomplete", Severity: Error, Link: linkGlobalKeys,
		Title:  "The condition key lacks the name of a tag or of an encryption context",
		Why:    "The key is a family: which tag is meant stands after the slash, which context after the colon.",
		Remedy: "Write it out, such as aws:ResourceTag/team or kms:EncryptionContext:app."}
	KeyDeprecated = Rule{ID: "condition-key-deprecated", Severity: Warning, Link: linkGlobalKeys,
		Title:  "The condition key is out of use",
		Why:    "It may be missing from requests, or go away.",
		Remedy: "Use its successor."}
	KeyIAMOnly = Rule{ID: "condition-key-iam-only", Severity: Warning, Link: linkKMSKeys,
		Title:  "The condition key works in IAM policies only",
		Why:    "A key policy belongs to one key; its aliases are not looked at.",
		Remedy: "Use it in an IAM policy, or use kms:RequestAlias."}
	KeySpoofable = Rule{ID: "condition-key-spoofable", Severity: Security, Link: linkGlobalKeys,
		Title:  "An Allow relies on something that the caller writes",
		Why:    "aws:referer and aws:UserAgent say what the caller wants them to say.",
		Remedy: "Use a condition on who calls or from where."}
	KeyConstant = Rule{ID: "condition-constant", Severity: Warning, Link: linkKMSKeys,
		Title:  "The condition is the same for every request to this key",
		Why:    "A key policy is about one key, whose spec, usage, origin, account and Region do not change: the condition either always holds or never.",
		Remedy: "Take it away, or move it to an IAM policy."}
	KeyUnpaired = Rule{ID: "condition-key-unpaired", Severity: Security, Link: linkGlobalKeys,
		Title:  "aws:VpcSourceIp stands without the network",
		Why:    "Private addresses are the same in every network.",
		Remedy: "Add aws:SourceVpc or aws:SourceVpce."}
	DeadAction = Rule{ID: "condition-never-for-action", Severity: Warning, Link: linkKMSKeys,
		Title:  "Requests for the action never carry the condition key",
		Why:    "The comparison can never be true for them, so the statement does not apply.",
		Remedy: "Give the action a statement without this condition, or take it away."}
	DenyTagDead = Rule{ID: "deny-tag-condition-dead", Severity: Security, Link: linkGlobalKeys,
		Title:  "A Deny depends on tags that the requests never carry",
		Why:    "Only requests that set tags carry them; to every other action the Deny never applies, so it protects nothing.",
		Remedy: "Deny these actions without the condition, or by aws:ResourceTag or aws:PrincipalTag."}
	DeadGrant = Rule{ID: "grant-condition-dead", Severity: Warning, Link: linkKMSKeys,
		Title:  "kms:GrantIsForAWSResource stands with actions that do not deal in grants",
		Why:    "Only CreateGrant, ListGrants and RevokeGrant carry it; other actions are never allowed by the statement.",
		Remedy: "Give the other actions a statement of their own."}
	DeadPrincipal = Rule{ID: "condition-never-for-principal", Severity: Warning, Link: linkGlobalKeys,
		Title:  "The condition key is there for calls of AWS services only",
		Why:    "The principals are accounts, roles or users; their own calls never carry it.",
		Remedy: "Name the service under Service, or use kms:ViaService."}
	DeadService = Rule{ID: "condition-never-for-service", Severity: Warning, Link: linkKMSKeys,
		Title:  "A service that calls for itself never carries the condition key",
		Why:    "kms:ViaService and what describes a caller in IAM are there when a service forwards somebody's request.",
		Remedy: "Use aws:SourceArn or aws:SourceAccount."}
	UsernameRole = Rule{ID: "username-with-role", Severity: Warning, Link: linkVariables,
		Title:  "aws:username is compared for a role",
		Why:    "Only IAM users have a user name; for a role's session the key is missing.",
		Remedy: "Use aws:userid, aws:PrincipalArn or a principal tag."}
)
