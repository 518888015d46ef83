package rule

const (
	linkNotPrincipal = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html"
	linkDeputy       = "https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html"
	linkGrants       = "https://docs.aws.amazon.com/kms/latest/developerguide/grants.html"
	linkOrg          = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalorgid"
)

var guardRules = []*Rule{&Public, &AllowNotPrincipal, &UntrustedAccount, &UntrustedOrg}

var exposureRules = []*Rule{
	&Deputy, &DeputyUnsure, &GrantUnguarded, &ExternalAdmin, &NegatedAllow, &BypassAllowed,
	&DenyServices, &ExternalAccount, &StatementTwice,
}

// The rules about who could get at the key, and what opens or breaks more than it seems.
var (
	Public = Rule{ID: "public-access", Severity: Security, Class: ClassGuardrail, Link: linkPrincipal,
		Title:  "The statement opens the key to everybody",
		Why:    "“*” is every principal in every account. Conditions with IfExists, ForAllValues, a negated operator or a wildcard in the account do not narrow it, nor does the id of a network or a user, which does not tell whose it is.",
		Remedy: "Name principals, or add StringEquals on aws:PrincipalOrgID, aws:PrincipalAccount or kms:CallerAccount."}
	AllowNotPrincipal = Rule{ID: "allow-not-principal", Severity: Security, Class: ClassGuardrail, Link: linkNotPrincipal,
		Title:  "Allow stands with NotPrincipal",
		Why:    "It opens the key to everybody in every account who is not named.",
		Remedy: "Write a Principal list."}
	UntrustedAccount = Rule{ID: "untrusted-account", Severity: Security, Class: ClassGuardrail, House: true, Link: linkExternal,
		Title:  "The statement opens the key to an account that is not trusted",
		Why:    "Only the key's own account and those of TRUSTED_ACCOUNTS may be named in an Allow.",
		Remedy: "Add the account to TRUSTED_ACCOUNTS if it is yours, or take it away."}
	UntrustedOrg = Rule{ID: "untrusted-organization", Severity: Security, Class: ClassGuardrail, House: true, Link: linkOrg,
		Title:  "The statement opens the key to an organization that is not trusted",
		Why:    "Only the organizations of TRUSTED_ORGS may be named in an Allow.",
		Remedy: "Add the organization to TRUSTED_ORGS if it is yours, or take it away."}
	Deputy = Rule{ID: "confused-deputy", Severity: Security, Link: linkDeputy,
		Title:  "An AWS service may use the key for anybody",
		Why:    "The service works for all its customers; without a condition one of them can make it use your key.",
		Remedy: "Add aws:SourceArn or aws:SourceAccount, or an encryption context that names your account."}
	DeputyUnsure = Rule{ID: "confused-deputy-unconfirmed", Severity: Warning, Link: linkDeputy,
		Title:  "An AWS service may use the key for anybody, as far as can be seen",
		Why:    "Not every service sends aws:SourceArn or aws:SourceAccount; a condition on what it does not send would break it.",
		Remedy: "Look up whether the service sends one of them, and add it."}
	GrantUnguarded = Rule{ID: "create-grant-unguarded", Severity: Security, Link: linkGrants,
		Title:  "Others may pass the key on by grants",
		Why:    "A grant gives permissions without touching the policy, to whomever its creator likes.",
		Remedy: "Add Bool kms:GrantIsForAWSResource true, kms:GrantOperations or kms:GranteePrincipal."}
	ExternalAdmin = Rule{ID: "external-administrator", Severity: Security, Link: linkExternal,
		Title:  "Another account gets everything or administration",
		Why:    "It can make grants and use the key in every way; what it cannot do today it gets when KMS opens it to other accounts.",
		Remedy: "Name the operations that the other account needs."}
	NegatedAllow = Rule{ID: "allow-negated-condition", Severity: Security, Link: linkOperators,
		Title:  "An Allow for many has negated conditions only",
		Why:    "Everything that is not named is let in, and a missing key counts as not named.",
		Remedy: "Say what is allowed, by an operator that is not negated."}
	BypassAllowed = Rule{ID: "bypass-allowed", Severity: Security, Link: linkLockout,
		Title:  "A statement allows to bypass the lockout safety check",
		Why:    "With it a policy can be put that nobody can ever change again.",
		Remedy: "Take the statement away, or deny kms:PutKeyPolicy where kms:BypassPolicyLockoutSafetyCheck is true."}
	DenyServices = Rule{ID: "deny-blocks-services", Severity: Warning, Link: linkGlobalKeys,
		Title:  "A Deny by network also hits AWS services",
		Why:    "A service that uses the key for somebody comes from AWS's network, not from the caller's.",
		Remedy: "Add \"Bool\": {\"aws:ViaAWSService\": \"false\"} to the Deny."}
	ExternalAccount = Rule{ID: "external-account", Severity: Info, Link: linkExternal,
		Title:  "A statement names other accounts",
		Why:    "They are trusted, and this list helps to see whether all of them still should be.",
		Remedy: "Nothing, if they are meant."}
	StatementTwice = Rule{ID: "statement-redundant", Severity: Info, Link: linkPolicy,
		Title:  "A statement says what another one says",
		Why:    "It changes nothing, and readers look for the difference.",
		Remedy: "Take one away."}
)
