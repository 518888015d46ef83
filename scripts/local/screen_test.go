package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestACaretPointsAtTheCharacter(t *testing.T) {
	for _, c := range []struct {
		name, text   string
		line, column int
		want         string
	}{
		{"in the middle", "one\n  \"Actoin\": 1", 2, 3, "       2 |   \"Actoin\": 1\n         |   ^\n"},
		{"after letters of two bytes", "é é x", 1, 5, "       1 | é é x\n         |     ^\n"},
		{"after tabs", "\tx", 1, 2, "       1 | \tx\n         | \t^\n"},
		{"without carriage return", "x\r\ny", 1, 1, "       1 | x\n         | ^\n"},
		{"beyond the text", "x", 2, 1, ""},
		{"nowhere", "x", 0, 0, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out bytes.Buffer
			screen{w: &out}.caret(c.text, c.line, c.column)
			if out.String() != c.want {
				t.Errorf("got\n%q, want\n%q", out.String(), c.want)
			}
		})
	}
}

func TestLinesEndBeforeTheTerminalDoes(t *testing.T) {
	var out bytes.Buffer
	screen{w: &out}.detail(strings.Repeat("vier Wörter ", 40))
	for line := range strings.Lines(out.String()) {
		if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > width {
			t.Errorf("a line has %d characters", n)
		}
	}
	if got := strings.Join(strings.Fields(out.String()), " "); got != strings.TrimSpace(strings.Repeat("vier Wörter ", 40)) {
		t.Errorf("words were lost: %q", got)
	}
}

func TestAFileGetsNoColour(t *testing.T) {
	f, err := os.Create(t.TempDir() + "/out")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // only a place to write to
	if newScreen(f).colour {
		t.Error("it got colour")
	}
	if got := (screen{colour: true}).paint(red, "x"); got != "\x1b[31mx\x1b[0m" {
		t.Errorf("got %q", got)
	}
}
