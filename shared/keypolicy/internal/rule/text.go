package rule

const (
	linkPut     = "https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html"
	linkGrammar = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html"
	linkLimits  = "https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html"
	linkPolicy  = "https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html"
)

var textRules = []*Rule{
	&TooLarge, &NoPolicy, &NotJSON, &OtherDocument, &ByteOrderMark, &InvalidUTF8, &LoneSurrogate,
	&Character, &Syntax, &MissingComma, &TrailingComma, &SingleQuotes, &CurlyQuotes,
	&Comment, &RawControl, &TrailingData, &TooDeep, &DuplicateMember, &MoreFindings,
}

// The rules about the text before it is a policy.
var (
	TooLarge = Rule{ID: "policy-too-large", Severity: Error, Class: ClassSize, Link: linkLimits,
		Title:  "The policy is larger than 32,768 bytes",
		Why:    "KMS takes key policies of at most 32 KB. Counting bytes rather than characters at the limit is a house rule.",
		Remedy: "Merge statements, replace lists of principals by a condition on aws:PrincipalArn or aws:PrincipalOrgID, or use grants."}
	NoPolicy = Rule{ID: "policy-empty", Severity: Error, Class: ClassInvalid, Link: linkPolicy,
		Title:  "There is no policy in the text",
		Why:    "An empty file, {}, [] or null is more likely a failed upload than a wish; it never removes access.",
		Remedy: "Write the whole policy."}
	NotJSON = Rule{ID: "not-json", Severity: Error, Class: ClassInvalid, Link: linkGrammar,
		Title:  "The text is something else than a JSON object",
		Why:    "KMS takes a JSON object only: no YAML, no HCL, no compressed file, no text in UTF-16.",
		Remedy: "Convert the text to a JSON object in UTF-8."}
	OtherDocument = Rule{ID: "not-a-key-policy", Severity: Error, Class: ClassInvalid, Link: linkPolicy,
		Title:  "The document is something else than a key policy",
		Why:    "KMS takes a key policy alone, with nothing around it. Templates, requests, answers and policies of other kinds are not one.",
		Remedy: "Write the key policy itself; the message says where to find it."}
	ByteOrderMark = Rule{ID: "byte-order-mark", Severity: Error, Class: ClassInvalid, Link: linkPut,
		Title:  "The text begins with a byte order mark",
		Why:    "The mark is a character that KMS does not take, though most editors hide it.",
		Remedy: "Save the file as UTF-8 without BOM."}
	InvalidUTF8 = Rule{ID: "invalid-utf8", Severity: Error, Class: ClassInvalid, Link: linkPut,
		Title:  "A byte is not valid UTF-8",
		Why:    "What the byte stands for is guesswork, and each reader guesses differently.",
		Remedy: "Save the file as UTF-8."}
	LoneSurrogate = Rule{ID: "lone-surrogate", Severity: Error, Class: ClassInvalid, Link: linkPut,
		Title:  "An escape is half of a surrogate pair",
		Why:    "Half a pair is no character; readers silently replace it by different things.",
		Remedy: "Write the character that was meant."}
	Character = Rule{ID: "character-not-allowed", Severity: Error, Class: ClassInvalid, Link: linkPut,
		Title:  "A character is outside of what KMS takes",
		Why:    "KMS takes tab, line feed, carriage return and U+0020 to U+00FF. Holding escaped characters to the same range is a house rule.",
		Remedy: "Use a plain character."}
	Syntax = Rule{ID: "json-syntax", Severity: Error, Class: ClassInvalid, Link: linkGrammar,
		Title:  "The text breaks the grammar of JSON",
		Why:    "KMS refuses text that is not JSON.",
		Remedy: "See the message; it names the place where the text is to be mended."}
	MissingComma = Rule{ID: "missing-comma", Severity: Error, Class: ClassInvalid, Link: linkGrammar,
		Title:  "A comma is missing",
		Why:    "JSON parts the members of an object and the entries of a list by commas.",
		Remedy: "Add a comma at the place that is named, which is after the earlier value."}
	TrailingComma = Rule{ID: "trailing-comma", Severity: Error, Class: ClassInvalid, Link: linkGrammar,
		Title:  "A comma stands after the last entry",
		Why:    "JSON has no comma before a closing bracket.",
		Remedy: "Take the comma away."}
	SingleQuotes = Rule{ID: "single-quotes", Severity: Error, Class: ClassInvalid, Link: linkGrammar,
		Title:  "A string stands in single quotes",
		Why:    "JSON knows double quotes only; single ones come from Python, JavaScript or YAML.",
		Remedy: "Use double quotes."}
	CurlyQuotes = Rule{ID: "curly-quotes", Severity: Error, Class: ClassInvalid, Link: linkGrammar,
		Title:  "A string stands in typographic quotes",
		Why:    "Word processors and chat programs replace straight quotes; JSON knows straight ones only.",
		Remedy: "Use straight double quotes."}
	Comment = Rule{ID: "comment", Severity: Error, Class: ClassInvalid, Link: linkGrammar,
		Title:  "There is a comment in the text",
		Why:    "JSON has no comments.",
		Remedy: "Take the comment away; a Sid can say what a statement is for."}
	RawControl = Rule{ID: "raw-control-character", Severity: Error, Class: ClassInvalid, Link: linkGrammar,
		Title:  "A string holds a line break or another control character",
		Why:    "JSON strings stay on one line.",
		Remedy: "Join the lines, or write \\n where the line break is meant."}
	TrailingData = Rule{ID: "trailing-data", Severity: Error, Class: ClassInvalid, Link: linkGrammar,
		Title:  "Something stands after the end of the policy",
		Why:    "Which of two documents counts would depend on the reader.",
		Remedy: "Keep one object in the file."}
	TooDeep = Rule{ID: "nesting-too-deep", Severity: Error, Class: ClassInvalid, House: true, Link: linkGrammar,
		Title:  "The text nests deeper than sixteen levels",
		Why:    "A policy needs six levels; more is a mistake or an attack on the reader.",
		Remedy: "Look for a bracket that is not closed."}
	DuplicateMember = Rule{ID: "duplicate-member", Severity: Error, Class: ClassInvalid, Link: linkGrammar,
		Title:  "A member stands twice in one object",
		Why:    "Readers disagree which one counts, also where the names differ in the case of letters only. A policy must not depend on that.",
		Remedy: "Keep one, with the values of both in a list if both are meant."}
	MoreFindings = Rule{ID: "more-findings", Severity: Info, Class: ClassAdvice, House: true,
		Title:  "There are more findings than are listed",
		Why:    "Of each rule only the first fifty findings are listed, so that a text that is wrong all over can be read.",
		Remedy: "Mend those and look again."}
)
