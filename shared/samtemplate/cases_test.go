package samtemplate

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "rewrite what the cases expect")

// A case holds a template, perhaps parameters, and what comes of them: the
// stack as JSON, or the faults.
func TestCases(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases were found: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) { runCase(t, file) })
	}
}

func runCase(t *testing.T, file string) {
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	stack, err := Parse(section(archive, "template.yaml"), Options{Parameters: pairs(section(archive, "parameters"))})
	name, got := "stack", []byte(nil)
	if err != nil {
		name, got = "faults", []byte(err.Error()+"\n")
	} else {
		got = indented(t, stack)
	}
	if *update {
		rewrite(t, file, archive, name, got)
		return
	}
	if want := section(archive, name); !bytes.Equal(got, want) {
		t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
	}
}

func section(archive *txtar.Archive, name string) []byte {
	for _, file := range archive.Files {
		if file.Name == name {
			return file.Data
		}
	}
	return nil
}

func pairs(text []byte) map[string]string {
	m := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok {
			m[name] = value
		}
	}
	return m
}

func indented(t *testing.T, s *Stack) []byte {
	t.Helper()
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(text, '\n')
}

func rewrite(t *testing.T, file string, archive *txtar.Archive, name string, got []byte) {
	t.Helper()
	kept := archive.Files[:0]
	for _, f := range archive.Files {
		if f.Name != "stack" && f.Name != "faults" {
			kept = append(kept, f)
		}
	}
	archive.Files = append(kept, txtar.File{Name: name, Data: got})
	if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
		t.Fatal(err)
	}
}
