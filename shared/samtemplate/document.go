package samtemplate

import (
	"encoding/json"
	"fmt"
	"maps"
)

// Document is what the role may do, as one IAM policy. A condition that only asks
// for function, the ARN of the function whose role it is, is left out: there the
// function alone has these credentials.
func (r Role) Document(function string) (string, error) {
	statements := make([]map[string]any, 0, len(r.Statements))
	for _, one := range r.Statements {
		statements = append(statements, one.written(function))
	}
	policy, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": statements})
	if err != nil {
		return "", fmt.Errorf("writing what %s may do: %w", r.ARN, err)
	}
	return string(policy), nil
}

// sourceFunction is the condition key that holds the function whose code calls.
const sourceFunction = "lambda:SourceFunctionArn"

// written is a statement as IAM reads it.
func (s Statement) written(function string) map[string]any {
	statement := map[string]any{"Effect": s.Effect}
	for name, list := range map[string][]string{
		"Action": s.Actions, "NotAction": s.NotActions, "Resource": s.Resources, "NotResource": s.NotResources,
	} {
		if len(list) > 0 {
			statement[name] = list
		}
	}
	conditions := map[string]map[string][]string{}
	for operator, keys := range s.Conditions {
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
