package stack

import (
	"encoding/json"
	"fmt"
	"maps"

	"github.com/keysmith/keysmith/shared/samtemplate"
)

// permit lets the role of a function do in KMS what its template grants, and
// nothing else: the fake AWS asks IAM for KMS only.
func (s *Stack) permit(declared *samtemplate.Stack, f samtemplate.Function) error {
	role, ok := declared.RoleByARN(f.RoleARN)
	if !ok {
		return fmt.Errorf("the template has no role %s", f.RoleARN)
	}
	statements := make([]map[string]any, 0, len(role.Statements))
	for _, one := range role.Statements {
		statements = append(statements, written(one, f.ARN))
	}
	policy, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": statements})
	if err != nil {
		return fmt.Errorf("writing what %s may do: %w", f.RoleARN, err)
	}
	return s.Cloud.KMS.SetIAMPolicy(f.RoleARN, string(policy))
}

// sourceFunction is the condition key that holds the function whose code calls.
const sourceFunction = "lambda:SourceFunctionArn"

// written is a statement as IAM reads it. A condition that only asks for the
// function itself is left out: the function alone has these credentials here.
func written(one samtemplate.Statement, function string) map[string]any {
	statement := map[string]any{"Effect": one.Effect}
	for name, list := range map[string][]string{
		"Action": one.Actions, "NotAction": one.NotActions, "Resource": one.Resources, "NotResource": one.NotResources,
	} {
		if len(list) > 0 {
			statement[name] = list
		}
	}
	conditions := map[string]map[string][]string{}
	for operator, keys := range one.Conditions {
		left := maps.Clone(keys)
		if values := left[sourceFunction]; operator == "ArnEquals" && len(values) == 1 && values[0] == function {
			delete(left, sourceFunction)
		}
		if len(left) > 0 {
			conditions[operator] = left
		}
	}
	if len(conditions) > 0 {
		statement["Condition"] = conditions
	}
	return statement
}
