package rule

const (
	linkService  = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-services"
	linkUniqueID = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids"
)

var principalRules = []*Rule{
	&PrincipalShape, &PrincipalKind, &PrincipalInvalid, &PrincipalWildcard, &PrincipalRoot,
	&PrincipalList, &PrincipalGroup, &PrincipalOrphan, &PrincipalPartition, &PrincipalFederated,
	&PrincipalCanonical, &ServiceInvalid, &ServiceRegion, &PrincipalStar, &PrincipalTwice,
}

// The rules about principals.
var (
	PrincipalShape = Rule{ID: "principal-shape", Severity: Error, Class: ClassInvalid, Link: linkPrincipal,
		Title:  "Principal is a text or a list where an object belongs",
		Why:    "Only \"*\" may stand as text.",
		Remedy: "Write {\"AWS\": […]} or {\"Service\": …}."}
	PrincipalKind = Rule{ID: "principal-type", Severity: Error, Class: ClassInvalid, Link: linkPrincipal,
		Title:  "Principal has a member that the grammar does not know",
		Why:    "The kinds of principal are AWS, Service, Federated and CanonicalUser, spelt so.",
		Remedy: "Write AWS for accounts, roles and users, Service for AWS services."}
	PrincipalInvalid = Rule{ID: "principal-invalid", Severity: Error, Class: ClassInvalid, Link: linkPrincipal,
		Title:  "The text is not the ARN of a principal",
		Why:    "KMS refuses a policy with an invalid principal.",
		Remedy: "Write an account id, arn:aws:iam::111122223333:root, or the ARN of a role or user."}
	PrincipalWildcard = Rule{ID: "principal-wildcard", Severity: Error, Class: ClassInvalid, Link: linkPrincipal,
		Title:  "A wildcard stands inside of a principal",
		Why:    "KMS refuses it: only a whole \"*\" may stand for everybody.",
		Remedy: "Name the account and add a condition such as ArnLike on aws:PrincipalArn."}
	PrincipalRoot = Rule{ID: "principal-root-typo", Severity: Error, Class: ClassInvalid, Link: linkPrincipal,
		Title:  "The account root is spelt wrongly",
		Why:    "The account is arn:aws:iam::111122223333:root; KMS refuses “:/root” and “user/root” names no user.",
		Remedy: "Write :root."}
	PrincipalList = Rule{ID: "principal-list-in-string", Severity: Error, Class: ClassInvalid, Link: linkPrincipal,
		Title:  "Several principals stand in one string",
		Why:    "KMS takes the string for one principal, which does not exist.",
		Remedy: "Write a JSON list of strings."}
	PrincipalGroup = Rule{ID: "principal-group", Severity: Error, Class: ClassInvalid, Link: linkPrincipal,
		Title:  "A group is no principal",
		Why:    "A group gives permissions to users through IAM; a key policy cannot name it.",
		Remedy: "Name the account, and let the group's IAM policy allow the actions."}
	PrincipalOrphan = Rule{ID: "principal-orphaned-id", Severity: Error, Class: ClassInvalid, Link: linkUniqueID,
		Title:  "A unique id stands in place of an ARN",
		Why:    "KMS shows such an id for a principal that was deleted; it does not take it back, and a new role of the old name is another one.",
		Remedy: "Take the id away, or write the ARN of the principal that exists."}
	PrincipalPartition = Rule{ID: "principal-partition", Severity: Error, Class: ClassInvalid, Link: linkPrincipal,
		Title:  "The principal belongs to another partition than the key",
		Why:    "Accounts of aws, aws-cn and aws-us-gov do not know each other.",
		Remedy: "Write the ARN with the key's partition."}
	PrincipalFederated = Rule{ID: "principal-federated", Severity: Error, Class: ClassInvalid, House: true, Link: linkPrincipal,
		Title:  "A federated principal stands in a key policy",
		Why:    "Federated users come as sessions of a role; refusing the provider itself is a house rule.",
		Remedy: "Name the role that the federated users assume."}
	PrincipalCanonical = Rule{ID: "principal-canonical-user", Severity: Error, Class: ClassInvalid, House: true, Link: linkPrincipal,
		Title:  "A canonical user id stands in a key policy",
		Why:    "Canonical ids belong to S3, and which account one stands for cannot be seen; refusing it is a house rule.",
		Remedy: "Name the account."}
	ServiceInvalid = Rule{ID: "service-principal-invalid", Severity: Error, Class: ClassInvalid, Link: linkService,
		Title:  "The text is not the name of a service principal",
		Why:    "KMS refuses service principals that do not exist.",
		Remedy: "Write the service's name as its documentation has it, such as logs.eu-west-1.amazonaws.com."}
	ServiceRegion = Rule{ID: "service-principal-region", Severity: Warning, Link: linkService,
		Title:  "The service principal belongs to another Region than the key",
		Why:    "A Regional service uses keys of its own Region; KMS has been seen to refuse the name of another.",
		Remedy: "Write the key's Region."}
	PrincipalStar = Rule{ID: "principal-string-star", Severity: Info, Link: linkPrincipal,
		Title:  "Principal is \"*\"",
		Why:    "It means the same as {\"AWS\": \"*\"}; both are everybody in every account.",
		Remedy: "Name principals where you can."}
	PrincipalTwice = Rule{ID: "principal-redundant", Severity: Info, Link: linkPrincipal,
		Title:  "A principal is named twice",
		Why:    "It changes nothing, and readers look for the difference.",
		Remedy: "Keep one."}
)
