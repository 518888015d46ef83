package phrase_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/phrase"
)

func TestACutLeavesCharactersWhole(t *testing.T) {
	for name, c := range map[string]struct{ in, quoted string }{
		"as much as fits":            {strings.Repeat("a", 80), `"` + strings.Repeat("a", 80) + `"`},
		"one more":                   {strings.Repeat("a", 81), `"` + strings.Repeat("a", 80) + `…"`},
		"a character over the bound": {strings.Repeat("a", 79) + "é" + "b", `"` + strings.Repeat("a", 79) + `…"`},
		"a character before it":      {strings.Repeat("a", 78) + "é" + "b", `"` + strings.Repeat("a", 78) + `é…"`},
		"no character at all":        {strings.Repeat("\x80", 90), `"…"`},
	} {
		if got := phrase.Quote(c.in); got != c.quoted {
			t.Errorf("%s: %s", name, got)
		}
	}
	for name, c := range map[string]struct {
		in     string
		length int // of what is left
	}{
		"as much as fits":            {strings.Repeat("a", 300), 300},
		"one more":                   {strings.Repeat("a", 301), 300 + len("…")},
		"a character over the bound": {strings.Repeat("a", 299) + "é", 299 + len("…")},
		"only others":                {strings.Repeat("é", 200), 300 + len("…")},
	} {
		if got := phrase.Shorten(c.in); len(got) != c.length || !utf8.ValidString(got) {
			t.Errorf("%s: %d bytes: %s", name, len(got), got)
		}
	}
}

func TestAFewOfManyAreNamed(t *testing.T) {
	all := []string{"a", "b", "c", "d", "e", "f"}
	for n, want := range map[int]string{0: "", 1: "a", 5: "a, b, c, d, e", 6: "a, b, c, d and 2 more"} {
		if got := phrase.Some(all[:n]); got != want {
			t.Errorf("%d: %s", n, got)
		}
	}
}
