package outcome

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// The limit of EventBridge is 256 KB for an entry with all its members.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html
const (
	maxRows   = 100
	maxDetail = 190 << 10 // bytes
	// maxText is the bytes that one text may take in JSON. It is more than any
	// name in AWS has, and so little that the texts beside the lists always fit.
	maxText = 4 << 10
)

// fitted returns detail as JSON that is small enough for a bus. Every text is
// cut that is longer than any should be, then the lists, whose left-out rows are
// counted in Truncated.
func fitted(detail Detail) ([]byte, error) {
	for rows := maxRows; ; rows /= 2 {
		detail.Data.cut(rows)
		b, err := json.Marshal(detail)
		if err != nil {
			return nil, fmt.Errorf("writing the result event: %w", err)
		}
		if b, err = CutTexts(b); err != nil {
			return nil, fmt.Errorf("writing the result event: %w", err)
		}
		if len(b) <= maxDetail || rows == 0 {
			return b, nil
		}
	}
}

func (d *Data) cut(rows int) {
	d.Findings = cutList(d, "findings", d.Findings, rows)
	d.Changes = cutList(d, "changes", d.Changes, rows)
	d.Access = cutList(d, "access", d.Access, rows)
}

func cutList[T any](d *Data, name string, list []T, rows int) []T {
	if len(list) <= rows {
		return list
	}
	left := map[string]int{}
	for n, rows := range d.Truncated {
		left[n] = rows
	}
	left[name] += len(list) - rows
	d.Truncated = left
	return list[:rows]
}

// CutTexts cuts the texts of a JSON document that are longer than any should be,
// whatever member they stand in.
func CutTexts(document []byte) ([]byte, error) {
	if !hasLongText(document) {
		return document, nil
	}
	var tree any
	d := json.NewDecoder(bytes.NewReader(document))
	d.UseNumber()
	if err := d.Decode(&tree); err != nil {
		return nil, err
	}
	return json.Marshal(cutTree(tree))
}

// hasLongText reports whether there is anything to cut, which is hardly ever.
func hasLongText(document []byte) bool {
	start := 0
	for i := 0; i < len(document); i++ {
		switch document[i] {
		case '\\':
			i++ // what is escaped ends no text
		case '"':
			if i-start > maxText {
				return true
			}
			start = i
		}
	}
	return false
}

func cutTree(v any) any {
	switch v := v.(type) {
	case string:
		return cutText(v)
	case []any:
		for i := range v {
			v[i] = cutTree(v[i])
		}
	case map[string]any:
		for name := range v {
			v[name] = cutTree(v[name])
		}
	}
	return v
}

// cutText returns s, or as much of it as fits in maxText bytes of JSON, and how
// long it was.
func cutText(s string) string {
	if jsonSize(s) <= maxText {
		return s
	}
	note := fmt.Sprintf("… (cut; it has %d bytes)", len(s))
	room := maxText - jsonSize(note)
	var kept strings.Builder
	for _, r := range s {
		if room -= jsonSize(string(r)); room < 0 {
			break
		}
		kept.WriteRune(r)
	}
	return kept.String() + note
}

// jsonSize is the bytes that s takes in JSON, without the quotation marks.
func jsonSize(s string) int {
	n := 0
	for _, r := range s {
		switch {
		case r < ' ' || r == '<' || r == '>' || r == '&' || r == '\u2028' || r == '\u2029' || r == utf8.RuneError:
			n += len(`\u0000`)
		case r == '"' || r == '\\':
			n += 2
		default:
			n += utf8.RuneLen(r)
		}
	}
	return n
}
