package main

import (
	"errors"
	"strings"
	"time"

	"github.com/keysmith/keysmith/shared/converge"
	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/objectkey"
)

// config is the function's environment, read once.
type config struct {
	Bucket, Bus, QueueURL string
	Paused                bool
	InlineRequests        bool
	PutsPerSecond         float64
	Settings              converge.Settings
}

func loadConfig(getenv func(string) string) (config, error) {
	r := &reader{getenv: getenv}
	c := config{
		Bucket:         r.required("POLICY_BUCKET"),
		Bus:            r.text("RESULT_BUS", "default"),
		QueueURL:       getenv("APPLY_QUEUE_URL"),
		InlineRequests: r.boolean("INLINE_REQUESTS", true),
		PutsPerSecond:  r.rate("PUTS_PER_SECOND", 1.8),
		Settings: converge.Settings{
			RejectAt:       r.severity("REJECT_AT"),
			AcceptRules:    r.rules("ACCEPT_FINDINGS"),
			ProtectedKeys:  r.list("PROTECTED_KEYS", protectable, "a key id or a key ARN"),
			AllowBypass:    r.boolean("ALLOW_LOCKOUT_BYPASS", false),
			VerifyReads:    r.count("VERIFY_READS", 5),
			VerifyInterval: r.duration("VERIFY_INTERVAL", time.Second, 0),
			VerifyTimeout:  r.duration("VERIFY_TIMEOUT", time.Minute, time.Millisecond),
			Options: keypolicy.Options{
				BreakGlass:      r.list("BREAK_GLASS_PRINCIPALS", isPrincipal, "the ARN of a role or user; {account} stands for the key's account"),
				RootOptional:    !r.boolean("REQUIRE_ACCOUNT_ROOT", true),
				Writer:          getenv("WRITER_ROLE_ARN"),
				TrustedAccounts: r.list("TRUSTED_ACCOUNTS", isTrustable, "12 digits, or * for every account"),
				TrustedOrgs:     r.list("TRUSTED_ORGS", isOrg, "an organization id, such as o-a1b2c3d4e5"),
			},
		},
	}
	mode := r.oneOf("MODE", "apply", "plan", "paused")
	c.Paused, c.Settings.PlanOnly = mode == "paused", mode == "plan"
	r.together(c)
	r.notBuilt()
	return c, errors.Join(r.faults...)
}

// together checks what only makes sense side by side.
func (r *reader) together(c config) {
	o := c.Settings.Options
	if o.Writer != "" && !isPrincipal(o.Writer) {
		r.fault("WRITER_ROLE_ARN", "%q is not the ARN of a role", o.Writer)
	}
	if o.RootOptional && o.Writer == "" {
		r.fault("WRITER_ROLE_ARN", "is empty: with REQUIRE_ACCOUNT_ROOT=false each policy must keep keysmith's own role, so name it")
	}
	if s := c.Settings; time.Duration(s.VerifyReads-1)*s.VerifyInterval >= s.VerifyTimeout {
		r.fault("VERIFY_TIMEOUT", "%s is too short for %d reads %s apart: no policy could ever be proven", s.VerifyTimeout, s.VerifyReads, s.VerifyInterval)
	}
}

// notBuilt refuses what this version does not do yet: a setting that nothing
// reads must not look as if it protected anybody.
func (r *reader) notBuilt() {
	if v := r.getenv("DRIFT_MODE"); v != "" && v != "detect" {
		r.fault("DRIFT_MODE", "%q is not supported by this version, which only detects; leave it empty", v)
	}
	for _, name := range []string{"TARGET_ACCOUNTS", "TARGET_ROLE_NAME", "TARGET_EXTERNAL_ID"} {
		if r.getenv(name) != "" {
			r.fault(name, "is not supported by this version, which changes keys of its own account and Region only; leave it empty")
		}
	}
}

// rules reads rule ids. Lockout, guardrails and documents that KMS would not
// take cannot be waved through.
func (r *reader) rules(name string) []string {
	return r.list(name, func(id string) bool {
		rule, ok := keypolicy.RuleByID(id)
		return ok && rule.Acceptable()
	}, "the id of a rule that may be accepted")
}

func isPrincipal(s string) bool {
	p := strings.SplitN(s, ":", 6)
	return len(p) == 6 && p[0] == "arn" && p[1] != "" && p[2] == "iam" && p[3] == "" &&
		(p[4] == "{account}" || objectkey.IsAccount(p[4])) && !strings.ContainsAny(p[5], "*? ") &&
		(longer(p[5], "role/") || longer(p[5], "user/"))
}

func longer(s, prefix string) bool { return strings.HasPrefix(s, prefix) && len(s) > len(prefix) }

func isTrustable(s string) bool { return s == "*" || objectkey.IsAccount(s) }

func isOrg(s string) bool {
	id, ok := strings.CutPrefix(s, "o-")
	return ok && len(id) >= 10 && len(id) <= 32 && strings.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789") == ""
}

func protectable(s string) bool {
	_, isARN := objectkey.ParseARN(s)
	return isARN || objectkey.IsKeyID(s)
}
