package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// A stack is what is stopped: a function, the mappings that feed it, its role.
type stack struct {
	lambda         *lambda.Client
	iam            *iam.Client
	function, role string // ARNs
	wait           time.Duration
	out            io.Writer
}

const (
	policyName = "keysmith-stopped"
	put        = "kms:PutKeyPolicy"
	deny       = `{"Version": "2012-10-17", "Statement": [{"Sid": "Stopped", "Effect": "Deny", "Action": "kms:PutKeyPolicy", "Resource": "*"}]}`

	poll     = 2 * time.Second
	patience = 10 * time.Minute // in which a mapping changes, or a Deny ends
)

// roleName is the name in the role's ARN, without its path.
func (s *stack) roleName() *string { return aws.String(s.role[strings.LastIndex(s.role, "/")+1:]) }

// stop does both things even where one fails: half a stop is better than none.
func (s *stack) stop(ctx context.Context) error {
	start := time.Now()
	uuids, reading := s.mappings(ctx)
	for _, uuid := range uuids {
		reading = errors.Join(reading, s.set(ctx, uuid, false))
	}
	_, putting := s.iam.PutRolePolicy(ctx, &iam.PutRolePolicyInput{
		RoleName: s.roleName(), PolicyName: aws.String(policyName), PolicyDocument: aws.String(deny),
	})
	if putting != nil {
		putting = fmt.Errorf("denying %s to %s: %w; keysmith can still change keys", put, s.role, putting)
	} else {
		s.say(start, "%s is denied to keysmith's role; this takes effect within seconds", put)
	}
	for _, uuid := range uuids {
		reading = errors.Join(reading, s.until(ctx, uuid, "Disabled"))
	}
	if reading == nil {
		s.say(start, "the event source mappings are disabled (%d); messages wait in the queues for up to 14 days", len(uuids))
	}
	return errors.Join(reading, putting)
}

// resume enables the mappings last. Where a put is still denied it enables none.
func (s *stack) resume(ctx context.Context) error {
	start := time.Now()
	_, err := s.iam.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: s.roleName(), PolicyName: aws.String(policyName)})
	var absent *iamtypes.NoSuchEntityException
	if err != nil && !errors.As(err, &absent) {
		return fmt.Errorf("removing the Deny from %s: %w; nothing was changed", s.role, err)
	}
	removed := time.Now()
	s.say(start, "the Deny is removed; waiting at least %s until IAM allows a put everywhere", s.wait)
	if err := s.untilAllowed(ctx); err != nil {
		return err
	}
	if err := pause(ctx, time.Until(removed.Add(s.wait))); err != nil {
		return err
	}
	s.say(start, "a put is allowed again")
	uuids, err := s.mappings(ctx)
	for _, uuid := range uuids {
		err = errors.Join(err, s.set(ctx, uuid, true))
	}
	for _, uuid := range uuids {
		err = errors.Join(err, s.until(ctx, uuid, "Enabled"))
	}
	if err == nil {
		s.say(start, "the event source mappings are enabled (%d); the queues are read again", len(uuids))
	}
	return err
}

// mappings are those of the function: of the queues that it reads.
func (s *stack) mappings(ctx context.Context) (uuids []string, err error) {
	pages := lambda.NewListEventSourceMappingsPaginator(s.lambda, &lambda.ListEventSourceMappingsInput{FunctionName: &s.function})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("listing the event source mappings of %s: %w", s.function, err)
		}
		for _, m := range page.EventSourceMappings {
			uuids = append(uuids, aws.ToString(m.UUID))
		}
	}
	if len(uuids) == 0 {
		return nil, fmt.Errorf("%s has no event source mapping: name the apply function", s.function)
	}
	return uuids, nil
}

// set enables or disables a mapping. One that is just being changed is asked again.
func (s *stack) set(ctx context.Context, uuid string, enabled bool) error {
	for end := time.Now().Add(patience); ; {
		_, err := s.lambda.UpdateEventSourceMapping(ctx, &lambda.UpdateEventSourceMappingInput{UUID: &uuid, Enabled: &enabled})
		var busy *types.ResourceInUseException
		if err == nil {
			return nil
		}
		if !errors.As(err, &busy) || time.Now().After(end) {
			return fmt.Errorf("changing the event source mapping %s: %w", uuid, err)
		}
		if err := pause(ctx, poll); err != nil {
			return err
		}
	}
}

// until waits for a mapping to be in a state.
func (s *stack) until(ctx context.Context, uuid, state string) error {
	for end := time.Now().Add(patience); ; {
		m, err := s.lambda.GetEventSourceMapping(ctx, &lambda.GetEventSourceMappingInput{UUID: &uuid})
		switch {
		case err != nil:
			return fmt.Errorf("reading the event source mapping %s: %w", uuid, err)
		case aws.ToString(m.State) == state:
			return nil
		case time.Now().After(end):
			return fmt.Errorf("the event source mapping %s is %s after %s; want %s", uuid, aws.ToString(m.State), patience, state)
		}
		if err := pause(ctx, poll); err != nil {
			return err
		}
	}
}

// untilAllowed waits until no policy of the role denies a put. Somebody who may
// not ask IAM only waits.
func (s *stack) untilAllowed(ctx context.Context) error {
	for end := time.Now().Add(patience); ; {
		out, err := s.iam.SimulatePrincipalPolicy(ctx, &iam.SimulatePrincipalPolicyInput{PolicySourceArn: &s.role, ActionNames: []string{put}})
		if err != nil {
			fmt.Fprintf(s.out, "whether %s is denied is not known, so only the time is waited for: %v. Allow iam:SimulatePrincipalPolicy to check it.\n", put, err)
			return nil
		}
		denied := false
		for _, r := range out.EvaluationResults {
			denied = denied || r.EvalDecision == iamtypes.PolicyEvaluationDecisionTypeExplicitDeny
		}
		switch {
		case !denied:
			return nil
		case time.Now().After(end):
			return fmt.Errorf("another policy of %s denies %s, so the event source mappings stay disabled: remove that policy, then resume again", s.role, put)
		}
		if err := pause(ctx, poll); err != nil {
			return err
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return fmt.Errorf("waiting: %w", ctx.Err())
	}
}

func (s *stack) say(start time.Time, format string, args ...any) {
	fmt.Fprintf(s.out, "%6.1f s  %s\n", time.Since(start).Seconds(), fmt.Sprintf(format, args...))
}
