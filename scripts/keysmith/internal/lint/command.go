// Package lint is the command that judges key policies offline, as the function
// will.
package lint

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/keysmith/keysmith/scripts/internal/repoconfig"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/cli"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/subject"
	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/keypolicy/awsid"
)

// settings are the flags that keysmith.yaml knows as well.
var settings = []string{
	"account", "region", "partition", "own-org", "trusted-accounts", "trusted-orgs", "break-glass", "writer", "require-account-root",
	"reject-at", "accept-findings", "protected-keys", "target-accounts", "target-org", "target-regions", "guardrails", "show", "strict", "exclude",
}

// linter is one call of keysmith lint.
type linter struct {
	env    cli.Env
	flags  repoconfig.Set
	key    *keypolicy.Key // what flags say of the key alone: id, usage, spec, origin
	caller string
	format *cli.Choice
	colour func() bool
}

// Command declares keysmith lint.
func Command(env cli.Env) *cobra.Command {
	l := &linter{env: env, format: cli.NewChoice("text", "json", "sarif", "github")}
	c := &cobra.Command{
		Use:   "lint path…",
		Short: "Check key policies, as the function does",
		Long: `lint checks key policies offline, with the rules of the function. A path is a file, a
folder, or - for standard input.

For a file under policies/ or plans/, lint also checks the name. In a folder, lint reads
*.json and CloudFormation templates, and skips hidden folders and node_modules. It
checks key policies where they are in CloudFormation templates and in the output of
"terraform show -json".

Exit codes: 0 every policy would be accepted; 1 a policy would be refused, or --caller
would lose the key by it; 2 usage error, something could not be read, or, with --strict,
a rule could not run or no policy was checked.`,
		Example: `  keysmith lint policies/
  keysmith lint policies/ --account 111122223333 --trusted-accounts 444455556666 --strict
  keysmith lint . --exclude testdata --format sarif > keysmith.sarif
  aws kms get-key-policy --key-id … --query Policy --output text | keysmith lint - --account 111122223333`,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cli.Misuse("name a file, a folder, or - for standard input")
			}
			if l.caller != "" && !isCaller(l.caller) {
				return cli.Misuse("--caller: %q; want the ARN of a user, a role or a role session, such as arn:aws:iam::111122223333:role/Deploy", l.caller)
			}
			return l.run(args)
		},
	}
	f := c.Flags()
	l.flags = cli.Settings(f, settings...)
	l.key = subject.Flags(f)
	f.StringVar(&l.caller, "caller", "", "`ARN` of the principal that will put the policy; says whether KMS's own lockout check accepts it")
	l.format.Register(c, "format", "format of the report")
	l.colour = cli.Colour(c, env)
	return c
}

// isCaller reports whether a text is the ARN of a principal that can sign requests.
func isCaller(text string) bool {
	arn, ok := awsid.SplitARN(text)
	if !ok || !awsid.IsAccount(arn.Account) || strings.ContainsAny(text, "*? ") {
		return false
	}
	kind, name, _ := strings.Cut(arn.Resource, "/")
	switch arn.Service + ":" + kind {
	case "iam:root":
		return name == ""
	case "iam:user", "iam:role", "sts:federated-user":
		return name != ""
	case "sts:assumed-role":
		role, session, _ := strings.Cut(name, "/")
		return role != "" && session != ""
	}
	return false
}

func (l *linter) run(args []string) error {
	r := newRun(l)
	r.finder.Find(args)
	r.notes()
	if err := r.out.close(r.totals); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	for _, text := range r.closing {
		r.env.Say("%s", text)
	}
	if r.failed != nil {
		return fmt.Errorf("writing the report: %w", r.failed)
	}
	if r.code != cli.Fine {
		return cli.Exit(r.code)
	}
	return nil
}
