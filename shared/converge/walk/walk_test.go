package walk_test

import (
	"slices"
	"testing"

	"github.com/keysmith/keysmith/shared/converge/walk"
)

// counter goes from 0 by one or two, up to 5; 4 leads to 6 and back only.
func counter(broken func(*int) string, stranded string) walk.Model[int, string] {
	return walk.Model[int, string]{
		Moves: func(s *int) []walk.Move[int, string] {
			switch *s {
			case 4:
				return []walk.Move[int, string]{{To: 6, Who: 2, Text: "turns"}}
			case 6:
				return []walk.Move[int, string]{{To: 4, Text: "turns back"}}
			case 5:
				return nil
			}
			return []walk.Move[int, string]{{To: *s + 1, Who: 1, Text: "adds %d", Args: []any{1}}, {To: *s + 2, Text: "adds %d", Args: []any{2}}}
		},
		Broken:   broken,
		AtRest:   func(s *int) bool { return *s == 5 },
		Stranded: stranded,
	}
}

func TestAWalkSeesEachStateAndTheShortestTrace(t *testing.T) {
	fine := func(*int) string { return "" }
	if r := walk.Through(counter(fine, "")); r.States != 7 || r.Rests != 1 || r.Broken != "" || r.Trace != nil {
		t.Errorf("%+v", r)
	}
	r := walk.Through(counter(func(s *int) string {
		if *s == 3 {
			return "three"
		}
		return ""
	}, ""))
	if want := []string{"worker 1  adds 1", "world     adds 2"}; r.Broken != "three" || !slices.Equal(r.Trace, want) {
		t.Errorf("%+v, want %q", r, want)
	}
	r = walk.Through(counter(fine, "rests"))
	if want := []string{"world     adds 2", "world     adds 2"}; r.Broken != "rests" || !slices.Equal(r.Trace, want) {
		t.Errorf("%+v, want %q", r, want)
	}
}

func TestAMoveCanBreakAPromise(t *testing.T) {
	m := counter(func(*int) string { return "" }, "")
	moves := m.Moves
	m.Moves = func(s *int) []walk.Move[int, string] {
		out := moves(s)
		if *s == 2 {
			out[1].Broken = "jumps"
		}
		return out
	}
	if r := walk.Through(m); r.Broken != "jumps" || !slices.Equal(r.Trace, []string{"world     adds 2", "world     adds 2"}) {
		t.Errorf("%+v", r)
	}
}
