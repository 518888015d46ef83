package terminal

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"
)

func TestACaretPointsAtTheCharacter(t *testing.T) {
	for _, c := range []struct {
		name, text   string
		line, column int
		want         string
	}{
		{"in the middle", "one\n  \"Actoin\": 1", 2, 3, "   2 |   \"Actoin\": 1\n     |   ^\n"},
		{"after letters of two bytes", "é é x", 1, 5, "   1 | é é x\n     |     ^\n"},
		{"after letters of two columns", "日本x", 1, 3, "   1 | 日本x\n     |     ^\n"},
		{"after an accent of its own", "e\u0301x", 1, 3, "   1 | e\u0301x\n     |  ^\n"},
		{"after a tab", "\tx", 1, 2, "   1 |  x\n     |  ^\n"},
		{"without carriage return", "x\r\ny", 1, 1, "   1 | x\n     | ^\n"},
		{"behind the last character", "xy", 1, 3, "   1 | xy\n     |   ^\n"},
		{"beyond the text", "x", 2, 1, ""},
		{"nowhere", "x", 0, 0, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out bytes.Buffer
			NewPlain(&out, 80).Caret(0, c.text, c.line, c.column, Red)
			if out.String() != c.want {
				t.Errorf("got\n%q, want\n%q", out.String(), c.want)
			}
		})
	}
}

func TestALongLineIsCutAroundThePlace(t *testing.T) {
	line := strings.Repeat("a", 9000) + "X" + strings.Repeat("b", 9000)
	shown, blanks := Excerpt(line, 9001, 60)
	if n := len([]rune(shown)); n > 60 {
		t.Errorf("%d columns are shown", n)
	}
	if got := []rune(shown)[len(blanks)]; got != 'X' {
		t.Errorf("the mark is under %q", got)
	}
	for column, want := range map[int]string{1: "aaaaaaaa…", 18001: "…bbbbbbbb"} {
		if shown, _ := Excerpt(line, column, 10); shown != want {
			t.Errorf("column %d: got %q, want %q", column, shown, want)
		}
	}
}

func TestAnExcerptAlwaysFitsAndItsMarkIsRight(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := rapid.String().Draw(t, "line")
		column := rapid.IntRange(-1, 100).Draw(t, "column")
		width := rapid.IntRange(10, 60).Draw(t, "width")
		shown, blanks := Excerpt(line, column, width)
		if n := measure().StringWidth(shown); n > width {
			t.Fatalf("%q takes %d columns", shown, n)
		}
		if len(blanks) > width {
			t.Fatalf("the mark stands at column %d", len(blanks)+1)
		}
	})
}

func TestLinesEndBeforeTheTerminalDoes(t *testing.T) {
	text := strings.Repeat("four Wörter 日本 here ", 40)
	for _, width := range []int{40, 80, 133} {
		var out bytes.Buffer
		NewPlain(&out, width).Item(2, Span{Green, "✔"}, Span{Bold, "Applied:"}, Text(" %s", text))
		for line := range strings.Lines(out.String()) {
			if n := measure().StringWidth(strings.TrimRight(line, "\n")); n > width {
				t.Errorf("a line has %d columns of %d", n, width)
			}
		}
		if got := strings.Join(strings.Fields(out.String()), " "); got != "✔ Applied: "+strings.TrimSpace(text) {
			t.Errorf("words were lost: %q", got)
		}
	}
}

func TestAWordLongerThanALineStaysWhole(t *testing.T) {
	arn := "arn:aws:kms:us-east-1:111122223333:key/" + strings.Repeat("x", 60)
	var out bytes.Buffer
	NewPlain(&out, 80).Line(4, Text("the key %s is gone", arn))
	if want := "    the key\n    " + arn + "\n    is gone\n"; out.String() != want {
		t.Errorf("got\n%s", out.String())
	}
	out.Reset()
	NewPlain(&out, 80).Line(0, Text("%s", strings.Repeat("x", 50_000)))
	if n := len(out.String()); n > 500 {
		t.Errorf("%d bytes were written", n)
	}
}

func TestNoTextReachesTheTerminalAsACommand(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(
			rapid.String(),
			rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }),
			rapid.StringOf(rapid.RuneFrom([]rune("ab \x00\x07\x08\n\r\t\x1b[]\x7f\u0085\u009b\u200b\u202e\u2066\u2028\ufeff"))),
		).Draw(t, "text")
		var out bytes.Buffer
		s := NewPlain(&out, 80)
		s.Line(2, Text("%s", text))
		s.Item(2, Span{Red, text}, Text("%s", text))
		s.Verbatim(2, text)
		s.Caret(2, text, 1, 2, Red)
		for _, r := range out.String() {
			if r != '\n' && !unicode.IsGraphic(r) {
				t.Fatalf("%q was written: %q", r, out.String())
			}
		}
	})
}

func TestStylesAreWrittenOnlyWhereTheyCanBeSeen(t *testing.T) {
	f, err := os.Create(t.TempDir() + "/out")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if s := New(f); s.colour || s.Columns() < leastWidth {
		t.Errorf("a file has colour %v, %d columns", s.colour, s.Columns())
	}
	t.Setenv("COLUMNS", "133")
	if got := New(f).Columns(); got != 133 {
		t.Errorf("COLUMNS=133 makes %d columns", got)
	}
	var out bytes.Buffer
	s := &Screen{out: &out, columns: func() int { return 80 }, colour: true}
	s.Item(0, Span{Red, "✘"}, Span{Bold, "two words"}, Text(", \x1b[32mthree"))
	if want := "\x1b[31m✘\x1b[0m \x1b[1mtwo words\x1b[0m, \uFFFD[32mthree\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}
