package decide_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/decide"
)

// TestHowNumbersAndDatesAreWritten asks whether two ways to write a number or a date
// are one value. What is written in no such way matches nothing.
func TestHowNumbersAndDatesAreWritten(t *testing.T) {
	const numeric, date = `"NumericEquals": {"vendor:n": %q}`, `"DateEquals": {"aws:CurrentTime": %q}`
	const epoch = `"NumericEquals": {"aws:EpochTime": %q}`
	digits := strings.Repeat("1", 64)
	for _, c := range []struct {
		one, other, form, otherForm string
		same                        bool
	}{
		{"1000", "1e3", numeric, numeric, true},
		{"1000", "1E3", numeric, numeric, true},
		{"1000", "1e4", numeric, numeric, false},
		{"0.5", "5e-1", numeric, numeric, true},
		{"5", "+5.0", numeric, numeric, true},
		{"5", "-5", numeric, numeric, false},
		{"16", "0x10", numeric, numeric, false},
		{"0.5", "1/2", numeric, numeric, false},
		{"0", "e5", numeric, numeric, false},
		{"1e99", "1e+99", numeric, numeric, true},
		{"1e1000", "1e1000", numeric, numeric, false},
		{digits, "0" + digits[1:] + "e0", numeric, numeric, false},
		{digits, digits, numeric, numeric, true},
		{digits + "1", digits + "1", numeric, numeric, false},
		{"five", "five", numeric, numeric, false},
		{"2026", "1767225600", date, epoch, true},
		{"2026", "2026", date, epoch, false},
		{"2026-01", "1767225600", date, epoch, true},
		{"2026-01-01", "1767225600", date, epoch, true},
		{"2026-01-01T00:00:00Z", "1767225600", date, epoch, true},
		{"2026-01-01T01:00:00+01:00", "1767225600", date, epoch, true},
		{"2026-01-01T01:00:00+0100", "1767225600", date, epoch, true},
		{"2026-01-01T00:00:00.5Z", "1767225600.5", date, epoch, true},
		{"2026-01-01T00:00:00.5Z", "1767225600", date, epoch, false},
		{"1767225600", "1767225600", date, epoch, true},
		{"20260", "20260", date, epoch, true},
		{"January", "January", date, date, false},
		{"2026-13-01", "2026-13-01", date, date, false},
	} {
		s := decide.NewSpace(knownKey, decide.NewBudget())
		condition := fmt.Sprintf(c.form+", "+strings.Replace(c.otherForm, "Equals", "GreaterThanEquals", 1)+", "+strings.Replace(c.otherForm, "Equals", "LessThanEquals", 1), c.one, c.other, c.other)
		proof := s.Ask(&decide.Question{Allowed: []*decide.Compiled{s.Compile(readPolicy(t, policyOf(conditioned(appRole, "kms:Decrypt", condition))))}})
		if want := map[bool]decide.Verdict{true: decide.Refuted, false: decide.Proven}[c.same]; proof.Verdict != want {
			t.Errorf("%s and %s: %s, want %s: %s", c.one, c.other, proof.Verdict, want, proof.Reason)
		}
	}
}

// TestOnlyWhatIsNoNumberIsOnNoSideOfANumber asks whether a key has a value that is
// neither less than a number nor not.
func TestOnlyWhatIsNoNumberIsOnNoSideOfANumber(t *testing.T) {
	for _, c := range []struct {
		action, key string
		want        decide.Verdict
	}{
		{"kms:Decrypt", "vendor:n", decide.Refuted},
		{"kms:EnableKeyRotation", "kms:RotationPeriodInDays", decide.Proven},
		{"kms:Decrypt", "aws:EpochTime", decide.Proven},
	} {
		with := func(form string) string { return conditioned(appRole, c.action, fmt.Sprintf(form, c.key)) }
		s := decide.NewSpace(knownKey, decide.NewBudget())
		p := s.Ask(&decide.Question{
			Allowed: []*decide.Compiled{s.Compile(readPolicy(t, policyOf(with(`"Null": {%q: "false"}`))))},
			Refused: []*decide.Compiled{s.Compile(readPolicy(t, policyOf(with(`"NumericLessThan": {%q: "365"}`), with(`"NumericGreaterThanEquals": {%q: "365"}`))))},
		})
		if p.Verdict != c.want {
			t.Errorf("%s: %s, want %s: %s %+v", c.key, p.Verdict, c.want, p.Reason, p.Witness)
		}
	}
}
