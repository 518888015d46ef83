package rule

const (
	linkService  = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-services"
	linkUniqueID = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids"
)

var principalRules = []*Rule{
	&PrincipalShape, &PrincipalKind, &PrincipalInvalid, &PrincipalWildcard, &PrincipalRoot,
	&PrincipalList, &PrincipalGroup, &PrincipalOrphan, &PrincipalPartition, &PrincipalFederated,
	&PrincipalCanonical, &ServiceInvalid, &ServiceUnknown, &ServiceRegion, &PrincipalStar, &PrincipalTwice,
}

// The rules about principals.
var (
	PrincipalShape = Rule{ID: "principal-shape", Severity: Error, Class: ClassInvalid, Link: linkPrincipal,
		Title:  "Principal is a string or a list",
		Why:    "Principal is an object. The only string that it can be is \"*\".",
		Remedy: "Write {\"AWS\": […]} or {\"Service\": …}."}
	PrincipalKind = Rule{ID: "principal-type", Severity: Error, Class: ClassInvalid, Link: linkPrincipal,
		Title:  "Principal has an unknown member",
		Why:    "The kinds of principals are AWS, Service, Federated and CanonicalUser, spelled this way.",
		Remedy: "Write AWS for accounts, roles and users, and Service for AWS services."}
	PrincipalInvalid = Rule{ID: "principal-invalid", Severity: Error, Class: ClassInvalid, Link: linkPrincipal,
		Title:  "The text is not a principal",
		Why:    "KMS refuses a policy with an invalid principal.",
		Remedy: "Write an account id, arn:aws:iam::111122223333:root, or the ARN of a role, a user or a session."}
	PrincipalWildcard = Rule{ID: "principal-wildcard", Severity: Error, Class: ClassInvalid, Link: linkPrincipal,
		Title:  "A principal contains a wildcard",
		Why:    "KMS refuses it. The only wildcard that it accepts is \"*\" alone.",
		Remedy: "Name the account, and add a condition such as ArnLike on aws:PrincipalArn."}
	PrincipalRoot = Rule{ID: "principal-root-typo", Severity: Error, Class: ClassInvalid, Link: linkPrincipal,
		Title:  "The ARN of the account root is misspelled",
		Why:    "The ARN is arn:aws:iam::111122223333:root. KMS refuses “:/root”, and “user/root” is not a user.",
		Remedy: "Write :root."}
	PrincipalList = Rule{ID: "principal-list-in-string", Severity: Error, Class: ClassInvalid, Link: linkPrincipal,
		Title:  "One string contains several principals",
		Why:    "KMS takes the string for one principal, which does not exist.",
		Remedy: "Write a JSON list of strings."}
	PrincipalGroup = Rule{ID: "principal-group", Severity: Error, Class: ClassInvalid, Link: linkPrincipal,
		Title:  "The principal is a group",
		Why:    "A key policy cannot name a group.",
		Remedy: "Name the account, and allow the actions in an IAM policy of the group."}
	PrincipalOrphan = Rule{ID: "principal-orphaned-id", Severity: Error, Class: ClassInvalid, Link: linkUniqueID,
		Title:  "The principal is a unique id",
		Why:    "KMS shows a unique id in place of a principal that was deleted, and refuses a policy that contains one. A new role of the same name is another principal.",
		Remedy: "Delete the id, or write the ARN of an existing principal."}
	PrincipalPartition = Rule{ID: "principal-partition", Severity: Error, Class: ClassInvalid, Link: linkPrincipal,
		Title:  "The principal is in another partition than the key",
		Why:    "Accounts of one partition do not exist for keys of another.",
		Remedy: "Write the ARN with the partition of the key."}
	PrincipalFederated = Rule{ID: "principal-federated", Severity: Error, Class: ClassInvalid, Own: true, Link: linkPrincipal,
		Title:  "The principal is a federated provider",
		Why:    "Federated users call KMS with the session of a role, so a key policy needs the role and not the provider.",
		Remedy: "Name the role that the federated users assume."}
	PrincipalCanonical = Rule{ID: "principal-canonical-user", Severity: Error, Class: ClassInvalid, Own: true, Link: linkPrincipal,
		Title:  "The principal is a canonical user id",
		Why:    "Canonical user ids belong to S3 and do not show their account, so it is not known who gets access.",
		Remedy: "Name the account."}
	ServiceInvalid = Rule{ID: "service-principal-invalid", Severity: Error, Class: ClassInvalid, Link: linkService,
		Title:  "The text is not a service principal",
		Why:    "KMS refuses a service principal that does not exist.",
		Remedy: "Write the name from the documentation of the service, such as logs.eu-west-1.amazonaws.com."}
	ServiceUnknown = Rule{ID: "service-principal-unknown", Severity: Warning, Link: linkService,
		Title:  "The service principal is probably misspelled",
		Why:    "No list of AWS services has the name, one has a similar name, and KMS refuses a service principal that does not exist.",
		Remedy: "Write the name from the documentation of the service."}
	ServiceRegion = Rule{ID: "service-principal-region", Severity: Warning, Link: linkService,
		Title:  "The service principal belongs to another Region than the key",
		Why:    "A Regional service uses keys of its own Region. KMS was seen to refuse the name of another Region.",
		Remedy: "Write the Region of the key."}
	PrincipalStar = Rule{ID: "principal-string-star", Severity: Info, Link: linkPrincipal,
		Title:  "Principal is \"*\"",
		Why:    "It means every principal in every account, as {\"AWS\": \"*\"} does.",
		Remedy: "Name principals where you can."}
	PrincipalTwice = Rule{ID: "principal-redundant", Severity: Info, Link: linkPrincipal,
		Title:  "A principal is listed twice",
		Why:    "The second entry has no effect.",
		Remedy: "Delete one of them."}
)
