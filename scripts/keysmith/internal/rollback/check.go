package rollback

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/smithy-go"

	"github.com/keysmith/keysmith/scripts/keysmith/internal/history"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/subject"
	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/outcome"
)

// acceptable says what speaks against a policy today. It is false where the
// function, or KMS, would refuse it.
func (r *rollback) acceptable(ctx context.Context, entry history.Entry) bool {
	o := r.judge.Settings.Options()
	k := o.Key
	if r.key.Account != k.Account {
		k.Org = ""
	}
	k.Account, k.Region, k.Partition, k.ID = r.key.Account, r.key.Region, r.key.Partition, r.key.KeyID
	findings, reason := r.judge.Policy(r.key.Object, entry.Text, k)
	s := r.judge.Settings
	for _, f := range findings {
		if f.Severity >= s.Show || f.Refuses(s.RejectAt, s.AcceptFindings) {
			r.line("%d:%d: %s %s: %s", f.Line, f.Column, f.Severity, f.Rule, f.Message)
		}
	}
	gone, unknown := r.principals(ctx, entry.Text)
	for _, name := range gone {
		r.line("%s does not exist any more, so KMS refuses the policy.", name)
	}
	if len(unknown) > 0 {
		r.line("Unknown whether they still exist: %s.", strings.Join(unknown, ", "))
	}
	if err := subject.Target(r.key.Object, s); err != nil {
		r.line("%v", err)
		reason = keypolicy.Reason(outcome.BadObjectKey)
	}
	if reason != keypolicy.Accepted {
		r.line("It would be refused today: %s", reason)
	}
	return reason == keypolicy.Accepted && len(gone) == 0
}

// principals asks IAM for the roles and users that a policy names. Those of other
// accounts cannot be asked for.
func (r *rollback) principals(ctx context.Context, text []byte) (gone, unknown []string) {
	client := iam.NewFromConfig(r.key.Accounts.Config(r.key.Accounts.Own, r.key.Accounts.Region))
	for _, name := range named(text) {
		if parsed, _ := arn.Parse(name); parsed.AccountID != r.key.Accounts.Own {
			unknown = append(unknown, name)
			continue
		}
		switch err := exists(ctx, client, name); {
		case errors.Is(err, errGone):
			gone = append(gone, name)
		case err != nil:
			unknown = append(unknown, name)
		}
	}
	return gone, unknown
}

// errGone says that the name belongs to nobody, or to another principal by now.
var errGone = errors.New("there is no such principal")

// exists returns errGone where IAM does not have a role or user, and another error
// where it does not say.
func exists(ctx context.Context, client *iam.Client, name string) error {
	kind, rest, _ := strings.Cut(name[strings.LastIndex(name, ":")+1:], "/")
	id := rest[strings.LastIndex(rest, "/")+1:]
	found, err := "", error(nil)
	if kind == "role" {
		var out *iam.GetRoleOutput
		if out, err = client.GetRole(ctx, &iam.GetRoleInput{RoleName: &id}); err == nil {
			found = aws.ToString(out.Role.Arn)
		}
	} else {
		var out *iam.GetUserOutput
		if out, err = client.GetUser(ctx, &iam.GetUserInput{UserName: &id}); err == nil {
			found = aws.ToString(out.User.Arn)
		}
	}
	switch {
	case isMissing(err), err == nil && found != name: // the same name with another path is another role
		return errGone
	case err != nil:
		return fmt.Errorf("asking for %s: %w", name, err)
	}
	return nil
}

func isMissing(err error) bool {
	var api smithy.APIError
	return errors.As(err, &api) && api.ErrorCode() == "NoSuchEntity"
}

// named are the ARNs of roles and users among the principals of a policy.
func named(text []byte) []string {
	var policy struct{ Statement any }
	if json.Unmarshal(text, &policy) != nil {
		return nil // the judge has said what is wrong
	}
	statements, many := policy.Statement.([]any)
	if !many {
		statements = []any{policy.Statement}
	}
	var names []string
	for _, s := range statements {
		statement, _ := s.(map[string]any)
		for _, member := range []string{"Principal", "NotPrincipal"} {
			principal, _ := statement[member].(map[string]any)
			names = append(names, texts(principal["AWS"])...)
		}
	}
	names = slices.DeleteFunc(names, func(name string) bool {
		return !strings.Contains(name, ":iam:") || !strings.Contains(name, ":role/") && !strings.Contains(name, ":user/")
	})
	slices.Sort(names)
	return slices.Compact(names)
}

// texts are the strings of a list, or of a single one.
func texts(v any) (list []string) {
	items, many := v.([]any)
	if !many {
		items = []any{v}
	}
	for _, item := range items {
		if text, ok := item.(string); ok {
			list = append(list, text)
		}
	}
	return list
}
