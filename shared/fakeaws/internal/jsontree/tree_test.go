package jsontree_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/keysmith/keysmith/shared/fakeaws/internal/jsontree"
)

func value(depth int) *rapid.Generator[any] {
	scalars := []*rapid.Generator[any]{
		rapid.Just[any](nil), rapid.Bool().AsAny(), rapid.String().AsAny(),
		rapid.Map(rapid.IntRange(-1000, 1000), func(n int) any { return float64(n) }),
	}
	if depth == 0 {
		return rapid.OneOf(scalars...)
	}
	return rapid.OneOf(append(scalars,
		rapid.SliceOfN(value(depth-1), 0, 4).AsAny(),
		rapid.MapOfN(rapid.String(), value(depth-1), 0, 4).AsAny())...)
}

func TestTheLayoutOfKMSMeansTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text, err := json.Marshal(value(4).Draw(t, "value"))
		if err != nil {
			t.Fatal(err)
		}
		tree, err := jsontree.Parse(string(text))
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		printed := tree.Print()
		var before, after any
		if err := json.Unmarshal(text, &before); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(printed), &after); err != nil || !reflect.DeepEqual(before, after) {
			t.Fatalf("%s became %s (%v)", text, printed, err)
		}
		again, err := jsontree.Parse(printed)
		if err != nil || again.Print() != printed {
			t.Fatalf("printed twice it differs: %s", printed)
		}
	})
}

func TestRepeatedMembersAreKept(t *testing.T) {
	tree, err := jsontree.Parse(`{"Effect": "Allow", "Action": ["a"], "Effect": "Deny", "Action": "b"}`)
	if err != nil {
		t.Fatal(err)
	}
	if tree.Get("Effect").Text != "Deny" || len(tree.All("Action")) != 2 || strings.Count(tree.Print(), "Effect") != 2 {
		t.Errorf("got %s", tree.Print())
	}
}

func TestTextThatIsNotOneValueIsRefused(t *testing.T) {
	for _, text := range []string{"", "{", "[1,", `{"a":}`, `{} {}`, `{"a":1,}`, "nope", strings.Repeat("[", 10_000)} {
		if _, err := jsontree.Parse(text); err == nil {
			t.Errorf("%.20q is taken", text)
		}
	}
}
