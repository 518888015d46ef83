package keypolicy

const (
	linkOperators  = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html"
	linkGlobalKeys = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html"
	linkKMSKeys    = "https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html"
)

var conditionRules = []*Rule{&ruleOperatorUnknown, &ruleKeyUnknown}

var (
	ruleOperatorUnknown = Rule{ID: "condition-operator-unknown", Severity: Error, Class: ClassInvalid, Link: linkOperators,
		Title:  "IAM has no such condition operator",
		Why:    "A statement with it either is refused or never does what it says.",
		Remedy: "Write the operator as the reference has it."}
	ruleKeyUnknown = Rule{ID: "condition-key-unknown", Severity: Error, House: true, Link: linkGlobalKeys,
		Title:  "No request to KMS has such a condition key",
		Why:    "A key that is never there makes an Allow dead, and a Deny with a negated operator hit everybody. Refusing it is a house rule.",
		Remedy: "Write the key as the reference has it."}
)
