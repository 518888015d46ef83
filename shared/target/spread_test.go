package target

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/keysmith/keysmith/shared/objectkey"
)

func TestSpreadTakesOneOfEachPlaceInTurn(t *testing.T) {
	key := func(i int) string { return fmt.Sprintf("%08x-0000-4000-8000-000000000000", i) }
	list := []string{
		objectkey.ForKey(other, "eu-west-1", key(1)), objectkey.ForKey(other, "eu-west-1", key(2)), objectkey.ForKey(other, "eu-west-1", key(3)),
		objectkey.ForKey(other, "us-east-1", key(4)), objectkey.For(key(5)), objectkey.For(key(6)), "not a name",
	}
	want := []string{list[0], list[3], list[4], list[1], list[5], list[2], list[6]}
	got := Spread(list, func(s string) string { return s })
	if i := slices.Index(got, "not a name"); i < 0 {
		t.Errorf("what is no name is lost: %q", got)
	}
	want = slices.DeleteFunc(want, func(s string) bool { return s == "not a name" })
	got = slices.DeleteFunc(got, func(s string) bool { return s == "not a name" })
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

// Nothing is lost or repeated, the order within a place stays, and no place is
// served twice while another one waits.
func TestSpreadIsFair(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		places := rapid.SliceOfN(rapid.IntRange(0, 5), 0, 60).Draw(t, "places")
		type one struct{ place, n int }
		var list []one
		for n, place := range places {
			list = append(list, one{place, n})
		}
		got := Spread(list, func(o one) string {
			return objectkey.ForKey(fmt.Sprintf("4444%08d", o.place), "eu-west-1", "1234abcd-12ab-34cd-56ef-1234567890ab")
		})
		left, served, last := map[int]int{}, map[int]int{}, map[int]int{}
		for _, o := range list {
			left[o.place]++
			last[o.place] = -1
		}
		for _, o := range got {
			if o.n <= last[o.place] {
				t.Fatalf("the order of place %d changes: %v", o.place, got)
			}
			last[o.place] = o.n
			for p, n := range left {
				if n > 0 && served[p] < served[o.place] {
					t.Fatalf("place %d is served while %d waits: %v", o.place, p, got)
				}
			}
			left[o.place]--
			served[o.place]++
		}
		if len(got) != len(list) {
			t.Fatalf("%d of %d are left", len(got), len(list))
		}
	})
}
