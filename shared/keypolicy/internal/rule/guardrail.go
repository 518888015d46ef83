package rule

const linkRCP = "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html"

var guardrailRules = []*Rule{&BaselineViolated, &AssertionViolated, &ExceptionUsed, &ExceptionEnds}

// The rules about what an installation requires of every key policy.
var (
	BaselineViolated = Rule{ID: "baseline-violated", Severity: Security, Class: ClassGuardrail, Own: true, Link: linkRCP,
		Title:  "The policy allows what a baseline denies",
		Why:    "A baseline limits every key policy of this installation. A policy that is not proven to stay inside it is refused.",
		Remedy: "Remove the permission, or add a condition or a Deny that keeps the requests out that the baseline denies. Write an exception in the guardrails' settings.yaml, with an owner and an end date, if it must be allowed."}
	AssertionViolated = Rule{ID: "assertion-violated", Severity: Security, Class: ClassGuardrail, Own: true,
		Title:  "The policy is not as an assertion says",
		Why:    "An assertion says what must be allowed or refused in this installation, and for whom. A policy that is not proven to be so is refused.",
		Remedy: "Allow or refuse what the message names. Write an exception in the guardrails' settings.yaml, with an owner and an end date, if it must be allowed."}
	ExceptionUsed = Rule{ID: "exception-used", Severity: Info, Class: ClassNotice, Own: true,
		Title:  "The policy is accepted because of an exception",
		Why:    "The guardrails have an exception from the rule for this key.",
		Remedy: "Nothing, as long as the exception is meant."}
	ExceptionEnds = Rule{ID: "exception-ends", Severity: Warning, Class: ClassNotice, Own: true,
		Title:  "An exception ends within two weeks",
		Why:    "After its end date it does not count, and the next change of the policy is refused. What is in force stays.",
		Remedy: "Change the policy, or agree on a later end date with the owner of the exception."}
)
