package lint

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy"
)

var index = regexp.MustCompile(`\[\d+\]`)

// fingerprint identifies a finding from run to run, so that code scanning does
// not report it anew when statements before it are added, or when the file is
// laid out anew. It is made of the rule, the file, the path without its numbers
// and the value that stands there; seen tells findings apart that are alike in
// all of that.
func fingerprint(v verdict, f keypolicy.Finding, seen map[string]int) string {
	same := strings.Join([]string{f.Rule, v.File, index.ReplaceAllString(f.Path, "[]"), valueAt(v.places, f.Line, f.Column)}, "\x00")
	seen[same]++
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d", same, seen[same]))
	return hex.EncodeToString(sum[:16])
}

// valueAt is the word or string that stands at a place.
func valueAt(places *cursor, line, column int) string {
	at, ok := places.find(line, column)
	if !ok {
		return ""
	}
	rest, _, _ := strings.Cut(string(places.text[at:min(len(places.text), at+near)]), "\n")
	if strings.HasPrefix(rest, `"`) {
		if end := strings.IndexByte(rest[1:], '"'); end >= 0 {
			return rest[:end+2]
		}
	}
	return rest[:strings.IndexAny(rest+" ", " \t,:{}[]\r")]
}
