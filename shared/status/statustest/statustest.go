// Package statustest holds status objects against their published schema. Every
// status object that any test sees goes through it.
package statustest

import (
	"bytes"
	"fmt"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// compiled reads the schema once.
var compiled = sync.OnceValues(func() (*jsonschema.Schema, error) {
	_, here, _, _ := runtime.Caller(0)
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	return c.Compile(filepath.Join(filepath.Dir(here), "..", "schema", "status.json"))
})

// Check holds the text of a status object against the schema.
func Check(text []byte) error {
	schema, err := compiled()
	if err != nil {
		return err
	}
	instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return fmt.Errorf("reading the status: %w", err)
	}
	return schema.Validate(instance)
}
