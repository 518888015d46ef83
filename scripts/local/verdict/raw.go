package verdict

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
)

// Raw shows an event as it is on the bus. Every line of it, and no other line
// on the screen, is JSON: `sed -n '/^{/,/^}/p' | jq` reads it.
func (w Writer) Raw(event []byte) {
	var indented bytes.Buffer
	if json.Indent(&indented, event, "", "  ") != nil {
		indented.Write(event)
	}
	w.Screen.Verbatim(0, escaped(indented.String()))
}

// escaped writes what a terminal could act on in JSON's own way, so that the
// text stays the same JSON.
func escaped(text string) string {
	var out strings.Builder
	for _, r := range text {
		switch {
		case r == '\n' || unicode.IsGraphic(r):
			out.WriteRune(r)
		case r > 0xffff:
			high, low := (r-0x10000)>>10+0xd800, (r-0x10000)&0x3ff+0xdc00
			fmt.Fprintf(&out, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&out, `\u%04x`, r)
		}
	}
	return out.String()
}
