package invocation_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// rows are the faults and bad inputs that keysmith must survive, in the order
// in which they were collected. A test or a case of a table names the row that
// it is about.
func rows() map[int]string {
	return map[int]string{
		1: "the same event twice, one after the other", 2: "the same event twice, at once",
		3: "a newer upload's event comes first", 4: "A, then B, then A again while reads are stale",
		5: "an upload during the put", 6: "killed after the put, before the event",
		7: "killed after the event, before the acknowledgement", 8: "500, but applied",
		9: "500, and not applied", 10: "the connection drops after the put was applied",
		11: "a put lands late, over a newer one", 12: "stale reads",
		13: "flapping reads", 14: "read back stable but different",
		15: "the policy may not be read after the put", 16: "a storm of throttling",
		17: "the largest policy, and one byte more", 18: "a principal that was created a moment ago",
		19: "a principal that is deleted or never comes", 20: "KMS refuses a lockout",
		21: "only the function's own role keeps access", 22: "break-glass is allowed and then denied",
		23: "break-glass only under a condition", 24: "everybody, by one spelling or another",
		25: "an account that is not trusted", 26: "a wrong or missing Resource, a missing Action",
		27: "a member twice", 28: "bytes that are no clean text",
		29: "an empty object in all its shapes", 30: "something after the document, or inside it, that is no JSON",
		31: "too deep, too large", 32: "an object that cannot be read as it is",
		33: "a deleted object", 34: "the object may not be read, or is not there",
		35: "object keys outside the grammar", 36: "a multi-Region set's object beside a key's", 37: "targets that are somebody else's",
		38: "keys in every state", 39: "a key that does not exist",
		40: "events that are none of keysmith's business", 41: "one poison record in a batch",
		42: "the bus drops an entry, or is throttled", 43: "keysmith's own events come back to it",
		44: "old events are replayed", 45: "somebody changed the policy by hand",
		46: "the time is nearly over", 47: "a panic in one record",
		48: "expired credentials, a wrong clock", 49: "a protected key",
	}
}

func TestEveryRowHasACase(t *testing.T) {
	files, err := filepath.Glob("../*/*_test.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	named := map[int]bool{}
	mention := regexp.MustCompile(`(?:// Row|"row|t, "row|{"row) (\d+)\b`)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			for _, match := range mention.FindAllStringSubmatch(line, -1) {
				n, _ := strconv.Atoi(match[1]) // digits
				named[n] = true
			}
		}
	}
	all := rows()
	for n := range named {
		if all[n] == "" {
			t.Errorf("a case names row %d, which does not exist", n)
		}
	}
	var missing []string
	for n, what := range all {
		if !named[n] {
			missing = append(missing, strconv.Itoa(n)+": "+what)
		}
	}
	slices.Sort(missing)
	if len(missing) > 0 {
		t.Errorf("rows without a case:\n%s", strings.Join(missing, "\n"))
	}
}
