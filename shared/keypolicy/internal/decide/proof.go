package decide

import "github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"

// Verdict is the answer to a question.
type Verdict string

const (
	Proven    Verdict = "proven"    // there is no such request
	Refuted   Verdict = "refuted"   // there is one: the witness
	Undecided Verdict = "undecided" // it could not be found out; never to be taken for safe
)

// Witness is a request: the smallest one that was found.
type Witness struct {
	Principal string         `json:"principal"` // an ARN, the name of a service, or anonymous
	Action    string         `json:"action"`
	Context   map[string]any `json:"context"` // a string for each key, []string for those with several values
}

// Anonymous is the principal of a request without credentials.
const Anonymous = "anonymous"

// Proof is an answer with its evidence.
type Proof struct {
	Verdict Verdict  `json:"verdict"`
	Witness *Witness `json:"witness,omitempty"`
	// Reason says for an undecided answer what it depends on. For a witness of
	// the key's own account it says whether IAM matters: see ByName.
	Reason string `json:"reason,omitempty"`
	// ByName tells of a witness that the request is let in by the policy alone,
	// where the policies that refuse it would still allow it through IAM.
	ByName bool `json:"-"`
}

// Callers says which permissions in IAM the callers of a question have. It
// matters in the key's own account only: there, a statement that names the
// account lets in whom IAM lets in, while one that names a role or a user needs
// nothing else. Callers of other accounts always need both.
type Callers uint8

const (
	// AnyCallers are all. A witness to whom IAM allows the action is preferred;
	// failing that, one who gets by the policy alone what needed IAM before.
	AnyCallers Callers = iota
	IAMAllows          // those to whom IAM allows the action: the account's name suffices
	IAMSilent          // those to whom IAM allows nothing: the account's name does not suffice
	// ByNameOnly are as IAMSilent, but an Allow for everybody does not suffice
	// either. IAM's documentation says that it does; for KMS nobody has shown it, so
	// this is what counts where somebody must certainly be let in.
	ByNameOnly
)

// Question asks for a request that every policy of Allowed allows and no policy
// of Refused allows.
type Question struct {
	Allowed []*Compiled
	Refused []*Compiled
	// Among are policies that the question is not about, but whose principals
	// are looked at one by one as well.
	Among   []*Compiled
	Callers Callers
	// Actions are the actions to look at; 0 stands for all that a key policy
	// can allow.
	Actions catalog.Set
	// Context are values that the request has, by condition key in any case. A
	// key with an empty list is missing.
	Context map[string][]string
	// Closed tells that the request has no key but those of Context and those
	// that every request has.
	Closed bool
	// Independent takes every key for itself, so that a condition counts which follows
	// from one on another key.
	Independent bool
	// Without leaves out one statement of a policy, by its number.
	Without map[*Compiled]int
}
