package wildcard_test

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/wildcard"
)

var letters = rapid.StringOfN(rapid.RuneFrom([]rune("ab*?")), 0, 8, -1)

func byRegexp(pattern, s string) bool {
	expr := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(pattern))
	return regexp.MustCompile("^(?s:" + expr + ")$").MatchString(s)
}

func TestMatchingIsThatOfARegularExpression(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pattern := letters.Draw(t, "pattern")
		s := rapid.StringOfN(rapid.RuneFrom([]rune("ab")), 0, 10, -1).Draw(t, "text")
		if got, want := wildcard.Match(pattern, s), byRegexp(pattern, s); got != want {
			t.Fatalf("Match(%q, %q) is %v, want %v", pattern, s, got, want)
		}
	})
}

func TestWhatAPatternCoversItMatches(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		wide, narrow := letters.Draw(t, "wide"), letters.Draw(t, "narrow")
		s := rapid.StringOfN(rapid.RuneFrom([]rune("ab")), 0, 10, -1).Draw(t, "text")
		if wildcard.Covers(wide, narrow) && wildcard.Match(narrow, s) && !wildcard.Match(wide, s) {
			t.Fatalf("%q covers %q, but only the latter matches %q", wide, narrow, s)
		}
	})
}

func TestNamesAreComparedWithoutRegardToCase(t *testing.T) {
	for _, pair := range [][2]string{{"KMS:Decrypt", "kms:decrypt"}, {"", ""}} {
		if !wildcard.EqualFold(pair[0], pair[1]) {
			t.Errorf("%q and %q differ", pair[0], pair[1])
		}
	}
	if wildcard.CompareFold("a", "B") >= 0 || wildcard.CompareFold("B", "a") <= 0 || wildcard.CompareFold("a", "ab") >= 0 {
		t.Error("names are out of order")
	}
}
