package functest

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/outcome"
)

// IDOf returns the Id of a policy, which is its name in tests.
func IDOf(text string) string {
	var p struct{ ID string }
	if json.Unmarshal([]byte(text), &p) != nil {
		return ""
	}
	return p.ID
}

// VersionOf returns the object version that e is about; empty if it is about none.
func VersionOf(e outcome.Event) string {
	if e.Detail.Data.Object == nil {
		return ""
	}
	return e.Detail.Data.Object.VersionID
}

// ReadEvent reads an event as it is on the bus.
func ReadEvent(t *testing.T, kind string, detail []byte) outcome.Event {
	t.Helper()
	e := outcome.Event{Source: outcome.Source, Type: outcome.Type(kind)}
	if err := json.Unmarshal(detail, &e.Detail); err != nil {
		t.Fatal(err)
	}
	return e
}

// Say returns an outcome in a word or two, such as Applied or Rejected LOCKOUT.
func Say(e outcome.Event) string {
	s := strings.TrimPrefix(string(e.Type), "KMS Key Policy ")
	if e.Detail.Data.Error != nil {
		s += " " + string(e.Detail.Data.Error.Code)
	}
	return s
}

// SayAll returns several outcomes, with commas between them.
func SayAll(events []outcome.Event) string {
	var list []string
	for _, e := range events {
		list = append(list, Say(e))
	}
	return strings.Join(list, ", ")
}
