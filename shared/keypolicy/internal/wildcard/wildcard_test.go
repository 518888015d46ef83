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
		for _, fill := range []*strings.Replacer{strings.NewReplacer("*", "", "?", "b"), strings.NewReplacer("*", "ba", "?", "a")} {
			if s := fill.Replace(narrow); wildcard.Covers(wide, narrow) && !wildcard.Match(wide, s) {
				t.Fatalf("%q covers %q, but only the latter matches %q", wide, narrow, s)
			}
		}
	})
}

func TestWhichPatternsCoverOthers(t *testing.T) {
	for _, c := range []struct {
		wide, narrow string
		want         bool
	}{
		{"*", "a", true}, {"*", "?", true}, {"*", "a?b*", true}, {"a*", "ab", true}, {"a*", "a*b", true}, {"a**", "a*", true}, {"a?", "a?", true},
		{"a", "a*", false}, {"a*", "*a", false}, {"?", "*", false}, {"a?", "ab", false}, {"?a", "?b", false}, {"a*", "?a", false},
	} {
		if got := wildcard.Covers(c.wide, c.narrow); got != c.want {
			t.Errorf("%q covers %q: %v, want %v", c.wide, c.narrow, got, c.want)
		}
	}
}

func TestOnlyASCIICapitalsHaveASmallLetter(t *testing.T) {
	for i := range 256 {
		c := byte(i)
		want := c
		if c < 0x80 {
			want = strings.ToLower(string(rune(c)))[0]
		}
		if got := wildcard.Lower(c); got != want {
			t.Errorf("%q becomes %q, want %q", c, got, want)
		}
		if got, text := wildcard.ToLower("a"+string([]byte{c})), "a"+string([]byte{want}); got != text {
			t.Errorf("%q becomes %q, want %q", c, got, text)
		}
	}
	if got := wildcard.ToLower("\u212aMS:É"); got != "\u212ams:É" {
		t.Errorf("beyond ASCII: %q", got)
	}
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
