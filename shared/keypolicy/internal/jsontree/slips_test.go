package jsontree_test

import (
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/jsontree"
)

var update = flag.Bool("update", false, "write what is seen into testdata/slips.txt")

var codes = [...]string{"syntax", "missing comma", "trailing comma", "single quotes", "curly quotes", "comment", "control character", "trailing data",
	"too deep", "invalid UTF-8", "lone surrogate", "character", "duplicate"}

// TestEachSlipIsToldAsItIsListed reads each text of testdata/slips.txt, a Go string a
// line, and compares what is said of it with the lines below: the offset, the kind, and
// the words. Add a line with a text and run with -update for another one.
func TestEachSlipIsToldAsItIsListed(t *testing.T) {
	const list = "testdata/slips.txt"
	want, err := os.ReadFile(list)
	if err != nil {
		t.Fatalf("reading the list of slips: %v", err)
	}
	var got strings.Builder
	for line := range strings.Lines(string(want)) {
		text, err := strconv.Unquote(strings.TrimSpace(line))
		if err != nil {
			continue // what is said of the text before
		}
		tree := jsontree.Parse(text)
		checkShape(t, tree)
		said := ""
		for _, f := range tree.Faults {
			said += fmt.Sprintf("\t%d %s %s\n", f.At, codes[f.Code], strings.ReplaceAll(strconv.Quote(f.Detail), `\"`, `"`))
		}
		got.WriteString(line + said)
		if !*update && !strings.Contains(string(want), "\n"+line+said) && !strings.HasPrefix(string(want), line+said) {
			t.Errorf("%sgot:\n%s", line, said)
		}
	}
	switch {
	case *update:
		if err := os.WriteFile(list, []byte(got.String()), 0o644); err != nil {
			t.Fatalf("writing the list of slips: %v", err)
		}
	case got.Len() == 0 || got.String() != string(want):
		t.Errorf("%s has lines that nothing says", list)
	}
}
