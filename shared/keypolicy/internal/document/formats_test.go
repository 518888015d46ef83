package document_test

import (
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
)

// TestWhatIsNoPolicyIsCalledByItsName reads texts and files that somebody may upload in
// place of a policy.
func TestWhatIsNoPolicyIsCalledByItsName(t *testing.T) {
	long := strings.Repeat(" ", 600)
	for text, want := range map[string]string{
		"":                                    "The file is empty",
		" \r\n\t":                             "only white space",
		"\x1f\x8b\x08":                        "gzip",
		"PK\x03\x04":                          "ZIP",
		"%PDF-1.7":                            "PDF",
		"\xff\xfe{\x00\"\x00":                 "UTF-16",
		"\xfe\xff\x00{\x00\"":                 "UTF-16",
		"{\x00\"\x00a\x00":                    "UTF-16",
		"\x00{\x00\"\x00a":                    "UTF-16",
		"{\x00\n\x00\t\x00 \x00":              "UTF-16",
		"\x7fELF\x00\xff":                     "binary",
		"{}" + long + "\xff\x00":              "", // a text with a fault
		"{\x00\x01\x00\xff":                   "binary",
		"\xff\xfe":                            "",
		"{\x00\"":                             "",
		"---\nVersion: x":                     "looks like YAML",
		"%YAML 1.2":                           "looks like YAML",
		"Version: 2012":                       "looks like YAML",
		"Version:\n  x":                       "looks like YAML",
		"Version:\r\n  x":                     "looks like YAML",
		"Version:x":                           "not a JSON object",
		"a b: c":                              "not a JSON object",
		"hello":                               "not a JSON object",
		"x = 1":                               "a program or HCL",
		"<html>":                              "a web page or XML",
		"```json\n{}":                         "Markdown",
		"+{":                                  "a diff",
		"@@ -1 +1 @@":                         "a diff",
		"resource \"aws_kms_key\" \"k\" {":    "HCL (Terraform)",
		"import json":                         "Python",
		"const p = {}":                        "JavaScript or TypeScript",
		"\"Version\": \"2012-10-17\"":         "without its braces",
		"\"{}\"":                              "inside a JSON string",
		"[{}]":                                "a JSON list",
		"[]":                                  "The text is [], which is not a policy",
		" null ":                              "The text is null, which is not a policy",
		"// a\n{}":                            "",
		"# a\n{}":                             "",
		"/* a\n * b */\n{}":                   "",
		"/x {}":                               "not a JSON object",
		"\ufeff":                              "",
		"\ufeff{}":                            "",
		"42":                                  "not a JSON object",
		"<<<<<<< a":                           "a merge conflict",
		"aws kms put-key-policy --policy '{}": "not a JSON object",
	} {
		var p document.Policy
		l, found := document.Read([]byte(text), document.MaxSize, &p)
		said := ""
		for _, f := range l.Findings() {
			said += f.Message + "\n"
		}
		if found || said == "" || !strings.Contains(said, want) {
			t.Errorf("%q: found is %v; want %q:\n%s", text, found, want, said)
		}
	}
}

func TestWhatIsTooLargeIsToldWhatToDo(t *testing.T) {
	policy := func(space, sid string) string {
		return `{"Version":` + space + `"2012-10-17","Id":"` + sid + `","Statement":[]}`
	}
	small := len(policy("", ""))
	for text, want := range map[string]string{
		policy(strings.Repeat(" ", document.MaxSize), "a\\\" b"):                  "Remove the white space",
		policy(strings.Repeat("\n", 20), strings.Repeat("x", document.MaxSize)):   "too many. Merge statements",
		policy(" ", strings.Repeat("x", document.MaxSize-small)):                  "Remove the white space",
		policy("\t", strings.Repeat("x", document.MaxSize-small+1)):               "too many. Merge statements",
		policy("", strings.Repeat(" ", document.MaxSize)):                         "too many. Merge statements",
		policy(strings.Repeat("\r", document.MaxSize), strings.Repeat("\\\\", 9)): "Remove the white space",
	} {
		var p document.Policy
		l, found := document.Read([]byte(text), document.MaxSize, &p)
		if findings := l.Findings(); found || len(findings) != 1 || !strings.Contains(findings[0].Message, want) {
			t.Errorf("%.60s…: %+v, want %q", text, findings, want)
		}
	}
	var p document.Policy
	if _, found := document.Read([]byte(policy("", strings.Repeat("x", document.MaxSize-small))), document.MaxSize, &p); !found {
		t.Error("the longest policy is refused")
	}
}
