package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "write what is seen into the case files")

// A case is a command, the files that it finds, and what it must print. Files
// are those sections that have a slash or a dot in their names.
func TestEachCommandPrintsWhatItsCaseSays(t *testing.T) {
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(here, "testdata", "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("looking for cases: found %d, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := runCase(t, archive)
			want := section(archive, "output")
			if *update {
				write(t, file, archive, got)
			} else if got != want {
				t.Errorf("%sgot:\n%s\nwant:\n%s", archive.Comment, got, want)
			}
		})
	}
}

func section(a *txtar.Archive, name string) string {
	for _, f := range a.Files {
		if f.Name == name {
			return string(f.Data)
		}
	}
	return ""
}

func runCase(t *testing.T, a *txtar.Archive) string {
	t.Helper()
	dir := t.TempDir()
	for _, f := range a.Files {
		if !strings.ContainsAny(f.Name, "./") {
			continue
		}
		path := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	var out, errs bytes.Buffer
	code := run(strings.Fields(section(a, "command")), streams{in: strings.NewReader(section(a, "stdin")), out: &out, err: &errs})
	return fmt.Sprintf("%s%sexit %d\n", out.String(), errs.String(), code)
}

func write(t *testing.T, file string, a *txtar.Archive, got string) {
	t.Helper()
	kept := a.Files[:0]
	for _, f := range a.Files {
		if f.Name != "output" {
			kept = append(kept, f)
		}
	}
	a.Files = append(kept, txtar.File{Name: "output", Data: []byte(got)})
	if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestColoursAreForTerminalsOrOnRequest(t *testing.T) {
	for _, test := range []struct {
		choice   string
		terminal bool
		want     bool
	}{{"auto", false, false}, {"auto", true, true}, {"always", false, true}, {"never", true, false}} {
		if got := newPalette(test.choice, test.terminal).red != ""; got != test.want {
			t.Errorf("-color %s with terminal %v: %v", test.choice, test.terminal, got)
		}
	}
}

func TestTheMarkStandsUnderThePlaceAlsoInLongAndStrangeLines(t *testing.T) {
	for _, test := range []struct {
		line   string
		column int
	}{{`{"a":1}`, 2}, {"\t\tx", 3}, {strings.Repeat("é", 500) + "X" + strings.Repeat("y", 500), 501}, {"\x1b[31mX", 6}, {"ab", 9}} {
		shown, mark := excerpt(test.line, test.column)
		if strings.ContainsAny(shown, "\x1b\t") || len([]rune(shown)) > 121 {
			t.Errorf("shown %q", shown)
		}
		want := []rune(test.line)
		at := len([]rune(mark))
		if test.column <= len(want) && want[test.column-1] > ' ' && []rune(shown)[at] != want[test.column-1] {
			t.Errorf("the mark under %q stands at %d", shown, at)
		}
	}
}

func TestTheNameOfAFileCannotSpeakToTheTerminal(t *testing.T) {
	t.Chdir(t.TempDir())
	name := "policy\x1b]0;title\x07\n.json"
	if err := os.WriteFile(name, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, format := range []string{"text", "github"} {
		var out, errs bytes.Buffer
		run([]string{"lint", "-format", format, name}, streams{in: strings.NewReader(""), out: &out, err: &errs})
		if got := out.String() + errs.String(); format == "text" && strings.ContainsAny(got, "\x1b\x07") || strings.Contains(got, "\n.json") || !strings.Contains(got, ".json") {
			t.Errorf("%s: %q", format, got)
		}
	}
}
