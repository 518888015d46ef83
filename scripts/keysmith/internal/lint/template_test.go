package lint

import (
	"slices"
	"testing"

	"github.com/keysmith/keysmith/scripts/keysmith/internal/embed"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/rulebook"
	"github.com/keysmith/keysmith/shared/keypolicy"
)

func TestTheChaptersThatHoldWhateverIsUnknownExist(t *testing.T) {
	for _, chapter := range append(slices.Clone(chaptersOfText), chapterLockout) {
		if !slices.ContainsFunc(rulebook.All(), func(r keypolicy.Rule) bool { return r.Chapter == chapter }) {
			t.Errorf("no rule stands in the chapter %q", chapter)
		}
	}
}

// Who loses the key and what a statement opens must not be claimed where a value
// that decides it is unknown.
func TestWhatDependsOnAnUnknownValueIsNotClaimed(t *testing.T) {
	unknown := []embed.Unknown{{Path: "Statement[1].Principal.AWS"}}
	for _, test := range []struct {
		rule, path string
		want       bool
	}{
		{"root-lockout", "Statement", false},
		{"public-access", "Statement[1].Principal.AWS", false},
		{"external-account", "Statement[1].Principal", false},
		{"public-access", "Statement[0].Principal", true},
		{"public-access", "Statement[10].Principal", true},
		{"action-unknown", "Statement[1].Action", true},
		{"version-old", "Version", true},
	} {
		if got := certain(keypolicy.Finding{Rule: test.rule, Path: test.path, Line: 1, Column: 1}, unknown); got != test.want {
			t.Errorf("%s at %s: certain is %v", test.rule, test.path, got)
		}
	}
}
