package decide

import "github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"

// PrincipalKind is the member of Principal that an entry stands under.
type PrincipalKind uint8

const (
	AWS PrincipalKind = iota
	Service
	Federated
	CanonicalUser
)

// Principal is one entry of Principal or NotPrincipal, as it is written.
type Principal struct {
	Kind PrincipalKind
	Text string
}

// Condition is one key of one operator with its values, all as written.
type Condition struct {
	Operator string
	Key      string
	Values   []string
}

// Statement is one statement of a policy.
type Statement struct {
	Number       int // by which questions and answers call it
	Deny         bool
	NotPrincipal bool
	NotResource  bool
	Principals   []Principal
	Actions      catalog.Set // what it is about, NotAction taken into account
	Resources    []string
	Conditions   []Condition

	// Unknown says why it is not known whether the statement applies at all;
	// "" where it is known. The statement then holds or not, as an unknown
	// condition beside the others would have it.
	Unknown string
}

// Policy is what the procedure reads of a policy.
type Policy struct {
	// Variables tells that ${…} is replaced: Version is 2012-10-17.
	Variables bool
	// ByDefault tells that what is not denied is allowed, as in a resource
	// control policy, beside which RCPFullAWSAccess always stands.
	ByDefault  bool
	Statements []Statement
}

// Facts are what is known of the key. What is empty is unknown, and an answer
// that depends on it is undecided.
type Facts struct {
	Partition string // empty means aws
	Account   string
	Region    string
	ID        string // key id; one that begins with mrk- is a multi-Region key
	Org       string // organization of the key's account, o-…
	Spec      string
	Usage     string
	Origin    string
	KeyType   string // PRIMARY or REPLICA, of a multi-Region key
}

func (f *Facts) partition() string {
	if f.Partition == "" {
		return "aws"
	}
	return f.Partition
}

// arn is the key's own ARN, "" where a part of it is unknown.
func (f *Facts) arn() string {
	if f.Account == "" || f.Region == "" || f.ID == "" {
		return ""
	}
	return "arn:" + f.partition() + ":kms:" + f.Region + ":" + f.Account + ":key/" + f.ID
}
