package prove

import (
	"fmt"
	"io"
	"strings"

	"github.com/keysmith/keysmith/scripts/keysmith/internal/cli"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/subject"
	"github.com/keysmith/keysmith/shared/guardrails"
	"github.com/keysmith/keysmith/shared/keypolicy"
)

// answer is what was found of one policy. All members are always there.
type answer struct {
	File    string             `json:"file"`
	Verdict keypolicy.Verdict  `json:"verdict"`
	Witness *keypolicy.Witness `json:"witness"`
	Reason  string             `json:"reason"`

	line, column int // of the statement to blame; 0 where there is none
}

func newAnswer(f subject.File, p keypolicy.Proof) answer {
	return answer{File: f.Path, Verdict: p.Verdict, Witness: p.Witness, Reason: p.Reason}
}

// judge asks for each requirement that is for the policy, and returns the gravest
// answer: a refuted one before one that is undecided.
func judge(required []guardrails.Required, f subject.File) answer {
	worst := answer{File: f.Path, Verdict: keypolicy.Proven}
	asked := 0
	for i := range required {
		r := &required[i]
		known := f.Object != "" || r.ForAll()
		if known && !r.Covers(f.Object) {
			continue
		}
		asked++
		a := ask(r, f)
		if !known && a.Verdict == keypolicy.Refuted {
			a = answer{File: f.Path, Verdict: keypolicy.Undecided, Reason: fmt.Sprintf(
				"it is not known whether the assertion %q is for this key: keep the file under policies/, or set --key-id", r.Name)}
		}
		if a.Verdict == keypolicy.Refuted {
			return a
		}
		if a.Verdict == keypolicy.Undecided && worst.Verdict == keypolicy.Proven {
			worst = a
		}
	}
	if asked == 0 {
		worst.Reason = "none of the assertions is for this key"
	}
	return worst
}

// ask asks for one requirement, and for the statement to blame.
func ask(r *guardrails.Required, f subject.File) answer {
	var proof keypolicy.Proof
	var err error
	if r.Baseline != nil {
		proof = keypolicy.Within(r.Baseline, f.Policy, f.Key)
	} else {
		proof, err = keypolicy.Assert(r.Assertion, f.Policy, f.Key)
	}
	if err != nil {
		proof = keypolicy.Proof{Verdict: keypolicy.Undecided, Reason: err.Error()}
	}
	a := newAnswer(f, proof)
	if proof.Verdict == keypolicy.Proven {
		return a
	}
	a.Reason = why(r, proof)
	if found := r.Violations(f.Policy, f.Key); len(found) > 0 && strings.HasPrefix(found[0].Path, "Statement[") {
		a.line, a.column = found[0].Line, found[0].Column
	}
	return a
}

// remedy names the flag that says what an answer lacks.
func remedy(reason string) string {
	if strings.HasPrefix(reason, "whether account ") || strings.HasPrefix(reason, "the organization of the key's account") {
		return "; set --account and --own-org"
	}
	for name, flag := range map[string]string{
		"kms:KeySpec": "--key-spec", "kms:KeyUsage": "--key-usage", "kms:KeyOrigin": "--origin", "aws:ResourceAccount": "--account",
		"aws:ResourceOrgID": "--own-org", "aws:RequestedRegion": "--region",
	} {
		if strings.HasPrefix(reason, name+" of the key is not known") {
			return "; set " + flag
		}
	}
	return ""
}

// why names what is not proven, and says what the request has to do with it.
func why(r *guardrails.Required, proof keypolicy.Proof) string {
	name := fmt.Sprintf("the assertion %q (%s:%d)", r.Name, r.File, r.Line)
	if r.Baseline != nil {
		name = "the baseline " + r.File // which is named after it
	}
	if proof.Verdict == keypolicy.Undecided {
		return name + ": " + proof.Reason + remedy(proof.Reason)
	}
	text := "the policy allows this request, and " + name + " requires it to be refused"
	switch {
	case r.Baseline != nil:
		text = "the policy allows this request, and " + name + " denies it"
	case r.Assertion.Claim == keypolicy.Can:
		text = "the policy refuses this request, and " + name + " requires it to be allowed"
	}
	if r.Reason != "" {
		text += ": " + strings.TrimSuffix(r.Reason, ".")
	}
	return text
}

// writeJSON writes one object, or an array of them.
func writeJSON(out io.Writer, answers []answer, single bool) error {
	switch {
	case !single:
		return cli.WriteJSON(out, append([]answer{}, answers...))
	case len(answers) == 1:
		return cli.WriteJSON(out, answers[0])
	}
	return nil // it could not be read
}
