// Package prove is the command that asks the decision procedure: whether a policy
// gives new access, stays inside a baseline, and is as assertions say.
package prove

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/keysmith/keysmith/scripts/keysmith/internal/cli"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/subject"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/tree"
	"github.com/keysmith/keysmith/shared/guardrails"
	"github.com/keysmith/keysmith/shared/keypolicy"
)

// undecided is the exit code where nothing is refuted and not all is proven.
const undecided = 3

// prover is one call of keysmith prove.
type prover struct {
	walk      subject.Walk
	noNew     bool
	baselines []string
	asserts   []string
	format    *cli.Choice
	colour    func() bool
}

// Command declares keysmith prove.
func Command(env cli.Env) *cobra.Command {
	p := &prover{format: cli.NewChoice("text", "json")}
	c := &cobra.Command{
		Use:   "prove (--no-new-access old new | --baseline file policy… | --assert file policy…)",
		Short: "Prove a claim about key policies, or show a request that refutes it",
		Long: `prove checks a claim about all possible requests to a key. The answer is "proven",
"refuted" with a request that shows it, or "undecided" with the reason. Do not treat
"undecided" as safe.

  --no-new-access  the new policy allows no request that the old one refuses. In the key's
                   own account, what the new policy gives a role or user by name is new if
                   the role or user needed an IAM permission for it before
  --baseline       the policies allow no request that a baseline denies. A baseline has
                   the syntax of a resource control policy
  --assert         the policies satisfy the assertions of a YAML file

A policy is a file, a folder, or - for standard input. The facts about a key come from
the name of its file, from keysmith.yaml and from flags.

Exit codes: 0 proven; 1 refuted; 3 undecided; 2 usage error, or something could not be
read. With several policies, 2 takes precedence over 1, and 1 over 3.`,
		Example: `  keysmith prove --no-new-access old.json new.json
  keysmith prove --baseline guardrails/baselines/organization.json policies/ --own-org o-a1b2c3d4e5
  keysmith prove --assert guardrails/assertions/payments.yaml policies/ --format json`,
		RunE: func(_ *cobra.Command, args []string) error { return p.run(args) },
	}
	f := c.Flags()
	f.BoolVar(&p.noNew, "no-new-access", false, "prove that the second policy allows nothing that the first one refuses")
	f.StringArrayVar(&p.baselines, "baseline", nil, "prove that policies stay inside this baseline, a `file`")
	f.StringArrayVar(&p.asserts, "assert", nil, "prove that policies are as the assertions of this `file` say")
	p.walk = subject.Walk{Env: env, Flags: cli.Settings(f, subject.Settings...), Key: subject.Flags(f)}
	p.format.Register(c, "format", "format of the report")
	p.colour = cli.Colour(c, env)
	return c
}

func (p *prover) run(args []string) error {
	modes := len(p.baselines) + len(p.asserts)
	if p.noNew {
		modes++
	}
	switch {
	case modes != 1:
		return cli.Misuse("say what to prove: one of --no-new-access, --baseline file and --assert file, once")
	case p.noNew:
		if err := cli.Exactly(2, "two policies: the old one and the new one")(nil, args); err != nil {
			return err
		}
		return p.noNewAccess(args[0], args[1])
	case len(args) == 0:
		return cli.Misuse("name a policy: a file, a folder, or - for standard input")
	}
	required, err := p.required()
	if err != nil {
		return err
	}
	var answers []answer
	p.walk.Each(args, func(f subject.File) { answers = append(answers, judge(required, f)) })
	return p.report(answers, len(args) == 1 && !isFolder(args[0]))
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// required reads what is to be proven.
func (p *prover) required() ([]guardrails.Required, error) {
	if len(p.baselines) == 1 {
		text, err := os.ReadFile(p.baselines[0])
		if err != nil {
			return nil, fmt.Errorf("reading the baseline: %w", err)
		}
		r, err := guardrails.ReadBaseline(p.baselines[0], text)
		return []guardrails.Required{r}, err
	}
	text, err := os.ReadFile(p.asserts[0])
	if err != nil {
		return nil, fmt.Errorf("reading the assertions: %w", err)
	}
	all, err := guardrails.ReadAssertions(p.asserts[0], text)
	if err == nil && len(all) == 0 {
		return nil, fmt.Errorf("%s: there is no assertion in the file, so there is nothing to prove", p.asserts[0])
	}
	return all, err
}

func (p *prover) noNewAccess(before, after string) error {
	if before == tree.Stdin && after == tree.Stdin {
		return errors.New("only one of the two policies can come from standard input")
	}
	was, wasErr := p.walk.File(before)
	is, isErr := p.walk.File(after)
	if err := errors.Join(wasErr, isErr); err != nil {
		return err
	}
	proof := keypolicy.NoNewAccess(was.Policy, is.Policy, is.Key)
	a := newAnswer(is, proof)
	a.Reason += remedy(a.Reason)
	if proof.Verdict == keypolicy.Refuted {
		a.Reason = "the new policy allows this request and the old one refuses it"
		if proof.Reason != "" {
			a.Reason = "the new policy allows this request " + proof.Reason
		}
	}
	return p.report([]answer{a}, true)
}

// report writes the answers and returns the exit code of all.
func (p *prover) report(answers []answer, single bool) error {
	var err error
	if p.format.Value == "json" {
		err = writeJSON(p.walk.Env.Out, answers, single)
	} else {
		err = writeText(p.walk.Env, p.colour(), answers)
	}
	code := cli.Fine
	for _, a := range answers {
		if a.Verdict == keypolicy.Refuted || a.Verdict == keypolicy.Undecided && code == cli.Fine {
			code = map[keypolicy.Verdict]int{keypolicy.Refuted: cli.Refused, keypolicy.Undecided: undecided}[a.Verdict]
		}
	}
	switch {
	case err != nil:
		return fmt.Errorf("writing the report: %w", err)
	case p.walk.Troubled:
		return cli.Exit(cli.Trouble)
	case code != cli.Fine:
		return cli.Exit(code)
	}
	return nil
}
