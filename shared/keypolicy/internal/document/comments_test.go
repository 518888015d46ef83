package document

import "testing"

func TestWhatStandsBeforeAPolicyIsCommentsOrNone(t *testing.T) {
	for text, want := range map[string]bool{
		"":                              true,
		"// a\n\n  // b\n":              true,
		"/* a\n * b\n */\n":             true,
		"# a\n":                         false,
		"// a\nresource \"aws\" \"k\" ": false,
		"key = ":                        false,
		"/* a */\n\nkey":                false,
	} {
		if got := onlyComments(text); got != want {
			t.Errorf("%q: %t", text, got)
		}
	}
}
