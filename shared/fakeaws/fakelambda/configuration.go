package fakelambda

import (
	"encoding/json"
	"maps"
	"net/http"

	"github.com/keysmith/keysmith/shared/fakeaws/internal/wire"
)

// SetEnvironment makes a function exist with these environment variables. Without
// a call of Register it cannot be invoked.
func (s *Service) SetEnvironment(name string, variables map[string]string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.variables[name] = maps.Clone(variables)
}

// configuration describes a function.
// https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConfiguration.html
func (s *Service) configuration(w http.ResponseWriter, call *wire.Call, name string) error {
	s.mu.Lock()
	variables, set := s.variables[name]
	registered := s.functions[name] != nil
	s.mu.Unlock()
	if !set && !registered || call.Account != s.opts.Account || call.Region != s.opts.Region {
		return wire.StatusError(http.StatusNotFound, "ResourceNotFoundException", "Function not found: %s", call.Resource)
	}
	out := map[string]any{
		"FunctionName": name, "FunctionArn": s.ARN(name), "Runtime": "provided.al2023", "State": "Active", "Version": "$LATEST",
	}
	if len(variables) > 0 {
		out["Environment"] = map[string]any{"Variables": variables}
	}
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(out)
}
