package document

import (
	"fmt"
	"slices"
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/jsontree"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/phrase"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/rule"
)

func tooLarge(text []byte) string {
	size := len(text)
	if without := compact(text); without <= MaxSize {
		return fmt.Sprintf("The policy has %d bytes, and KMS accepts %d. Without the white space between its elements it has %d. Remove the white space, for example with jq -c.", size, MaxSize, without)
	}
	return fmt.Sprintf("The policy has %d bytes, and KMS accepts %d: %d too many. Merge statements, or replace lists of principals with a condition.", size, MaxSize, size-MaxSize)
}

// compact counts the bytes of a JSON text without the white space that stands
// between its parts.
func compact(text []byte) int {
	n, inString := 0, false
	for i := 0; i < len(text); i++ {
		switch b := text[i]; {
		case inString && b == '\\':
			n++
			i++
		case b == '"':
			inString = !inString
		case !inString && (b == ' ' || b == '\t' || b == '\n' || b == '\r'):
			continue
		}
		n++
	}
	return n
}

// faults turns what the reader met into findings.
func (c *builder) faults(except ...jsontree.Code) {
	for _, f := range c.p.Tree.Faults {
		if slices.Contains(except, f.Code) {
			continue
		}
		broken, message := faultText(f)
		if f.Code == jsontree.TrailingData && strings.TrimSpace(c.Source[f.At:]) == "default" {
			message = "The name of the policy follows it, as in the text output of aws kms get-key-policy. Get the policy without it: add --query Policy --output text."
		}
		c.Add(broken, f.At, f.Node, message)
	}
}

func faultText(f jsontree.Fault) (*rule.Rule, string) {
	switch f.Code {
	case jsontree.MissingComma:
		return &rule.MissingComma, "A comma is missing before the next entry. Add it here."
	case jsontree.TrailingComma:
		return &rule.TrailingComma, "This comma follows the last entry, and JSON does not allow that. Delete it."
	case jsontree.SingleQuotes:
		return &rule.SingleQuotes, "This string is in single quotes, as in Python or YAML, and JSON allows straight double quotes (\") only. Replace the quotes here and in the rest of the text."
	case jsontree.CurlyQuotes:
		return &rule.CurlyQuotes, "This string is in typographic quotes, and JSON allows straight double quotes (\") only. Replace the quotes here and in the rest of the text."
	case jsontree.Comment:
		return &rule.Comment, "JSON has no comments. Delete this one, and use the Sid to say what the statement is for."
	case jsontree.RawControl:
		return &rule.RawControl, "The string contains " + f.Detail + ", and a JSON string cannot. Join the lines, or write an escape such as \\n."
	case jsontree.TrailingData:
		return &rule.TrailingData, "The policy ends before this, and the text continues. Delete the rest, so that the text is one object."
	case jsontree.TooDeep:
		return &rule.TooDeep, fmt.Sprintf("The text is nested deeper than %d levels, and a policy needs six. Close the bracket that is missing.", jsontree.MaxDepth)
	case jsontree.InvalidUTF8:
		return &rule.InvalidUTF8, "The byte " + f.Detail + " is not valid UTF-8 at this place. Save the file as UTF-8."
	case jsontree.LoneSurrogate:
		return &rule.LoneSurrogate, "The escape " + f.Detail + " is half of a surrogate pair and not a character. Write the whole character."
	case jsontree.BadCharacter:
		return &rule.Character, badCharacter([]rune(f.Detail)[0])
	case jsontree.DuplicateMember:
		return &rule.DuplicateMember, duplicateText(f.Detail)
	}
	return &rule.Syntax, "The text is not valid JSON: " + f.Detail + "."
}

func duplicateText(name string) string {
	return "The object already has a member " + phrase.Quote(name) + ", and programs disagree which of the two counts. Keep one."
}

// lookAlikes are characters that word processors write, with what was meant.
const lookAlikes = "“\"”\"„\"‘'’'‚'–-—-−-‐-‑-…. \u2009 \u202f \u3000 \u200b \ufeff "

func badCharacter(r rune) string {
	message := fmt.Sprintf("The character U+%04X", r)
	if r > ' ' {
		message = fmt.Sprintf("The character “%c” (U+%04X)", r, r)
	}
	message += " is not one that KMS accepts (U+0020 to U+00FF, tab and line breaks)."
	alike := []rune(lookAlikes)
	for i := 0; i+1 < len(alike); i += 2 {
		if alike[i] == r {
			return message + fmt.Sprintf(" Write “%c”.", alike[i+1])
		}
	}
	return message + " Write a plain character."
}
