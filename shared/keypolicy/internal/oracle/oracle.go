// Package oracle evaluates single requests against key policies by the plain
// reading of IAM's rules. It exists for tests: it shares no code with the
// decision procedure, reads policies with encoding/json and matches with regular
// expressions, so that an error of the one is not an error of the other.
package oracle

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Request is one request for a key.
type Request struct {
	Principal string // an ARN, the name of a service, or anonymous
	Action    string
	Resource  string
	Context   map[string][]string // by key in small letters; a missing key is not in it
	// IAM tells that IAM allows the caller the action.
	IAM bool
	// Spared tells that NotPrincipal with a role and its account leaves out the
	// role's sessions, which is documented both ways.
	Spared bool
	// Witness tells that the context was found, not made up.
	Witness bool
	// Own is the key's account.
	Own string
}

type statement struct {
	Effect                                                            string
	Principal, NotPrincipal, Action, NotAction, Resource, NotResource any
	Condition                                                         map[string]map[string]any
}

// Policy is a policy that was read.
type Policy struct {
	Version   string
	Statement []statement
}

// Read reads a policy.
func Read(text string) (*Policy, error) {
	var p Policy
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		return nil, fmt.Errorf("reading a policy: %w", err)
	}
	return &p, nil
}

// Allows reports whether a key policy lets the request in: some Allow holds, and
// no Deny.
func (p *Policy) Allows(r *Request) bool {
	allowed := false
	for i := range p.Statement {
		s := &p.Statement[i]
		if !s.covers(r) || !s.conditionsHold(r, p.Version == "2012-10-17") {
			continue
		}
		named, byAccount := s.reaches(r)
		switch {
		case s.Effect == "Deny" && (named || byAccount):
			return false
		case s.Effect == "Allow" && (named || byAccount && (r.IAM || r.isRoot())):
			allowed = true
		}
	}
	return allowed
}

// covers reports whether the statement is about the action and the key.
func (s *statement) covers(r *Request) bool {
	action, resource := matchesAny(texts(s.Action), r.Action, true), matchesAny(texts(s.Resource), r.Resource, false)
	if s.NotAction != nil {
		action = !matchesAny(texts(s.NotAction), r.Action, true)
	}
	if s.NotResource != nil {
		resource = !matchesAny(texts(s.NotResource), r.Resource, false)
	}
	return action && resource
}

func (r *Request) account() string {
	if parts := strings.Split(r.Principal, ":"); len(parts) > 4 {
		return parts[4]
	}
	return ""
}

func (r *Request) isRoot() bool { return strings.HasSuffix(r.Principal, ":root") }

// role is the ARN of the role that a session is one of.
func (r *Request) role() string {
	if strings.Contains(r.Principal, ":role/") {
		return r.Principal
	}
	if strings.Contains(r.Principal, ":assumed-role/") {
		if arn := r.Context["aws:principalarn"]; len(arn) == 1 {
			return arn[0]
		}
	}
	return ""
}

// reaches reports whether the statement names the caller, or its account.
func (s *statement) reaches(r *Request) (named, byAccount bool) {
	if s.NotPrincipal != nil {
		for _, name := range r.names() {
			if !s.lists(s.NotPrincipal, name, r) {
				return !s.lists(s.NotPrincipal, "*", r), false
			}
		}
		return false, false
	}
	named = s.lists(s.Principal, "*", r) || s.lists(s.Principal, r.Principal, r)
	if role := r.role(); role != "" && s.lists(s.Principal, role, r) {
		named = true
	}
	return named, r.account() != "" && s.lists(s.Principal, r.account(), r)
}

// names are all that NotPrincipal must list to leave the caller out.
func (r *Request) names() []string {
	switch {
	case r.account() == "":
		return []string{r.Principal}
	case r.isRoot():
		return []string{r.account()}
	case r.Spared && r.role() != "":
		return []string{r.account(), r.role()}
	case strings.Contains(r.Principal, ":role/"): // a session whose name is not given
		return []string{r.account(), r.Principal, "a session"}
	case strings.Contains(r.Principal, ":assumed-role/"):
		return []string{r.account(), r.role(), r.Principal}
	}
	return []string{r.account(), r.Principal}
}

// lists reports whether an element names somebody. An account is also named by
// its root, and a provider names the sessions that it made.
func (s *statement) lists(element any, who string, r *Request) bool {
	if element == "*" {
		return who == "*"
	}
	members, _ := element.(map[string]any)
	if slices.Contains(texts(members["AWS"]), who) || slices.Contains(texts(members["Service"]), who) && !strings.Contains(who, ":") && who != "*" {
		return true
	}
	if len(who) == 12 && slices.Contains(texts(members["AWS"]), "arn:aws:iam::"+who+":root") {
		return true
	}
	provider := r.Context["aws:federatedprovider"]
	return who == r.role() && who != "" && len(provider) == 1 && slices.Contains(texts(members["Federated"]), provider[0])
}

func texts(v any) []string {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		var out []string
		for _, e := range v {
			out = append(out, texts(e)...)
		}
		return out
	}
	return []string{fmt.Sprint(v)}
}
