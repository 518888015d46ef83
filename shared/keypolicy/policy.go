package keypolicy

import (
	"slices"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/jsontree"
)

// currentVersion is that of the policy language.
const currentVersion = "2012-10-17"

// MaxSize is the most bytes that a key policy may have.
const MaxSize = 32768

// maxServed is the most bytes of a policy that is only read: KMS lays policies
// out anew, and one that was small enough to be taken may come back larger. It
// is what the SDKs allow for a policy.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyPolicy.html
const maxServed = 131072

// policy is a parsed key policy. It keeps the text, so that everything said
// about it can name a place.
type policy struct {
	tree         jsontree.Tree
	opaque       bool
	wrapped      bool // something else stands around a policy
	version      string
	id           string
	versionAt    int32 // nodes; none where absent
	statementsAt int32
	statements   []statement
}

// Opaque reports whether the document cannot be judged: it has duplicate or
// unknown members, values of a wrong type, or is not quite JSON. Such a policy
// is equal to nothing.
func (p *policy) Opaque() bool { return p == nil || p.opaque }

type effect uint8

const (
	noEffect effect = iota
	allow
	deny
)

// statement is one statement. Node fields are none where the element is absent.
type statement struct {
	node        int32
	sidAt       int32
	effectAt    int32
	principalAt int32 // Principal or NotPrincipal
	actionAt    int32 // Action or NotAction
	resourceAt  int32 // Resource or NotResource
	conditionAt int32

	sid          string
	effect       effect
	notPrincipal bool
	notAction    bool
	notResource  bool
	// emptyCondition tells Condition: {}, which is the same as none.
	emptyCondition bool
	emptyOperators int // operators that compare nothing

	principals []principal
	actions    []action
	resources  []item
	conditions []condition

	meant []string    // elements that misspelt ones probably stand for
	acts  catalog.Set // the actions it is about, NotAction taken into account
}

// item is a string of the policy and where it stands.
type item struct {
	text string
	node int32
}

// action is one entry of Action or NotAction.
type action struct {
	text    string
	set     catalog.Set // what it stands for; empty where KMS has no such action
	node    int32
	pattern bool // it has a wildcard
	vague   bool // its service has one
}

// condition is one key of one operator with its values.
type condition struct {
	operator operator
	opText   string
	name     string       // as written
	key      *catalog.Key // nil where the table has no such key
	values   []item
	opAt     int32 // the operator's block
	node     int32 // the value or list of values
}

// label is the condition key as AWS writes it.
func (cond *condition) label() string {
	if cond.key.Has(catalog.Prefix) {
		return cond.name
	}
	return cond.key.Name
}

// means reports whether a misspelt element probably stands for this one, whose
// absence then needs no telling.
func (s *statement) means(element string) bool {
	return slices.Contains(s.meant, element) || slices.Contains(s.meant, "Not"+element)
}

// mentions reports whether the statement's condition holds one on that key.
func (s *statement) mentions(lower string) bool {
	for i := range s.conditions {
		if s.conditions[i].key.Is(lower) {
			return true
		}
	}
	return false
}

// conditionless reports whether a statement has no condition at all. An
// operator without keys counts as one: what it does is not documented.
func (s *statement) conditionless() bool { return s.conditionAt == jsontree.None || s.emptyCondition }
