package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// bill writes which modules a program was made of, as CycloneDX. cyclonedx-gomod
// reads them from the program itself, so they are those of its platform.
func (r *release) bill(ctx context.Context, name string, binary []byte) error {
	if r.sbom == "" {
		return nil
	}
	scratch, err := os.MkdirTemp("", "keysmith-release")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch) //nolint:errcheck // a folder that stays behind harms nobody
	program := filepath.Join(scratch, "program")
	if err := os.WriteFile(program, binary, 0o600); err != nil {
		return err
	}
	text, err := r.run(ctx, nil, r.sbom, "bin", "-json", "-noserial", "-notimestamp", "-std", "-version", r.version, program)
	if err != nil {
		return fmt.Errorf("writing the bill of materials of %s: %w", name, err)
	}
	plain, err := withoutTheTool([]byte(text))
	if err != nil {
		return fmt.Errorf("reading the bill of materials of %s: %w", name, err)
	}
	return os.WriteFile(r.path(name+".cdx.json"), plain, 0o600)
}

// withoutTheTool removes the digests of the program that wrote the bill. They
// tell where that program was built, and differ from machine to machine.
func withoutTheTool(bill []byte) ([]byte, error) {
	var all map[string]any
	if err := json.Unmarshal(bill, &all); err != nil {
		return nil, err
	}
	metadata, _ := all["metadata"].(map[string]any)
	tools, _ := metadata["tools"].([]any)
	for _, t := range tools {
		if tool, ok := t.(map[string]any); ok {
			delete(tool, "hashes")
		}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(all)
	return b.Bytes(), err
}
