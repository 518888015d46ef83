package main

import (
	"slices"
	"testing"
)

func TestOfEachKindIsTheSampleWithTheShortestName(t *testing.T) {
	got := ofEachKind([]string{"request-inline", "request-object", "upload-refused", "upload", "heartbeat"})
	if want := []string{"heartbeat", "request-inline", "upload"}; !slices.Equal(got, want) {
		t.Errorf("%v; want %v", got, want)
	}
}

func TestEveryKindOfEventIsInvoked(t *testing.T) {
	names, err := chosen("../../../events", "")
	if err != nil {
		t.Fatal(err)
	}
	some := ofEachKind(names)
	if len(some) < 10 || len(some) == len(names) || !slices.Contains(some, "upload") {
		t.Errorf("of %d samples: %v", len(names), some)
	}
}
