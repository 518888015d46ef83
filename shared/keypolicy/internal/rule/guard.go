package rule

const (
	linkNotPrincipal = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html"
	linkDeputy       = "https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html"
	linkGrants       = "https://docs.aws.amazon.com/kms/latest/developerguide/grants.html"
	linkOrg          = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalorgid"
)

var guardRules = []*Rule{&Public, &AllowNotPrincipal, &UntrustedAccount, &UntrustedOrg}

var exposureRules = []*Rule{
	&Deputy, &DeputyUnsure, &ServiceAdmin, &GrantUnguarded, &ExternalAdmin, &EveryAction, &NegatedAllow, &BypassAllowed,
	&DenyServices, &DenyNotPrincipal, &ExternalAccount, &StatementTwice,
}

// The rules about who could get at the key, and what opens or breaks more than it seems.
var (
	Public = Rule{ID: "public-access", Severity: Security, Class: ClassGuardrail, Link: linkPrincipal,
		Title:  "The statement opens the key to everyone",
		Why:    "\"*\" is every principal in every account. These conditions do not limit it: IfExists, ForAllValues, a negated operator, a wildcard in the account, and the id of a network or user, which does not show its owner.",
		Remedy: "Name principals, or add StringEquals on aws:PrincipalOrgID, aws:PrincipalAccount or kms:CallerAccount."}
	AllowNotPrincipal = Rule{ID: "allow-not-principal", Severity: Security, Class: ClassGuardrail, Link: linkNotPrincipal,
		Title:  "An Allow has NotPrincipal",
		Why:    "It opens the key to every principal in every account that is not listed.",
		Remedy: "Write a Principal list."}
	UntrustedAccount = Rule{ID: "untrusted-account", Severity: Security, Class: ClassGuardrail, Own: true, Link: linkExternal,
		Title:  "The statement opens the key to an account that is not trusted",
		Why:    "An Allow can name only the account of the key and those in TRUSTED_ACCOUNTS.",
		Remedy: "Add the account to TRUSTED_ACCOUNTS if you trust it, or delete it."}
	UntrustedOrg = Rule{ID: "untrusted-organization", Severity: Security, Class: ClassGuardrail, Own: true, Link: linkOrg,
		Title:  "The statement opens the key to an organization that is not trusted",
		Why:    "An Allow can name only the organizations in TRUSTED_ORGS.",
		Remedy: "Add the organization to TRUSTED_ORGS if you trust it, or delete it."}
	Deputy = Rule{ID: "confused-deputy", Severity: Security, Link: linkDeputy,
		Title:  "An AWS service may use the key for another customer",
		Why:    "The service works for all its customers. Without a condition, any of them can make it use your key.",
		Remedy: "Add aws:SourceArn or aws:SourceAccount, or an encryption context that contains your account."}
	DeputyUnsure = Rule{ID: "confused-deputy-unconfirmed", Severity: Warning, Link: linkDeputy,
		Title:  "An AWS service may use the key for another customer, and no guard is confirmed",
		Why:    "Not every service sends aws:SourceArn or aws:SourceAccount. A condition on a key that it does not send would break it.",
		Remedy: "Check whether the service sends one of them, and add it."}
	ServiceAdmin = Rule{ID: "service-administrator", Severity: Security, Class: ClassGuardrail, Link: linkService,
		Title:  "An AWS service gets every action, or can change the policy",
		Why:    "With kms:PutKeyPolicy the service can give itself and others every permission on the key. No AWS service needs it.",
		Remedy: "Write the actions that the documentation of the service lists."}
	GrantUnguarded = Rule{ID: "create-grant-unguarded", Severity: Security, Link: linkGrants,
		Title:  "Other accounts may pass on access by grants",
		Why:    "A grant gives permissions without a change of the policy, to any principal that its creator chooses.",
		Remedy: "Add Bool kms:GrantIsForAWSResource true, kms:GrantOperations or kms:GranteePrincipal."}
	ExternalAdmin = Rule{ID: "external-administrator", Severity: Security, Link: linkExternal,
		Title:  "Another account gets every action or administration",
		Why:    "It can create grants and use the key in every way, including actions that KMS opens to other accounts later.",
		Remedy: "Write the actions that the other account needs."}
	EveryAction = Rule{ID: "every-action-for-role", Severity: Warning, Link: linkPolicy,
		Title:  "A role or user gets every action",
		Why:    "It can use the key, create grants, replace the policy and delete the key, and it also gets future actions.",
		Remedy: "Write the actions that it needs, or declare it in BREAK_GLASS_PRINCIPALS."}
	NegatedAllow = Rule{ID: "allow-negated-condition", Severity: Security, Link: linkOperators,
		Title:  "An Allow for many principals has only negated conditions",
		Why:    "It allows everything that is not listed, and a request without the key counts as not listed.",
		Remedy: "Write what is allowed, with an operator that is not negated."}
	BypassAllowed = Rule{ID: "bypass-allowed", Severity: Security, Link: linkLockout,
		Title:  "A statement allows bypassing the lockout safety check",
		Why:    "With it, a caller can put a policy that nobody can change again.",
		Remedy: "Delete the statement, or deny kms:PutKeyPolicy where kms:BypassPolicyLockoutSafetyCheck is true."}
	DenyServices = Rule{ID: "deny-blocks-services", Severity: Warning, Link: linkGlobalKeys,
		Title:  "A Deny by network also applies to AWS services",
		Why:    "A service that uses the key on behalf of a caller comes from the network of AWS and not from the caller's.",
		Remedy: "Add \"Bool\": {\"aws:ViaAWSService\": \"false\"} to the Deny."}
	DenyNotPrincipal = Rule{ID: "deny-notprincipal", Severity: Warning, Link: linkNotPrincipal,
		Title:  "A Deny with NotPrincipal also applies to a principal that it lists",
		Why:    "The account of a principal and the sessions of a role are principals of their own. The Deny applies to each that is not listed.",
		Remedy: "Write \"Principal\": \"*\" and an ArnNotEquals condition on aws:PrincipalArn."}
	ExternalAccount = Rule{ID: "external-account", Severity: Info, Link: linkExternal,
		Title:  "A statement names other accounts",
		Why:    "They are trusted. This list helps to review whether they still should be.",
		Remedy: "Change nothing if they are meant."}
	StatementTwice = Rule{ID: "statement-redundant", Severity: Info, Link: linkPolicy,
		Title:  "A statement has no effect, because another one says the same",
		Why:    "Readers look for a difference that does not exist.",
		Remedy: "Delete one of them."}
)
