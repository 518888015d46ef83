// Package outcometest holds result events against their published schemas.
// Every event that any test sees goes through it.
package outcometest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/keysmith/keysmith/shared/outcome"
)

var files = map[outcome.Type]string{
	outcome.Applied:       "applied.json",
	outcome.Rejected:      "rejected.json",
	outcome.Failed:        "failed.json",
	outcome.Planned:       "planned.json",
	outcome.DriftDetected: "drift-detected.json",
	outcome.DriftResolved: "drift-resolved.json",
}

// compiled reads all schemas once.
var compiled = sync.OnceValues(func() (map[string]*jsonschema.Schema, error) {
	_, here, _, _ := runtime.Caller(0)
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	schemas := map[string]*jsonschema.Schema{}
	for _, file := range files {
		schema, err := c.Compile(filepath.Join(filepath.Dir(here), "..", "schema", file))
		if err != nil {
			return nil, fmt.Errorf("compiling %s: %w", file, err)
		}
		schemas[file] = schema
	}
	return schemas, nil
})

// Check holds the detail of a result event against the schema of its type.
func Check(t outcome.Type, detail []byte) error {
	file, ok := files[t]
	if !ok {
		return fmt.Errorf("no schema for %q", t)
	}
	schemas, err := compiled()
	if err != nil {
		return err
	}
	instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(detail))
	if err != nil {
		return fmt.Errorf("reading the event: %w", err)
	}
	return schemas[file].Validate(instance)
}

// Valid fails the test where e is not what its schema promises.
func Valid(t testing.TB, e outcome.Event) {
	t.Helper()
	detail, err := json.Marshal(e.Detail)
	if err != nil {
		t.Fatal(err)
	}
	if err := Check(e.Type, detail); err != nil {
		t.Errorf("%s breaks its schema: %v\n%s", e.Type, err, detail)
	}
}
