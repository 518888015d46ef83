package document

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/jsontree"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/rule"
)

// encoding looks at how the text is written before anything is made of it. It
// returns the text to parse, and false where that would lead nowhere.
func (c *builder) encoding() (string, bool) {
	text := c.Source
	if sentence := binaryFormat(text); sentence != "" {
		c.Add(&rule.NotJSON, 0, jsontree.None, sentence)
		return text, false
	}
	body := text
	if strings.HasPrefix(text, "\ufeff") {
		c.Add(&rule.ByteOrderMark, 0, jsontree.None, "The text begins with a byte order mark (U+FEFF), which KMS does not accept. Save the file as UTF-8 without BOM.")
		body = text[len("\ufeff"):]
	}
	start := strings.TrimLeft(body, " \t\r\n")
	if start == "" {
		c.Add(&rule.NoPolicy, 0, jsontree.None, emptyText(text))
		return body, false
	}
	if start[0] == '{' {
		return body, true
	}
	kind, sentence := &rule.NotJSON, otherFormat(start)
	switch trimmed := strings.TrimSpace(start); {
	case trimmed == "[]" || trimmed == "null":
		kind, sentence = &rule.NoPolicy, "The text is "+trimmed+", which is not a policy, and an upload without a policy never removes access. Write the whole policy as an object."
	case start[0] == '/' || start[0] == '#':
		if json := strings.IndexByte(start, '{'); json >= 0 && onlyComments(start[:json]) {
			return body, true
		}
	}
	c.Add(kind, int32(len(body)-len(start)), jsontree.None, sentence)
	return body, false
}

func emptyText(text string) string {
	if text == "" {
		return "The file is empty, and an upload without a policy never removes access. Write the whole policy."
	}
	return "The file contains only white space, and an upload without a policy never removes access. Write the whole policy."
}

func onlyComments(s string) bool {
	for line := range strings.Lines(s) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "//") && !strings.HasPrefix(line, "/*") && !strings.HasPrefix(line, "*") {
			return false
		}
	}
	return true
}

// binaryFormat recognises what is no UTF-8 text by its first bytes.
func binaryFormat(s string) string {
	switch {
	case strings.HasPrefix(s, "\x1f\x8b"):
		return "The file is compressed with gzip. Upload the policy uncompressed."
	case strings.HasPrefix(s, "PK\x03\x04"):
		return "The file is a ZIP archive. Upload the policy itself."
	case isUTF16(s):
		return "The file is in UTF-16. Save it as UTF-8 without BOM."
	case strings.HasPrefix(s, "%PDF"):
		return "The file is a PDF document. Upload the policy as JSON text."
	case !utf8.ValidString(s) && strings.Contains(s[:min(len(s), binaryHead)], "\x00"):
		return "The file is binary and no text. Write the policy as JSON text in UTF-8."
	}
	return ""
}

const binaryHead = 512 // bytes in which a binary file has a NUL

// isUTF16 reports a text whose characters are those of a JSON text in UTF-16: it
// begins in ASCII, and has no control characters.
func isUTF16(s string) bool {
	low, high := 0, 1 // where the bytes of a character are, the lower one first
	switch {
	case strings.HasPrefix(s, "\xff\xfe"):
		s = s[2:]
	case strings.HasPrefix(s, "\xfe\xff"):
		s, low, high = s[2:], 1, 0
	case len(s) > 3 && s[0] == 0:
		low, high = 1, 0
	case len(s) <= 3:
		return false
	}
	s = s[:min(len(s), binaryHead)]
	for i := 0; i+1 < len(s); i += 2 {
		a, b := s[i+low], s[i+high]
		if b == 0 && unicode.IsControl(rune(a)) && !strings.ContainsRune("\t\r\n", rune(a)) || i < 4 && b != 0 {
			return false
		}
	}
	return true
}

// otherFormat names what the text looks like, and the way out.
func otherFormat(s string) string {
	for _, f := range formats {
		for _, begin := range f.begins {
			if strings.HasPrefix(s, begin) {
				return "The text looks like " + f.name + ", and a policy is a JSON object. " + f.remedy + "."
			}
		}
	}
	first, _, _ := strings.Cut(s, "\n")
	if name, value, found := strings.Cut(first, ":"); found && !strings.ContainsAny(name, " \"{[(") && (value == "" || value[0] == ' ' || value[0] == '\r') {
		return "The text looks like YAML, and a policy is a JSON object. Convert it, for example with yq -o=json."
	}
	if _, _, found := strings.Cut(first, "="); found {
		return "The text looks like a program or HCL, and a policy is a JSON object. Write the object itself."
	}
	return "The text is not a JSON object. A policy begins with “{”."
}

var formats = [...]struct {
	name, remedy string
	begins       []string
}{
	{"a file with a merge conflict in it", "Keep one side, and delete the marks", []string{"<<<<<<<"}},
	{"Markdown", "Delete the lines with three backquotes", []string{"```"}},
	{"a diff", "Upload the file itself", []string{"+{", "-{", "+ {", "diff ", "@@ "}},
	{"YAML", "Convert it, for example with yq -o=json", []string{"---", "%YAML", "- "}},
	{"a web page or XML", "Download the policy itself: a page like this is often an error message", []string{"<"}},
	{"HCL (Terraform)", "Use the JSON of the policy document that terraform show -json prints", []string{"resource ", "data ", "variable ", "locals ", "module ", "jsonencode(", "policy = <<"}},
	{"Python", "Print it with json.dumps", []string{"import ", "from ", "def ", "json.dumps", "policy = {", "#!/usr/bin/env python", "dict("}},
	{"JavaScript or TypeScript", "Print it with JSON.stringify", []string{"const ", "let ", "var ", "export ", "module.exports"}},
	{"a policy without its braces", "Write { before it and } after it", []string{`"Statement"`, `"Version"`, `"Id"`, `"Sid"`, `"Effect"`}},
	{"a policy inside a JSON string", "Delete the outer quotes and the backslashes", []string{"\""}},
	{"a JSON list", "Write one policy object, with the statements in a list under \"Statement\"", []string{"["}},
}
