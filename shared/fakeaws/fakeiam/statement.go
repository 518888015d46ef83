// Package fakeiam judges calls by the policies of roles, as IAM does, so that
// a test can tell what AWS would have refused. The fake itself lets every call
// pass that no key policy forbids.
package fakeiam

import (
	"encoding/json"
	"fmt"

	"github.com/keysmith/keysmith/shared/fakeaws/internal/authz"
	"github.com/keysmith/keysmith/shared/fakeaws/internal/jsontree"
	"github.com/keysmith/keysmith/shared/fakeaws/internal/wire"
)

// A Statement is one statement of a role's policy. Policy variables are not
// known here.
type Statement struct {
	Action    []string
	Resource  []string
	Condition map[string]map[string][]string `json:",omitempty"` // operator, key, values
}

// Covers returns what reports whether the statement speaks of a permission under
// its conditions, be it to allow it or to deny it.
func (s Statement) Covers() (func(wire.Need) bool, error) {
	text, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("writing a statement: %w", err)
	}
	tree, err := jsontree.Parse(string(text))
	if err != nil {
		return nil, fmt.Errorf("reading a statement: %w", err)
	}
	return func(n wire.Need) bool {
		return authz.Applies(tree, authz.Request{Action: n.IAM, Resource: n.Resource, Context: n.Context})
	}, nil
}
