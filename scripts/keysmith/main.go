// Command keysmith looks at key policies from the command line.
//
// It exists so that a policy can be judged where it is written: on a laptop, in
// a pre-commit hook, in a pull request. It runs the very code that the functions
// run, so the two never disagree.
//
//	keysmith lint [flags] [file | folder | -]...
//	keysmith diff [flags] old new
//
// It exits with 0 where all is well, 1 where a policy would be refused (lint) or
// the two differ (diff), and 2 where it was called wrongly or a file could not
// be read.
package main

import (
	"fmt"
	"io"
	"os"
	"time"
)

const (
	exitFine    = 0
	exitRefused = 1
	exitUsage   = 2
)

const usage = `usage:
  keysmith lint [flags] [file | folder | -]...   judge key policies
  keysmith diff [flags] old new                  what changes, and who gains or loses access

Each command tells its flags with -h.
`

// streams are what a command reads and writes, so that tests need no process.
type streams struct {
	in       io.Reader
	out, err io.Writer
	colour   bool // whether out is a terminal that shows colours
	now      time.Time
}

func main() {
	s := streams{in: os.Stdin, out: os.Stdout, err: os.Stderr, colour: isTerminal(os.Stdout), now: time.Now()}
	os.Exit(run(os.Args[1:], s))
}

func run(args []string, s streams) int {
	if len(args) == 0 {
		fmt.Fprint(s.err, usage)
		return exitUsage
	}
	switch args[0] {
	case "lint":
		return lint(args[1:], s)
	case "diff":
		return diff(args[1:], s)
	case "help", "-h", "-help", "--help":
		fmt.Fprint(s.out, usage)
		return exitFine
	}
	fmt.Fprintf(s.err, "keysmith: there is no command %q\n%s", args[0], usage)
	return exitUsage
}

// isTerminal reports whether f shows colours. NO_COLOR turns them off, as it
// does everywhere.
func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

// fail reports why a command cannot go on.
func fail(s streams, err error) int {
	fmt.Fprintln(s.err, "keysmith:", err)
	return exitUsage
}
