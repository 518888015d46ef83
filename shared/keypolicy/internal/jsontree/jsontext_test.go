//go:build goexperiment.jsonv2

package jsontree_test

import (
	"encoding/json/jsontext"
	"io"
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/jsontree"
)

// jsontext, the strict reader that Go is trying out, refuses duplicate names
// and bad UTF-8. Whatever it refuses must have a fault here too. It needs
// GOEXPERIMENT=jsonv2.
func FuzzWhatJSONTextRefusesHasAFault(f *testing.F) {
	for _, text := range []string{`{"a":1,"a":2}`, `{"a":1,"\u0061":2}`, "[\"\xc3\x28\"]", `["\udc00"]`, `[1]`, `{"a":{"b":[true]}}`, `[1e9999]`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		tree := jsontree.Parse(text)
		if len(tree.Faults) > 0 || len(tree.Nodes) == 0 {
			return
		}
		dec := jsontext.NewDecoder(strings.NewReader(text))
		if _, err := dec.ReadValue(); err != nil {
			t.Fatalf("jsontext refuses %q: %v", text, err)
		}
		if _, err := dec.ReadToken(); err != io.EOF {
			t.Fatalf("jsontext finds more in %q: %v", text, err)
		}
	})
}
