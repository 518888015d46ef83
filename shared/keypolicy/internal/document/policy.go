// Package document reads the text of a key policy into statements, and says what in it
// is not JSON or not in the grammar of policies.
//
// It exists so that everything that judges a policy starts from the same reading.
// What it returns is for reading only: nobody changes a Policy once Read is done.
// Fields that end in At, and Node, are nodes of the tree, jsontree.None where the
// element is absent; with them a finding has its place.
package document

import (
	"slices"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/jsontree"
)

// CurrentVersion is that of the policy language.
const CurrentVersion = "2012-10-17"

// MaxSize is the most bytes that a key policy may have.
const MaxSize = 32768

// MaxServed is the most bytes of a policy that is only read: KMS lays policies
// out anew, and one that was small enough to be taken may come back larger. It
// is what the SDKs allow for a policy.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyPolicy.html
const MaxServed = 131072

// Policy is a parsed key policy. It keeps the text, so that everything said
// about it can name a place.
type Policy struct {
	Tree         jsontree.Tree
	opaque       bool
	Version      string
	ID           string
	VersionAt    int32
	StatementsAt int32 // Statement, one or a list
	Statements   []Statement
}

// Opaque reports whether the document cannot be judged: it has duplicate or
// unknown members, values of a wrong type, or is not quite JSON. Such a policy
// is equal to nothing.
func (p *Policy) Opaque() bool { return p == nil || p.opaque }

// Effect is what a statement does to the requests that it is about.
type Effect uint8

const (
	NoEffect Effect = iota // absent or not understood; the policy is opaque
	Allow
	Deny
)

// Statement is one statement.
type Statement struct {
	Node        int32 // the statement itself
	SidAt       int32
	EffectAt    int32
	PrincipalAt int32 // Principal or NotPrincipal
	ActionAt    int32 // Action or NotAction
	ResourceAt  int32 // Resource or NotResource
	ConditionAt int32

	Sid          string
	Effect       Effect
	NotPrincipal bool
	NotAction    bool
	NotResource  bool
	// EmptyCondition tells Condition: {}, which is the same as none.
	EmptyCondition bool
	EmptyOperators int      // operators that compare nothing
	Bare           []string // the same, as they are written

	Principals []Principal
	Actions    []Action
	Resources  []Item
	Conditions []Condition

	meant []string    // elements that misspelt ones probably stand for
	Acts  catalog.Set // the actions it is about, NotAction taken into account
}

// Item is a string of the policy and where it stands.
type Item struct {
	Text string // decoded, and otherwise as written
	Node int32
}

// Action is one entry of Action or NotAction.
type Action struct {
	Text    string
	Set     catalog.Set // what it stands for; empty where KMS has no such action
	Node    int32
	Pattern bool // it has a wildcard
	Vague   bool // it is neither "*" nor of a service that is written out
}

// Condition is one key of one operator with its values.
type Condition struct {
	Operator Operator
	OpText   string       // the operator as written
	Name     string       // as written
	Key      *catalog.Key // nil where the table has no such key
	Values   []Item
	OpAt     int32 // the operator's block
	Node     int32 // the value or list of values
}

// Label is the condition key as AWS writes it.
func (cond *Condition) Label() string {
	if cond.Key.Has(catalog.Prefix) {
		return cond.Name
	}
	return cond.Key.Name
}

// means reports whether a misspelt element probably stands for this one, whose
// absence then needs no telling.
func (s *Statement) means(element string) bool {
	return slices.Contains(s.meant, element) || slices.Contains(s.meant, "Not"+element)
}

// Mentions reports whether the statement's condition holds one on that key.
func (s *Statement) Mentions(lower string) bool {
	for i := range s.Conditions {
		if s.Conditions[i].Key.Is(lower) {
			return true
		}
	}
	return false
}

// Conditionless reports whether a statement has no condition at all. An
// operator without keys counts as one: what it does is not documented.
func (s *Statement) Conditionless() bool { return s.ConditionAt == jsontree.None || s.EmptyCondition }
