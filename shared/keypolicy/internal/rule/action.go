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
	ActionUnknown = Rule{ID: "action-unknown", Severity: Error, House: true, Link: linkActions,
		Title:  "KMS has no such action",
		Why:    "The statement does not do what it seems to do. Refusing it is a house rule: what KMS does with an unknown action is not documented.",
		Remedy: "Write the name as the reference has it."}
	ActionForeign = Rule{ID: "action-foreign", Severity: Error, House: true, Link: linkActions,
		Title:  "The action belongs to another service",
		Why:    "A key policy is about one KMS key. What KMS makes of an action of another service is not documented; refusing it is a house rule.",
		Remedy: "Move it to an IAM policy or to the policy of the other resource."}
	ActionIAMOnly = Rule{ID: "action-iam-only", Severity: Warning, Link: linkActions,
		Title:  "The action has no effect in a key policy",
		Why:    "It is not bound to one key, so only an IAM policy can allow it.",
		Remedy: "Move it to an IAM policy."}
	ActionCrossAccount = Rule{ID: "action-cross-account-dead", Severity: Warning, Link: linkExternal,
		Title:  "Another account cannot call the action",
		Why:    "KMS takes only some operations from other accounts; the grant is dead.",
		Remedy: "Take the action away, or let the other account assume a role here."}
	ActionUsage = Rule{ID: "action-key-usage", Severity: Warning, Link: linkActions,
		Title:  "The action does not work on a key of this usage",
		Why:    "A key is for encrypting, for signing, for MACs or for agreeing on secrets; the others' actions fail.",
		Remedy: "Allow the actions of the key's usage."}
	ReEncryptHalf = Rule{ID: "reencrypt-half", Severity: Warning, Link: linkActions,
		Title:  "Only one half of ReEncrypt is allowed",
		Why:    "ReEncrypt needs kms:ReEncryptFrom on the one key and kms:ReEncryptTo on the other, and both where it is the same key.",
		Remedy: "Write kms:ReEncrypt* unless one half is meant."}
	ActionRedundant = Rule{ID: "action-redundant", Severity: Info, Link: linkActions,
		Title:  "The action is covered by another entry",
		Why:    "It changes nothing, and readers look for the difference.",
		Remedy: "Take it away."}
	ActionExpansion = Rule{ID: "action-wildcard", Severity: Info, Link: linkActions,
		Title:  "A pattern stands for several actions",
		Why:    "It also covers actions that KMS gets in future.",
		Remedy: "Nothing, if all of them are meant."}
	AllowNotAction = Rule{ID: "allow-not-action", Severity: Security, Link: linkNotAction,
		Title:  "Allow stands with NotAction",
		Why:    "Everything that is not named is allowed, future actions included.",
		Remedy: "Write an Action list."}
	ResourceOther = Rule{ID: "resource-other", Severity: Error, Class: ClassInvalid, Link: linkPolicy,
		Title:  "The resource is not this key",
		Why:    "A key policy is about the key that it is attached to; a statement about anything else never applies.",
		Remedy: "Write \"Resource\": \"*\", which means this key."}
	ResourceNotStar = Rule{ID: "resource-not-star", Severity: Warning, Link: linkPolicy,
		Title:  "The resource is an ARN instead of \"*\"",
		Why:    "AWS has announced that \"*\" is the only resource that KMS takes; whether the key's own ARN still passes is not documented.",
		Remedy: "Write \"Resource\": \"*\", which means this key."}
	NotResource = Rule{ID: "not-resource", Severity: Warning, Link: linkPolicy,
		Title:  "NotResource stands in a key policy",
		Why:    "There is one key only: NotResource either leaves it out, and the statement is dead, or covers it.",
		Remedy: "Write \"Resource\": \"*\", or take the statement away."}
	ResourceRedundant = Rule{ID: "resource-redundant", Severity: Info, Link: linkPolicy,
		Title:  "A resource stands beside \"*\"",
		Why:    "\"*\" is this key already.",
		Remedy: "Keep \"*\" alone."}
)
