// Package settings reads the configuration of a function from its environment.
//
// All functions of the stack read the same variables with the same rules, and
// the command line checks the values of keysmith.yaml with the same checks, so
// that a value means the same everywhere.
package settings

import (
	"errors"
	"strconv"
	"time"

	"github.com/keysmith/keysmith/shared/converge"
	"github.com/keysmith/keysmith/shared/keypolicy"
)

// Settings are the variables of a function, read once at the start.
type Settings struct {
	Bucket         string // the only bucket that policies are read from
	Bus            string // name or ARN of the bus that takes the result events
	QueueURL       string // the function's own queue; empty: it has none
	ReconcileURL   string // the queue of reconcile messages, which is its own as well; empty: QueueURL takes them
	PlanURL        string // the queue of the function that plans; empty: this function plans itself
	PlansOnly      bool   // this is the function that plans
	SweepReads     int    // keys that all instances together reconcile a second
	Paused         bool   // every message is returned to the queue
	InlineRequests bool   // a request may carry a policy
	DirectRequests bool   // and so may one that did not come through the function's own queue
	Stack          string // its name, for metrics
	PutsPerSecond  float64
	ChangesPerHour int // key policies that one instance may change in an hour; 0: as many as it likes
	Protocol       converge.Settings
}

// Load reads the variables. It reports every fault at once, so that one
// deployment fixes them all.
func Load(getenv func(string) string) (Settings, error) {
	r := &reader{getenv: getenv}
	s := Settings{
		Bucket:         r.required("POLICY_BUCKET"),
		Bus:            r.text("RESULT_BUS", "default"),
		QueueURL:       getenv("APPLY_QUEUE_URL"),
		ReconcileURL:   getenv("RECONCILE_QUEUE_URL"),
		PlanURL:        getenv("PLAN_QUEUE_URL"),
		SweepReads:     r.readsPerSecond(),
		InlineRequests: r.boolean("INLINE_REQUESTS", true),
		DirectRequests: r.boolean("DIRECT_REQUESTS", false),
		Stack:          r.text("STACK_NAME", "keysmith"),
		PutsPerSecond:  r.rate("PUTS_PER_SECOND", 1.8),
		ChangesPerHour: r.changesPerHour(),
		Protocol: converge.Settings{
			RejectAt:       r.severity("REJECT_AT", keypolicy.Security),
			AcceptRules:    r.list("ACCEPT_FINDINGS", CheckAcceptedRule),
			ProtectedKeys:  r.list("PROTECTED_KEYS", CheckProtectedKey),
			AllowBypass:    r.boolean("ALLOW_LOCKOUT_BYPASS", false),
			Targets:        r.targets(),
			VerifyReads:    r.count("VERIFY_READS", 5),
			VerifyInterval: r.duration("VERIFY_INTERVAL", time.Second, 0),
			VerifyTimeout:  r.duration("VERIFY_TIMEOUT", time.Minute, time.Millisecond),
			Options: keypolicy.Options{
				BreakGlass:      r.list("BREAK_GLASS_PRINCIPALS", CheckPrincipal),
				RootOptional:    !r.boolean("REQUIRE_ACCOUNT_ROOT", true),
				Writer:          getenv("WRITER_ROLE_ARN"),
				TrustedAccounts: r.list("TRUSTED_ACCOUNTS", CheckTrustedAccount),
				TrustedOrgs:     r.list("TRUSTED_ORGS", CheckOrg),
			},
		},
	}
	mode := r.oneOf("MODE", "apply", "plan", "paused")
	s.Paused, s.Protocol.PlanOnly = mode == "paused", mode == "plan"
	switch r.oneOf("DRIFT_MODE", "detect", "enforce", "off") {
	case "enforce":
		s.Protocol.RepairDrift = true
	case "off":
		s.Protocol.IgnoreDrift = true
	}
	r.guardrails(&s.Protocol)
	if org := r.one("OWN_ORG", CheckOrg); org != "" {
		s.Protocol.Options.OwnOrg = org
		s.Protocol.Options.TrustedOrgs = append(s.Protocol.Options.TrustedOrgs, org)
	}
	r.logLevel()
	r.together(s.Protocol)
	return s, errors.Join(r.faults...)
}

// together checks the values that depend on one another.
func (r *reader) together(s converge.Settings) {
	o := s.Options
	if o.Writer != "" && CheckPrincipal(o.Writer) != nil {
		r.fault("WRITER_ROLE_ARN", "%q is not the ARN of a role", o.Writer)
	}
	if o.RootOptional && o.Writer == "" {
		r.fault("WRITER_ROLE_ARN", "is empty: with REQUIRE_ACCOUNT_ROOT=false each policy must allow keysmith's own role, so set it to the ARN of that role")
	}
	if time.Duration(s.VerifyReads-1)*s.VerifyInterval >= s.VerifyTimeout {
		r.fault("VERIFY_TIMEOUT", "%s is too short for %d reads %s apart: no policy could be verified", s.VerifyTimeout, s.VerifyReads, s.VerifyInterval)
	}
	if needs := s.Needs(); needs > converge.Timeout {
		r.fault("VERIFY_READS", "%d reads %s apart need an invocation of %s with everything around them, but it may take %s: no policy would ever be put; ask for fewer reads, or a shorter VERIFY_INTERVAL",
			s.VerifyReads, s.VerifyInterval, needs, converge.Timeout)
	}
}

// changesPerHour reads CHANGES_PER_HOUR.
func (r *reader) changesPerHour() int {
	const name = "CHANGES_PER_HOUR"
	v := r.getenv(name)
	if v == "" {
		return 0
	}
	n, err := strconv.Atoi(v)
	switch {
	case err == nil && n == 0:
		r.fault(name, "is 0, so no policy could ever be changed, and every upload would end in the dead-letter queue: leave it empty for no brake, or stop the stack with MODE=paused")
	case err != nil || n < 0 || n > 1_000_000:
		r.fault(name, "%q; want a whole number of at least 1, or nothing for no brake", v)
	}
	return max(n, 0)
}
