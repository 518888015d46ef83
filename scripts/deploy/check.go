package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/keysmith/keysmith/shared/samtemplate"
)

// check refuses what CloudFormation, IAM, Lambda or the function itself would
// refuse, before anything is deployed.
func (d *deployment) check(ctx context.Context, account string, was *stack, given map[string]string) error {
	all := maps.Clone(given)
	template, err := samtemplate.Load(d.template, samtemplate.Options{Parameters: given, Account: account, Region: d.region, StackName: d.stack})
	if was != nil {
		for name, value := range was.parameters {
			if _, set := all[name]; !set {
				all[name] = value
			}
		}
		template, err = d.loadKept(account, all, given)
	}
	if err != nil {
		return fmt.Errorf("the parameters do not fit the template: %w", err)
	}
	if err := errors.Join(tooLarge(template)...); err != nil {
		return err
	}
	for _, f := range template.Functions {
		env := []string{"AWS_REGION=" + d.region, "AWS_ACCESS_KEY_ID=none", "AWS_SECRET_ACCESS_KEY=none"}
		d.unpack(template, f.Environment)
		for _, name := range slices.Sorted(maps.Keys(f.Environment)) {
			env = append(env, name+"="+f.Environment[name])
		}
		if err := d.execute(ctx, env, d.binary(f), "check"); err != nil {
			return fmt.Errorf("%s would not start with these parameters: %w", f.LogicalID, err)
		}
	}
	return nil
}

// binary is that of a function: build/apply/bootstrap is the apply function's.
func (d *deployment) binary(f samtemplate.Function) string {
	return filepath.Join(d.build, strings.ToLower(strings.TrimSuffix(f.LogicalID, "Function")), "bootstrap")
}

// unpack says where the guardrails are on this machine. A layer of somebody else's
// is not here, so the function cannot check it.
func (d *deployment) unpack(template *samtemplate.Stack, environment map[string]string) {
	const name = "GUARDRAILS_DIR"
	if template.Parameters["GuardrailsLayerArn"] != "" {
		delete(environment, name)
	} else if environment[name] != "" {
		environment[name] = filepath.Join(filepath.Dir(d.template), "shared", "guardrails")
	}
}

// loadKept reads the template with what a changed stack keeps. A parameter that
// the template has no more is dropped, as CloudFormation does.
func (d *deployment) loadKept(account string, all, given map[string]string) (*samtemplate.Stack, error) {
	for {
		template, err := samtemplate.Load(d.template, samtemplate.Options{Parameters: all, Account: account, Region: d.region, StackName: d.stack})
		dropped := false
		for name := range all {
			_, asked := given[name]
			if err != nil && !asked && strings.Contains(err.Error(), "there is no parameter "+name) {
				delete(all, name)
				dropped = true
			}
		}
		if !dropped {
			return template, err
		}
	}
}

// Limits of AWS, in characters.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html
const (
	roleLimit      = 10_240 // all inline policies of a role, without white space
	variablesLimit = 4 << 10
	busLimit       = 10_240
	queueLimit     = 8 << 10
	bucketLimit    = 20 << 10
	parameterLimit = 4 << 10
)

// tooLarge finds what AWS would refuse for its size, and says which parameter
// makes it so.
func tooLarge(s *samtemplate.Stack) (faults []error) {
	limit := func(what, remedy string, size, most int) {
		if size > most {
			faults = append(faults, fmt.Errorf("%s has %d characters, and AWS allows %d: %s", what, size, most, remedy))
		}
	}
	for name, value := range s.Parameters {
		limit("the parameter "+name, "shorten the list, for instance by a pattern or a tag", len(value), parameterLimit)
	}
	for _, r := range s.Roles {
		text, err := json.Marshal(r.Statements)
		if err != nil {
			faults = append(faults, err)
		}
		limit("the role "+r.LogicalID, "name fewer KeyArns, a pattern, or ManagedByTag", len(text), roleLimit)
	}
	for _, f := range s.Functions {
		size := 0
		for name, value := range f.Environment {
			size += len(name) + len(value)
		}
		limit("the environment of "+f.LogicalID, "shorten ProtectedKeys, TrustedAccounts or AcceptFindings", size, variablesLimit)
	}
	for _, b := range s.Buses {
		limit("the policy of "+b.LogicalID, "name fewer RequestPrincipals", len(b.Policy), busLimit)
	}
	for _, q := range s.Queues {
		limit("the policy of "+q.LogicalID, "name fewer OperatorPrincipals", len(q.Policy), queueLimit)
	}
	for _, b := range s.Buckets {
		limit("the policy of "+b.LogicalID, "name fewer WriterPrincipals and PlanPrincipals, or a pattern", len(b.Policy), bucketLimit)
	}
	return faults
}
