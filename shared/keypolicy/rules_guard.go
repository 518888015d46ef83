package keypolicy

const (
	linkNotPrincipal = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html"
	linkDeputy       = "https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html"
	linkGrants       = "https://docs.aws.amazon.com/kms/latest/developerguide/grants.html"
	linkOrg          = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalorgid"
)

var guardRules = []*Rule{&rulePublic, &ruleAllowNotPrincipal, &ruleUntrustedAccount, &ruleUntrustedOrg}

var (
	rulePublic = Rule{ID: "public-access", Severity: Security, Class: ClassGuardrail, Link: linkPrincipal,
		Title:  "The statement opens the key to everybody",
		Why:    "“*” is every principal in every account. Conditions with IfExists, ForAllValues, a negated operator or a wildcard in the account do not narrow it.",
		Remedy: "Name principals, or add StringEquals on aws:PrincipalOrgID, aws:PrincipalAccount or kms:CallerAccount."}
	ruleAllowNotPrincipal = Rule{ID: "allow-not-principal", Severity: Security, Class: ClassGuardrail, Link: linkNotPrincipal,
		Title:  "Allow stands with NotPrincipal",
		Why:    "It opens the key to everybody in every account who is not named.",
		Remedy: "Write a Principal list."}
	ruleUntrustedAccount = Rule{ID: "untrusted-account", Severity: Security, Class: ClassGuardrail, House: true, Link: linkExternal,
		Title:  "The statement opens the key to an account that is not trusted",
		Why:    "Only the key's own account and those of TRUSTED_ACCOUNTS may be named in an Allow.",
		Remedy: "Add the account to TRUSTED_ACCOUNTS if it is yours, or take it away."}
	ruleUntrustedOrg = Rule{ID: "untrusted-organization", Severity: Security, Class: ClassGuardrail, House: true, Link: linkOrg,
		Title:  "The statement opens the key to an organization that is not trusted",
		Why:    "Only the organizations of TRUSTED_ORGS may be named in an Allow.",
		Remedy: "Add the organization to TRUSTED_ORGS if it is yours, or take it away."}
)
