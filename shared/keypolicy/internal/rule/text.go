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
		Why:    "KMS accepts key policies of at most 32 KB. AWS does not document whether bytes or characters count; keysmith counts bytes.",
		Remedy: "Merge statements, replace lists of principals with a condition on aws:PrincipalArn or aws:PrincipalOrgID, or use grants."}
	NoPolicy = Rule{ID: "policy-empty", Severity: Error, Class: ClassInvalid, Link: linkPolicy,
		Title:  "The text contains no policy",
		Why:    "An empty file, {}, [] or null is more likely a failed upload than an intended change, so it never removes access.",
		Remedy: "Write the whole policy."}
	NotJSON = Rule{ID: "not-json", Severity: Error, Class: ClassInvalid, Link: linkGrammar,
		Title:  "The text is not a JSON object",
		Why:    "KMS accepts a JSON object only, and no YAML, HCL, compressed file or UTF-16.",
		Remedy: "Convert the text to a JSON object in UTF-8."}
	OtherDocument = Rule{ID: "not-a-key-policy", Severity: Error, Class: ClassInvalid, Link: linkPolicy,
		Title:  "The document is not a key policy",
		Why:    "KMS accepts a key policy with nothing around it. Templates, API requests and responses, and other kinds of policies are not key policies.",
		Remedy: "Write the key policy itself. The message says where to find it."}
	ByteOrderMark = Rule{ID: "byte-order-mark", Severity: Error, Class: ClassInvalid, Link: linkPut,
		Title:  "The text begins with a byte order mark",
		Why:    "KMS does not accept the character U+FEFF, and most editors hide it.",
		Remedy: "Save the file as UTF-8 without BOM."}
	InvalidUTF8 = Rule{ID: "invalid-utf8", Severity: Error, Class: ClassInvalid, Link: linkPut,
		Title:  "A byte is not valid UTF-8",
		Why:    "Programs that read the text replace the byte in different ways, so the text has no single meaning.",
		Remedy: "Save the file as UTF-8."}
	LoneSurrogate = Rule{ID: "lone-surrogate", Severity: Error, Class: ClassInvalid, Link: linkPut,
		Title:  "An escape is half of a surrogate pair",
		Why:    "Half of a pair is not a character, and programs replace it in different ways without an error.",
		Remedy: "Write the whole character."}
	Character = Rule{ID: "character-not-allowed", Severity: Error, Class: ClassInvalid, Link: linkPut,
		Title:  "KMS does not accept a character",
		Why:    "KMS accepts the tab, the line feed, the carriage return and U+0020 to U+00FF. AWS does not document whether this includes escapes; keysmith applies it to them as well.",
		Remedy: "Write a character of that range."}
	Syntax = Rule{ID: "json-syntax", Severity: Error, Class: ClassInvalid, Link: linkGrammar,
		Title:  "The text is not valid JSON",
		Why:    "KMS refuses a text that is not valid JSON.",
		Remedy: "Correct the place that the message names."}
	MissingComma = Rule{ID: "missing-comma", Severity: Error, Class: ClassInvalid, Link: linkGrammar,
		Title:  "A comma is missing",
		Why:    "JSON needs a comma between the members of an object and the entries of a list.",
		Remedy: "Add a comma after the earlier value, at the place that the message names."}
	TrailingComma = Rule{ID: "trailing-comma", Severity: Error, Class: ClassInvalid, Link: linkGrammar,
		Title:  "A comma follows the last entry",
		Why:    "JSON does not allow a comma before a closing bracket.",
		Remedy: "Delete the comma."}
	SingleQuotes = Rule{ID: "single-quotes", Severity: Error, Class: ClassInvalid, Link: linkGrammar,
		Title:  "A string is in single quotes",
		Why:    "JSON allows double quotes only. Single quotes come from Python, JavaScript or YAML.",
		Remedy: "Use double quotes."}
	CurlyQuotes = Rule{ID: "curly-quotes", Severity: Error, Class: ClassInvalid, Link: linkGrammar,
		Title:  "A string is in typographic quotes",
		Why:    "Word processors and chat programs replace straight quotes, and JSON allows straight quotes only.",
		Remedy: "Use straight double quotes."}
	Comment = Rule{ID: "comment", Severity: Error, Class: ClassInvalid, Link: linkGrammar,
		Title:  "The text contains a comment",
		Why:    "JSON has no comments.",
		Remedy: "Delete the comment. Use the Sid to say what a statement is for."}
	RawControl = Rule{ID: "raw-control-character", Severity: Error, Class: ClassInvalid, Link: linkGrammar,
		Title:  "A string contains a line break or another control character",
		Why:    "A JSON string cannot contain control characters.",
		Remedy: "Join the lines, or write \\n for a line break."}
	TrailingData = Rule{ID: "trailing-data", Severity: Error, Class: ClassInvalid, Link: linkGrammar,
		Title:  "The text continues after the end of the policy",
		Why:    "A program that reads the text may use the first part or the last one.",
		Remedy: "Keep one object in the file."}
	TooDeep = Rule{ID: "nesting-too-deep", Severity: Error, Class: ClassInvalid, Own: true, Link: linkGrammar,
		Title:  "The text is nested deeper than sixteen levels",
		Why:    "A policy needs six levels. Deeper nesting is a mistake, or an attempt to make the text expensive to read.",
		Remedy: "Close the bracket that is missing."}
	DuplicateMember = Rule{ID: "duplicate-member", Severity: Error, Class: ClassInvalid, Link: linkGrammar,
		Title:  "An object has a member twice",
		Why:    "Programs disagree which of the two counts, also where the names differ only in upper and lower case.",
		Remedy: "Keep one member. If both values are meant, write them as a list."}
	MoreFindings = Rule{ID: "more-findings", Severity: Info, Class: ClassAdvice, Own: true,
		Title:  "There are more findings than the report lists",
		Why:    "The report lists the first fifty findings of each rule.",
		Remedy: "Correct these and check the policy again."}
)
