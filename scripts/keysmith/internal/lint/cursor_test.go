package lint

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Whatever the order of the searches, the part that is returned has at its column
// the character that the line has at the column that was asked for.
func TestACursorFindsPlacesInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.SampledFrom([]rune("ab\né😀\"")), 1, 200, -1).Draw(t, "text")
		if rapid.Bool().Draw(t, "long") {
			text = strings.Repeat("é", 5000) + text + strings.Repeat("x", 5000)
		}
		lines := strings.Split(text, "\n")
		c := &cursor{text: []byte(text)}
		for range 10 {
			line := rapid.IntRange(1, len(lines)).Draw(t, "line")
			chars := []rune(lines[line-1])
			column := rapid.IntRange(1, len(chars)+1).Draw(t, "column")
			part, at, ok := c.around(line, column)
			if !ok || column <= len(chars) && []rune(part)[at-1] != chars[column-1] {
				t.Fatalf("%d:%d of %q: %q at %d, %v", line, column, text, part, at, ok)
			}
			if !strings.Contains(lines[line-1], part) || column > len(chars) && at != len([]rune(part))+1 {
				t.Fatalf("%d:%d of %q: the part %q is of another line", line, column, text, part)
			}
		}
		if _, _, ok := c.around(len(lines)+1, 1); ok {
			t.Fatal("found a line after the last one")
		}
	})
}
