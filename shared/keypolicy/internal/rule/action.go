package rule

const (
	linkActions   = "https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html"
	linkExternal  = "https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html"
	linkNotAction = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notaction.html"
)

var actionRules = []*Rule{
	&ActionUnknown, &ActionForeign, &ActionIAMOnly, &ActionCrossAccount, &ActionUsage,
	&ReEncryptHalf, &ActionRedundant, &ActionExpansion, &AllowNotAction,
	&ResourceOther, &ResourceNotStar, &NotResource, &ResourceRedundant,
}

// The rules about actions and resources.
var (
	ActionUnknown = Rule{ID: "action-unknown", Severity: Error, Own: true, Link: linkActions,
		Title:  "KMS has no such action",
		Why:    "The entry allows or denies nothing, or AWS does not document what it does. An action is \"*\", or a service and a name with a colon between them.",
		Remedy: "Write the action as the list of KMS actions spells it."}
	ActionForeign = Rule{ID: "action-foreign", Severity: Error, Own: true, Link: linkActions,
		Title:  "The action belongs to another service",
		Why:    "A key policy is about one KMS key. AWS does not document what KMS does with actions of other services.",
		Remedy: "Move the action to an IAM policy or to the policy of the other resource."}
	ActionIAMOnly = Rule{ID: "action-iam-only", Severity: Warning, Link: linkActions,
		Title:  "The action has no effect in a key policy",
		Why:    "The operation is not about one key, so only an IAM policy can allow or deny it.",
		Remedy: "Move it to an IAM policy."}
	ActionCrossAccount = Rule{ID: "action-cross-account-dead", Severity: Warning, Link: linkExternal,
		Title:  "Another account cannot call the action",
		Why:    "KMS allows only some operations from other accounts, so the permission has no effect.",
		Remedy: "Delete the action, or let the other account assume a role in this account."}
	ActionUsage = Rule{ID: "action-key-usage", Severity: Warning, Link: linkActions,
		Title:  "The action does not work with a key of this usage",
		Why:    "A key encrypts, signs, makes MACs or agrees on secrets. Operations for the other usages fail.",
		Remedy: "Write the actions of the key's usage."}
	ReEncryptHalf = Rule{ID: "reencrypt-half", Severity: Warning, Link: linkActions,
		Title:  "Only one half of ReEncrypt is allowed",
		Why:    "ReEncrypt needs kms:ReEncryptFrom on the first key and kms:ReEncryptTo on the second, and both if they are the same key.",
		Remedy: "Write kms:ReEncrypt*, unless one half is enough."}
	ActionRedundant = Rule{ID: "action-redundant", Severity: Info, Link: linkActions,
		Title:  "Another entry covers the action",
		Why:    "The entry has no effect.",
		Remedy: "Delete it."}
	ActionExpansion = Rule{ID: "action-wildcard", Severity: Info, Link: linkActions,
		Title:  "A pattern matches several actions",
		Why:    "It also matches actions that KMS adds later.",
		Remedy: "Change nothing if all of them are meant."}
	AllowNotAction = Rule{ID: "allow-not-action", Severity: Security, Link: linkNotAction,
		Title:  "An Allow has NotAction",
		Why:    "It allows every action that is not listed, including actions that KMS adds later.",
		Remedy: "Write an Action list."}
	ResourceOther = Rule{ID: "resource-other", Severity: Error, Class: ClassInvalid, Link: linkPolicy,
		Title:  "The resource is not this key",
		Why:    "A statement of a key policy applies to the key of the policy only, so this statement never applies.",
		Remedy: "Write \"Resource\": \"*\", which means this key."}
	ResourceNotStar = Rule{ID: "resource-not-star", Severity: Warning, Link: linkPolicy,
		Title:  "The resource is an ARN and not \"*\"",
		Why:    "AWS has announced that KMS will accept only \"*\". Whether it still accepts the ARN of the key is not documented.",
		Remedy: "Write \"Resource\": \"*\", which means this key."}
	NotResource = Rule{ID: "not-resource", Severity: Warning, Link: linkPolicy,
		Title:  "A key policy has NotResource",
		Why:    "A key policy has one resource only, so NotResource either excludes the key, and the statement never applies, or has no effect.",
		Remedy: "Write \"Resource\": \"*\", or delete the statement."}
	ResourceRedundant = Rule{ID: "resource-redundant", Severity: Info, Link: linkPolicy,
		Title:  "A resource is listed beside \"*\"",
		Why:    "\"*\" means this key already.",
		Remedy: "Keep \"*\" only."}
)
