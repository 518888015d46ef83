package document

import (
	"fmt"
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/jsontree"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/phrase"
	"github.com/keysmith/keysmith/shared/keypolicy/internal/rule"
)

func tooLarge(text []byte) string {
	size := len(text)
	if without := compact(text); without <= MaxSize {
		return fmt.Sprintf("The policy has %d bytes, and KMS takes %d at most. Without the white space between its parts it has %d: write it without, for example with jq -c.", size, MaxSize, without)
	}
	return fmt.Sprintf("The policy has %d bytes, and KMS takes %d at most: %d too many. Merge statements, or replace lists of principals by a condition.", size, MaxSize, size-MaxSize)
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
func (c *builder) faults() {
	for _, f := range c.p.Tree.Faults {
		broken, message := faultText(f)
		if f.Code == jsontree.TrailingData && strings.TrimSpace(c.Source[f.At:]) == "default" {
			message = "After the policy stands its name, as in the text output of aws kms get-key-policy: ask for the policy alone, with --query Policy --output text."
		}
		c.Add(broken, f.At, f.Node, message)
	}
}

func faultText(f jsontree.Fault) (*rule.Rule, string) {
	switch f.Code {
	case jsontree.MissingComma:
		return &rule.MissingComma, "A comma is missing here, before the next entry."
	case jsontree.TrailingComma:
		return &rule.TrailingComma, "This comma stands after the last entry; take it away."
	case jsontree.SingleQuotes:
		return &rule.SingleQuotes, "This string stands in single quotes, as in Python or YAML; JSON takes straight double quotes (\") only, here and from here on."
	case jsontree.CurlyQuotes:
		return &rule.CurlyQuotes, "This string stands in typographic quotes; JSON takes straight double quotes (\") only, here and from here on."
	case jsontree.Comment:
		return &rule.Comment, "JSON has no comments; take this one away, and say in the Sid what the statement is for."
	case jsontree.RawControl:
		return &rule.RawControl, "The string holds " + f.Detail + ", and a JSON string stays on one line; join the lines or write an escape."
	case jsontree.TrailingData:
		return &rule.TrailingData, "The policy is over, but the text goes on; take the rest away, so that there is one object."
	case jsontree.TooDeep:
		return &rule.TooDeep, fmt.Sprintf("The text nests deeper than %d levels, and a policy needs six; look for a bracket that is not closed.", jsontree.MaxDepth)
	case jsontree.InvalidUTF8:
		return &rule.InvalidUTF8, "The byte " + f.Detail + " is not UTF-8 here; save the file as UTF-8."
	case jsontree.LoneSurrogate:
		return &rule.LoneSurrogate, "The escape " + f.Detail + " is half of a pair and no character; write the character that was meant."
	case jsontree.BadCharacter:
		return &rule.Character, badCharacter([]rune(f.Detail)[0])
	case jsontree.DuplicateMember:
		return &rule.DuplicateMember, duplicateText(f.Detail)
	}
	return &rule.Syntax, "This is not JSON: " + f.Detail + "."
}

func duplicateText(name string) string {
	return "The same object has a member " + phrase.Quote(name) + " already, and readers disagree which of the two counts; keep one."
}

// lookAlikes are characters that word processors write, with what was meant.
const lookAlikes = "“\"”\"„\"‘'’'‚'–-—-−-‐-‑-…. \u2009 \u202f \u3000 \u200b \ufeff "

func badCharacter(r rune) string {
	message := fmt.Sprintf("The character U+%04X", r)
	if r > ' ' {
		message = fmt.Sprintf("The character “%c” (U+%04X)", r, r)
	}
	message += " is outside of what KMS takes (U+0020 to U+00FF, tab and line breaks)"
	alike := []rune(lookAlikes)
	for i := 0; i+1 < len(alike); i += 2 {
		if alike[i] == r {
			return message + fmt.Sprintf("; write “%c” instead.", alike[i+1])
		}
	}
	return message + "; write it with plain letters."
}
