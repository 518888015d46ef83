package rule

const (
	linkViaService  = "https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service"
	linkAttestation = "https://docs.aws.amazon.com/kms/latest/developerguide/conditions-attestation.html"
	linkARN         = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html"
)

var valueRules = []*Rule{
	&ValueType, &ValueEnum, &ValueRange, &WildcardLiteral, &Hollow, &SameAsNull,
	&ValueRedundant, &LikeARN, &AccountFormat, &OrgFormat, &NetworkFormat, &IPFormat,
	&IPPrivate, &IPHostBits, &ARNFormat, &AliasFormat, &ViaUnknown, &ViaUnlisted, &ViaRegion,
	&Attestation, &Variable, &VariablePlace, &Expired, &RegionUnknown, &LikeCrossesARN,
	&ConditionRedundant, &ConditionAlways, &ConditionNever, &IPPartlyPrivate,
}

// The rules about the values of conditions.
var (
	ValueType = Rule{ID: "value-type", Severity: Warning, Link: linkOperators,
		Title:  "A value does not fit the operator",
		Why:    "No request matches the value.",
		Remedy: "Write true or false, a number, or a date such as 2026-01-31T00:00:00Z, as the operator needs."}
	ValueEnum = Rule{ID: "value-unknown", Severity: Warning, Link: linkKMSKeys,
		Title:  "The condition key never has this value",
		Why:    "The key has a fixed list of values, so no request matches this one.",
		Remedy: "Write one of the values in the KMS reference."}
	ValueRange = Rule{ID: "value-out-of-range", Severity: Warning, Link: linkKMSKeys,
		Title:  "The number is outside the range that KMS allows",
		Why:    "The condition always holds or never.",
		Remedy: "Write a number in the range: 7 to 30 days for deletion, 90 to 2560 for rotation."}
	WildcardLiteral = Rule{ID: "wildcard-without-like", Severity: Warning, Link: linkOperators,
		Title:  "An operator takes a wildcard for a plain character",
		Why:    "StringEquals compares * and ? as they are, and no real value has them.",
		Remedy: "Use StringLike, or write the whole value."}
	Hollow = Rule{ID: "condition-hollow", Severity: Security, Link: linkGlobalKeys,
		Title:  "A wildcard makes the condition match too much",
		Why:    "The condition seems to limit who can call, and also matches other callers.",
		Remedy: "Write the whole value."}
	SameAsNull = Rule{ID: "condition-same-as-null", Severity: Info, Link: linkOperators,
		Title:  "The condition tests only whether the key is present",
		Why:    "\"*\" matches every value.",
		Remedy: "Write \"Null\": {key: \"false\"}, which says the same clearly."}
	ValueRedundant = Rule{ID: "value-redundant", Severity: Info, Link: linkOperators,
		Title:  "Another value covers the value",
		Why:    "The entry has no effect.",
		Remedy: "Delete it."}
	LikeARN = Rule{ID: "string-like-for-arn", Severity: Warning, Link: linkOperators,
		Title:  "StringLike compares an ARN",
		Why:    "Its wildcards match colons, so they match several parts of the ARN.",
		Remedy: "Use ArnLike."}
	AccountFormat = Rule{ID: "account-id-format", Severity: Error, Link: linkGlobalKeys,
		Title:  "The value is not an account id",
		Why:    "An account id has 12 digits, so no request matches this value.",
		Remedy: "Write 12 digits without hyphens."}
	OrgFormat = Rule{ID: "organization-id-format", Severity: Error, Link: linkOrg,
		Title:  "The value is not an organization id or path",
		Why:    "No request matches it.",
		Remedy: "Write o- and 10 to 32 lower-case letters or digits, and for a path /r-…/ou-…/ after it."}
	NetworkFormat = Rule{ID: "network-id-format", Severity: Error, Link: linkGlobalKeys,
		Title:  "The value is not the id of a VPC or VPC endpoint",
		Why:    "No request matches it. A negated operator always holds then.",
		Remedy: "Write vpc- or vpce- and 8 or 17 hexadecimal digits."}
	IPFormat = Rule{ID: "source-ip-format", Severity: Error, Link: linkOperators,
		Title:  "The value is not an IP address or range",
		Why:    "No request matches it. A negated operator always holds then.",
		Remedy: "Write an address or a range such as 203.0.113.0/24."}
	IPPrivate = Rule{ID: "source-ip-private", Severity: Error, Link: linkGlobalKeys,
		Title:  "aws:SourceIp is compared with a private address",
		Why:    "aws:SourceIp holds public addresses only, so no request matches. A negated operator always holds then.",
		Remedy: "Write the public address, or use aws:VpcSourceIp together with aws:SourceVpc."}
	IPHostBits = Rule{ID: "source-ip-host-bits", Severity: Info, Link: linkOperators,
		Title:  "The address is not the first one of its range",
		Why:    "IAM ignores the bits after the prefix, so the range is larger than it seems.",
		Remedy: "Write the first address of the range, or a longer prefix."}
	ARNFormat = Rule{ID: "arn-format", Severity: Warning, Link: linkARN,
		Title:  "The value is not an ARN",
		Why:    "An ARN has six parts with colons between them, so no request matches this value.",
		Remedy: "Write arn:partition:service:region:account:resource."}
	AliasFormat = Rule{ID: "alias-format", Severity: Warning, Link: linkKMSKeys,
		Title:  "The value is not an alias name",
		Why:    "kms:RequestAlias holds the name as the request has it, which is not an ARN.",
		Remedy: "Write alias/name."}
	ViaUnknown = Rule{ID: "via-service-unknown", Severity: Warning, Link: linkViaService,
		Title:  "No AWS service has this name",
		Why:    "No request matches the value.",
		Remedy: "Write service.region.amazonaws.com in lower-case letters, such as s3.eu-west-1.amazonaws.com."}
	ViaUnlisted = Rule{ID: "via-service-unlisted", Severity: Info, Link: linkViaService,
		Title:  "The KMS guide does not list the service for kms:ViaService",
		Why:    "The list is not complete, so the value may be right. If the service does not call KMS by this name, no request matches it.",
		Remedy: "Check that the service calls KMS by this name."}
	ViaRegion = Rule{ID: "via-service-region", Severity: Warning, Link: linkViaService,
		Title:  "kms:ViaService names another Region than the key's",
		Why:    "Services use keys of their own Region, so no request matches the value.",
		Remedy: "Write the Region of the key."}
	Attestation = Rule{ID: "attestation-format", Severity: Warning, Link: linkAttestation,
		Title:  "The value is not a measurement",
		Why:    "Measurements are SHA-384 digests, which have 96 hexadecimal digits, so no request matches this value.",
		Remedy: "Copy the measurement from the output of the build."}
	Variable = Rule{ID: "variable-malformed", Severity: Error, Link: linkVariables,
		Title:  "A policy variable is malformed",
		Why:    "IAM takes it for plain text or refuses the policy.",
		Remedy: "Write ${aws:username}: a dollar sign, both braces, no spaces."}
	Expired = Rule{ID: "date-in-past", Severity: Warning, Link: linkOperators,
		Title:  "A date condition has expired",
		Why:    "aws:CurrentTime never matches it again, so the statement no longer applies.",
		Remedy: "Delete the statement, or write a later date."}
	RegionUnknown = Rule{ID: "region-unknown", Severity: Warning, Link: linkARN,
		Title:  "The Region is not in the list of Regions",
		Why:    "No request matches a Region that does not exist. AWS adds Regions, so the list may be out of date.",
		Remedy: "Write a Region of the ARN's partition, such as eu-west-1."}
	LikeCrossesARN = Rule{ID: "string-like-crosses-arn", Severity: Security, Link: linkOperators,
		Title:  "A wildcard of StringLike matches several parts of an ARN",
		Why:    "In StringLike, * matches colons, so the Allow also matches ARNs of other services or accounts.",
		Remedy: "Use ArnLike."}
	ConditionRedundant = Rule{ID: "condition-redundant", Severity: Info, Link: linkOperators,
		Title:  "The condition holds for every request",
		Why:    "It has no effect, and readers may rely on it.",
		Remedy: "Delete it, or write the intended value."}
	ConditionAlways = Rule{ID: "condition-always-true", Severity: Security, Link: linkOperators,
		Title:  "The conditions of a Deny always hold",
		Why:    "The Deny applies to every request of its principals for its actions. A negated operator holds where no request has the value, or where the key is absent.",
		Remedy: "Write the intended values, or delete the conditions if every request is meant."}
	ConditionNever = Rule{ID: "condition-never-true", Severity: Warning, Link: linkOperators,
		Title:  "The condition holds for no request",
		Why:    "The statement never applies: an Allow allows nothing, and a Deny protects nothing.",
		Remedy: "Delete the statement, or write the intended value."}
	IPPartlyPrivate = Rule{ID: "source-ip-partly-private", Severity: Info, Link: linkGlobalKeys,
		Title:  "A range for aws:SourceIp includes private addresses",
		Why:    "aws:SourceIp holds public addresses only, so that part of the range has no effect.",
		Remedy: "Write the public ranges only."}
	VariablePlace = Rule{ID: "variable-not-replaced", Severity: Warning, Link: linkVariables,
		Title:  "A policy variable is where IAM does not replace it",
		Why:    "IAM replaces variables only in values that are compared as strings or ARNs, and only in Version 2012-10-17.",
		Remedy: "Write the value itself, or the Version 2012-10-17."}
)
