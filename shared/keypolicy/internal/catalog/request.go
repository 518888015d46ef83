package catalog

// Caller is the kind of principal that makes a request. A set of them is a sum.
type Caller uint8

const (
	RootUser         Caller = 1 << iota // the account's root user
	IAMUser                             // an IAM user, with or without a session
	RoleSession                         // a session of a role, federated or not
	FederatedUser                       // a session of GetFederationToken
	AWSServiceItself                    // an AWS service that calls for itself, by its service principal
	AnonymousCaller                     // nobody: an unsigned request

	signed   = RootUser | IAMUser | RoleSession | FederatedUser
	everyone = signed | AWSServiceItself | AnonymousCaller
)

// Presence reports whether a request carries a condition key.
type Presence uint8

const (
	Sometimes Presence = iota // it may or may not, or nobody knows
	Absent                    // no such request has it
	Present                   // every such request has it
)

// String names it.
func (p Presence) String() string { return [...]string{"sometimes", "absent", "present"}[p] }

// presence says of a key which callers always send it and which never do.
type presence struct {
	key           string // in small letters
	always, never Caller
}

// Source: the IAM User Guide ("AWS global condition context keys", the paragraph
// "Availability" of each key; "Where you can use policy variables", the table of
// principals), read in November 2026; for kms: keys the KMS Developer Guide. Only
// what these pages say for certain stands here; every other pair is Sometimes,
// which proves nothing either way.
var presences = [...]presence{
	{"aws:assumedroot", 0, everyone &^ RootUser},
	{"aws:chatbotsourcearn", 0, everyone &^ RoleSession},
	{"aws:currenttime", everyone, 0},
	{"aws:ec2instancesourceprivateipv4", 0, everyone &^ RoleSession},
	{"aws:ec2instancesourcevpc", 0, everyone &^ RoleSession},
	{"aws:epochtime", everyone, 0},
	{"aws:federatedprovider", 0, everyone &^ RoleSession},
	{"aws:multifactorauthage", 0, AWSServiceItself | AnonymousCaller},
	{"aws:multifactorauthpresent", 0, AWSServiceItself | AnonymousCaller},
	{"aws:originidentity/", 0, everyone &^ RoleSession},
	{"aws:principalaccount", signed, 0},
	{"aws:principalarn", signed, AWSServiceItself | AnonymousCaller},
	{"aws:principalisawsservice", signed | AWSServiceItself, 0},
	{"aws:principalorgid", 0, AWSServiceItself | AnonymousCaller},
	{"aws:principalorgpaths", 0, AWSServiceItself | AnonymousCaller},
	{"aws:principalservicename", AWSServiceItself, everyone &^ AWSServiceItself},
	{"aws:principalservicenameslist", AWSServiceItself, everyone &^ AWSServiceItself},
	{"aws:principaltag/", 0, RootUser | AWSServiceItself | AnonymousCaller},
	{"aws:principaltype", signed, 0},
	{"aws:requestedregion", everyone, 0},
	{"aws:resourceaccount", everyone, 0},
	{"aws:securetransport", everyone, 0},
	{"aws:sourceidentity", 0, everyone &^ RoleSession},
	{"aws:tokenissuetime", RoleSession | FederatedUser, AWSServiceItself | AnonymousCaller},
	{"aws:userid", signed, AWSServiceItself | AnonymousCaller},
	{"aws:username", IAMUser, everyone &^ IAMUser},
	{"aws:viaawsservice", everyone, 0},
	{"codebuild:buildarn", 0, everyone &^ RoleSession},
	{"codebuild:projectarn", 0, everyone &^ RoleSession},
	{"ec2:roledelivery", 0, everyone &^ RoleSession},
	{"ec2:sourceinstancearn", 0, everyone &^ RoleSession},
	{"glue:credentialissuingservice", 0, everyone &^ RoleSession},
	{"glue:roleassumedby", 0, everyone &^ RoleSession},
	{"identitystore:userid", 0, everyone &^ RoleSession},
	{"kms:calleraccount", signed, 0},
	{"kms:keyorigin", everyone, 0},
	{"kms:keyspec", everyone, 0},
	{"kms:keyusage", everyone, 0},
	{"kms:multiregion", everyone, 0},
	{"lambda:sourcefunctionarn", 0, everyone &^ RoleSession},
	{"ssm:sourceinstancearn", 0, everyone &^ RoleSession},
}

// required are the keys that stand for a parameter which the operation requires.
//
// Source: the KMS API Reference (SDK service/kms v1.62.4), read in November 2026.
var required = [...]struct {
	key string
	on  Set
}{
	{"kms:datakeypairspec", GenerateDataKeyPair | GenerateDataKeyPairWithoutPlaintext},
	{"kms:grantoperations", CreateGrant},
	{"kms:keyagreementalgorithm", DeriveSharedSecret},
	{"kms:macalgorithm", GenerateMac | VerifyMac},
	{"kms:primaryregion", UpdatePrimaryRegion},
	{"kms:replicaregion", ReplicateKey},
	{"kms:signingalgorithm", Sign | Verify},
	{"kms:wrappingalgorithm", GetParametersForImport},
	{"kms:wrappingkeyspec", GetParametersForImport},
}

// In reports whether requests for any of these actions (one at least), made by these
// callers, carry the key.
func (k *Key) In(actions Set, by Caller) Presence {
	switch {
	case k == nil:
		return Sometimes
	case k.Actions != 0 && k.Actions&actions == 0,
		k.Has(FromService) && by&AWSServiceItself == 0,
		k.Has(Session) && by&RoleSession == 0:
		return Absent
	case actions&SynchronizeMultiRegionKey != 0 && (k.Is("kms:calleraccount") || k.Is("kms:viaservice")):
		return Sometimes
	}
	for i := range required {
		if r := &required[i]; k.Is(r.key) && r.on.Has(actions) {
			return Present
		}
	}
	for i := range presences {
		if p := &presences[i]; k.Is(p.key) {
			return p.of(by)
		}
	}
	return Sometimes
}

func (p *presence) of(by Caller) Presence {
	switch by {
	case by & p.always:
		return Present
	case by & p.never:
		return Absent
	}
	return Sometimes
}
