package stack

import (
	"fmt"

	"github.com/keysmith/keysmith/shared/samtemplate"
)

// permit lets the role of a function do in KMS what its template grants, and
// nothing else: the fake AWS asks IAM for KMS only.
func (s *Stack) permit(declared *samtemplate.Stack, f samtemplate.Function) error {
	role, ok := declared.RoleByARN(f.RoleARN)
	if !ok {
		return fmt.Errorf("the template has no role %s", f.RoleARN)
	}
	policy, err := role.Document(f.ARN)
	if err != nil {
		return err
	}
	return s.Cloud.KMS.SetIAMPolicy(f.RoleARN, policy)
}
