package spell_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/spell"
)

func TestTheNearestNameIsFoundAndAFarOneIsNot(t *testing.T) {
	names := slices.Values([]string{"kms:Decrypt", "kms:Encrypt", "kms:DescribeKey", "Action", "Effect", "Sid"})
	for word, want := range map[string]string{
		"kms:Decript": "kms:Decrypt", "KMS:DECRYPT": "kms:Decrypt", "kms:Ecnrypt": "kms:Encrypt", "Actoin": "Action",
		"Acton": "Action", "Efect": "Effect", "sdi": "Sid", "Resource": "", "x": "", "": "",
		"kms:DescribKeys": "kms:DescribeKey", strings.Repeat("a", 100): "",
	} {
		if got := spell.Closest(word, names); got != want {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
}

// distance is the edit distance by its definition: a letter too many, too few, or
// another one, and two neighbours that changed places.
func distance(a, b string) int {
	a, b = strings.ToLower(a), strings.ToLower(b)
	if a == "" || b == "" {
		return len(a) + len(b)
	}
	d := min(distance(a[1:], b), distance(a, b[1:])) + 1
	if a[0] == b[0] {
		d = min(d, distance(a[1:], b[1:]))
	} else {
		d = min(d, distance(a[1:], b[1:])+1)
	}
	if len(a) > 1 && len(b) > 1 && a[0] == b[1] && a[1] == b[0] {
		d = min(d, distance(a[2:], b[2:])+1)
	}
	return d
}

func TestTheNearestIsThatOfTheLeastDistance(t *testing.T) {
	word := rapid.StringOfN(rapid.RuneFrom([]rune("abAc:")), 0, 7, -1)
	rapid.Check(t, func(t *rapid.T) {
		text, names := word.Draw(t, "word"), rapid.SliceOfN(word, 1, 4).Draw(t, "names")
		want, least := "", min(3, (len(text)+2)/3)+1
		for _, name := range names {
			if d := distance(text, name); d < least {
				want, least = name, d
			}
		}
		if got := spell.Closest(text, slices.Values(names)); got != want {
			t.Fatalf("%q of %q is %q, want %q", text, names, got, want)
		}
	})
}

func TestTheLongestWordIsComparedAndNoLongerOne(t *testing.T) {
	long := strings.Repeat("ab", 32)
	for word, want := range map[string]string{long: long, long[:61]: long, long[:60]: "", long + "a": ""} {
		if got := spell.Closest(word, slices.Values([]string{long})); got != want {
			t.Errorf("%d letters: %q", len(word), got)
		}
	}
	if got := spell.Closest(long, slices.Values([]string{long + "a"})); got != "" {
		t.Errorf("a name that is too long is near: %q", got)
	}
}
