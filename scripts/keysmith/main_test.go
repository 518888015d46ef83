package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/keysmith/keysmith/scripts/keysmith/internal/scripttest"
)

var update = flag.Bool("update", false, "write what is seen into the script files")

// program is the folder that holds the program, built as `make build` does it.
var program string

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(buildAndRun(m))
}

func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "keysmith")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	program = dir
	if out, err := exec.Command("go", "build", "-o", filepath.Join(dir, "keysmith"), ".").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "building keysmith: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// A script is one scenario: what a person types and what the program answers.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:           filepath.Join("testdata", "script"),
		UpdateScripts: *update,
		Setup: func(e *testscript.Env) error {
			e.Setenv("PATH", program+string(os.PathListSeparator)+e.Getenv("PATH"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":  exits,
			"fill":   fill,
			"escape": escape,
		},
	})
}

var exits = scripttest.Exits

// fill copies a file and replaces a word by so many copies of another:
// fill in.json out.json BLANKS 20000 ' '.
func fill(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[3])
	ts.Check(err)
	text := strings.ReplaceAll(ts.ReadFile(args[0]), args[2], strings.Repeat(args[4], n))
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text), 0o600))
}

// escape copies a file under a name in which \e stands for the character that
// begins the commands of a terminal.
func escape(ts *testscript.TestScript, _ bool, args []string) {
	name := strings.ReplaceAll(args[1], `\e`, "\x1b")
	ts.Check(os.WriteFile(ts.MkAbs(name), []byte(ts.ReadFile(args[0])), 0o600))
}
