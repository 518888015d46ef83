package settings

import (
	"cmp"
	"errors"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/keysmith/keysmith/shared/target"
)

// A Sweep is the variables of the function that sweeps, read once at the start.
type Sweep struct {
	Bucket         string
	QueueURL       string // takes the reconcile messages
	ReadsPerSecond int    // how many of them, for each account and Region
	Interval       time.Duration
	Stack          string // its name, for metrics

	Targets       target.Scope
	KeyARNs       []string // patterns of the keys that keysmith may change; none: the tag alone decides
	ManagedByTag  string   // value of the tag managed-by that they must have; empty: it does not matter
	ProtectedKeys []string // of the variable and of the guardrails
}

// LoadSweep reads the variables. It reports every fault at once.
func LoadSweep(getenv func(string) string) (Sweep, error) {
	r := &reader{getenv: getenv}
	s := Sweep{
		Bucket:         r.required("POLICY_BUCKET"),
		QueueURL:       cmp.Or(getenv("RECONCILE_QUEUE_URL"), getenv("APPLY_QUEUE_URL")),
		ReadsPerSecond: r.readsPerSecond(),
		Interval:       r.interval("SWEEP_SCHEDULE"),
		Stack:          r.text("STACK_NAME", "keysmith"),
		Targets:        r.targets(),
		KeyARNs:        r.list("KEY_ARNS", checkKeyPattern),
		ManagedByTag:   getenv("MANAGED_BY_TAG"),
		ProtectedKeys:  r.list("PROTECTED_KEYS", CheckProtectedKey),
	}
	if set := r.guardrailSet(); set != nil {
		s.ProtectedKeys = slices.Concat(s.ProtectedKeys, set.Lists[protectedKeys])
	}
	if s.QueueURL == "" {
		r.fault("RECONCILE_QUEUE_URL", "is not set, and APPLY_QUEUE_URL is not set: set one to the URL of the queue for reconcile messages")
	}
	r.logLevel()
	return s, errors.Join(r.faults...)
}

// defaultReads is far from the 1,000 GetKeyPolicy calls a second that KMS
// allows everybody in an account and Region together.
const defaultReads = 50

func (r *reader) readsPerSecond() int {
	const name = "SWEEP_READS_PER_SECOND"
	v := r.getenv(name)
	if v == "" {
		return defaultReads
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 || n > 1000 {
		r.fault(name, "%q; want a whole number from 1 to 1000", v)
		return defaultReads
	}
	return n
}

// interval reads a schedule of EventBridge; zero if it is not set.
// https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
func (r *reader) interval(name string) time.Duration {
	v := r.getenv(name)
	if v == "" {
		return 0
	}
	units := map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}
	inner, isRate := strings.CutPrefix(v, "rate(")
	inner, closed := strings.CutSuffix(inner, ")")
	number, unit, _ := strings.Cut(inner, " ")
	n, err := strconv.Atoi(number)
	length, known := units[strings.TrimSuffix(unit, "s")]
	if !isRate || !closed || err != nil || n < 1 || n > 365 || !known {
		r.fault(name, "%q; want a rate such as rate(1 hour)", v)
		return 0
	}
	return time.Duration(n) * length
}

// checkKeyPattern checks an item of KEY_ARNS: a key ARN, in which * and ? stand
// for other characters.
func checkKeyPattern(v string) error {
	p := strings.SplitN(v, ":", 6)
	_, err := path.Match(v, "")
	ok := err == nil && len(p) == 6 && p[0] == "arn" && p[2] == "kms" && strings.HasPrefix(p[5], "key/")
	return valid(v, ok, "a key ARN, such as arn:aws:kms:us-east-1:111122223333:key/*")
}
