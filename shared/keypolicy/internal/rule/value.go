package rule

const (
	linkViaService  = "https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service"
	linkAttestation = "https://docs.aws.amazon.com/kms/latest/developerguide/conditions-attestation.html"
	linkARN         = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html"
)

var valueRules = []*Rule{
	&ValueType, &ValueEnum, &ValueRange, &WildcardLiteral, &Hollow, &SameAsNull,
	&ValueRedundant, &LikeARN, &AccountFormat, &OrgFormat, &NetworkFormat, &IPFormat,
	&IPPrivate, &IPHostBits, &ARNFormat, &AliasFormat, &ViaUnknown, &ViaRegion,
	&Attestation, &Variable, &VariablePlace, &Expired, &RegionUnknown, &LikeCrossesARN,
	&ConditionRedundant, &ConditionNever, &IPPartlyPrivate,
}

// The rules about the values of conditions.
var (
	ValueType = Rule{ID: "value-type", Severity: Warning, Link: linkOperators,
		Title:  "A value does not fit the operator",
		Why:    "The comparison can never be true.",
		Remedy: "Write true or false, a number, or a date such as 2026-01-31T00:00:00Z."}
	ValueEnum = Rule{ID: "value-unknown", Severity: Warning, Link: linkKMSKeys,
		Title:  "The condition key never has this value",
		Why:    "KMS knows a fixed list of values for it; the comparison can never be true.",
		Remedy: "Write one of the values in the reference."}
	ValueRange = Rule{ID: "value-out-of-range", Severity: Warning, Link: linkKMSKeys,
		Title:  "The number is outside of what KMS allows anyway",
		Why:    "The condition either always holds or never.",
		Remedy: "Write a number of the range: 7 to 30 days for deletion, 90 to 2560 for rotation."}
	WildcardLiteral = Rule{ID: "wildcard-without-like", Severity: Warning, Link: linkOperators,
		Title:  "A wildcard stands with an operator that takes it for a plain character",
		Why:    "StringEquals compares * and ? as they stand, which no real value has.",
		Remedy: "Use StringLike, or write the value out."}
	Hollow = Rule{ID: "condition-hollow", Severity: Security, Link: linkGlobalKeys,
		Title:  "A wildcard hollows out the condition",
		Why:    "The condition seems to name who may call, and lets others in as well.",
		Remedy: "Write the value out."}
	SameAsNull = Rule{ID: "condition-same-as-null", Severity: Info, Link: linkOperators,
		Title:  "The condition only asks whether the key is there",
		Why:    "“*” fits every value.",
		Remedy: "Write \"Null\": {key: \"false\"}, which says so."}
	ValueRedundant = Rule{ID: "value-redundant", Severity: Info, Link: linkOperators,
		Title:  "A value is covered by another one",
		Why:    "It changes nothing, and readers look for the difference.",
		Remedy: "Take it away."}
	LikeARN = Rule{ID: "string-like-for-arn", Severity: Warning, Link: linkOperators,
		Title:  "StringLike compares an ARN",
		Why:    "Its wildcards reach over the colons, from one part of the ARN into the next.",
		Remedy: "Use ArnLike."}
	AccountFormat = Rule{ID: "account-id-format", Severity: Error, Link: linkGlobalKeys,
		Title:  "The value is no account id",
		Why:    "Account ids have 12 digits; the comparison can never be true.",
		Remedy: "Write 12 digits without hyphens."}
	OrgFormat = Rule{ID: "organization-id-format", Severity: Error, Link: linkOrg,
		Title:  "The value is no organization id or path",
		Why:    "The comparison can never be true.",
		Remedy: "Write o- and 10 to 32 small letters or digits; for a path go on with /r-…/ou-…/."}
	NetworkFormat = Rule{ID: "network-id-format", Severity: Error, Link: linkGlobalKeys,
		Title:  "The value is no VPC or endpoint id",
		Why:    "The comparison can never be true, and with a negated operator it always is.",
		Remedy: "Write vpc- or vpce- and 8 or 17 hexadecimal digits."}
	IPFormat = Rule{ID: "source-ip-format", Severity: Error, Link: linkOperators,
		Title:  "The value is no IP address or range",
		Why:    "The comparison can never be true, and with a negated operator it always is.",
		Remedy: "Write an address or a range such as 203.0.113.0/24."}
	IPPrivate = Rule{ID: "source-ip-private", Severity: Error, Link: linkGlobalKeys,
		Title:  "aws:SourceIp is compared with a private address",
		Why:    "KMS sees public addresses only; the comparison can never be true, and with a negated operator it always is.",
		Remedy: "Write the public address, or use aws:VpcSourceIp with aws:SourceVpc."}
	IPHostBits = Rule{ID: "source-ip-host-bits", Severity: Info, Link: linkOperators,
		Title:  "The range has bits after its prefix",
		Why:    "They are not looked at, so the range is larger than it seems.",
		Remedy: "Write the first address of the range, or a longer prefix."}
	ARNFormat = Rule{ID: "arn-format", Severity: Warning, Link: linkARN,
		Title:  "The value is no ARN",
		Why:    "An ARN has six parts with colons between them; the comparison can never be true.",
		Remedy: "Write arn:partition:service:region:account:resource."}
	AliasFormat = Rule{ID: "alias-format", Severity: Warning, Link: linkKMSKeys,
		Title:  "The value is no alias name",
		Why:    "kms:RequestAlias holds the name as the request has it, without the ARN around it.",
		Remedy: "Write alias/name."}
	ViaUnknown = Rule{ID: "via-service-unknown", Severity: Warning, Link: linkViaService,
		Title:  "No service calls KMS by this name",
		Why:    "The comparison can never be true.",
		Remedy: "Write service.region.amazonaws.com in small letters, such as s3.eu-west-1.amazonaws.com."}
	ViaRegion = Rule{ID: "via-service-region", Severity: Warning, Link: linkViaService,
		Title:  "kms:ViaService names another Region than the key's",
		Why:    "Services use keys of their own Region; the comparison will not be true.",
		Remedy: "Write the key's Region."}
	Attestation = Rule{ID: "attestation-format", Severity: Warning, Link: linkAttestation,
		Title:  "The measurement cannot be one",
		Why:    "Registers hold SHA-384 digests, which have 96 hexadecimal digits.",
		Remedy: "Copy the measurement as the build prints it."}
	Variable = Rule{ID: "variable-malformed", Severity: Error, Link: linkVariables,
		Title:  "A policy variable is not written as one",
		Why:    "It is taken for plain text, or the policy is refused.",
		Remedy: "Write ${aws:username}: a dollar sign, both braces, no spaces."}
	Expired = Rule{ID: "date-in-past", Severity: Warning, Link: linkOperators,
		Title:  "A date condition has run out",
		Why:    "The comparison with aws:CurrentTime can never be true again, so the statement no longer applies.",
		Remedy: "Take the statement away, or write a later date."}
	RegionUnknown = Rule{ID: "region-unknown", Severity: Warning, Link: linkARN,
		Title:  "The Region is not a known one",
		Why:    "A comparison with a Region that does not exist can never be true. AWS adds Regions, so the table may lag behind.",
		Remedy: "Write the Region that is meant, such as eu-west-1, one of the ARN's partition."}
	LikeCrossesARN = Rule{ID: "string-like-crosses-arn", Severity: Security, Link: linkOperators,
		Title:  "The wildcard of a StringLike stands for more than one part of an ARN",
		Why:    "StringLike knows no parts: * takes colons too, so an Allow lets in ARNs of other services or accounts than it seems to.",
		Remedy: "Use ArnLike."}
	ConditionRedundant = Rule{ID: "condition-redundant", Severity: Info, Link: linkOperators,
		Title:  "The condition fits every request",
		Why:    "It decides nothing, and readers rely on it.",
		Remedy: "Take it away, or write the value that is meant."}
	ConditionNever = Rule{ID: "condition-never-true", Severity: Warning, Link: linkOperators,
		Title:  "The condition fits no request",
		Why:    "The statement never applies: as an Allow it gives nothing, as a Deny it protects nothing.",
		Remedy: "Take the statement away, or write the value that is meant."}
	IPPartlyPrivate = Rule{ID: "source-ip-partly-private", Severity: Info, Link: linkGlobalKeys,
		Title:  "A range for aws:SourceIp holds private addresses beside public ones",
		Why:    "KMS sees public addresses only, so that part of the range does nothing; the range is wider than what is meant.",
		Remedy: "Write the public ranges alone."}
	VariablePlace = Rule{ID: "variable-not-replaced", Severity: Warning, Link: linkVariables,
		Title:  "A policy variable stands where none is replaced",
		Why:    "Variables work in values that are compared as text or ARN, and in Version 2012-10-17 only.",
		Remedy: "Write the value out, or the Version 2012-10-17."}
)
