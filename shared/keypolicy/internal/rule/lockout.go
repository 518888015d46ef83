package rule

const linkLockout = "https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html"

var lockoutRules = []*Rule{&RootLockout, &BreakGlassLockout, &WriterLockout, &LockoutUnknown, &NoAccountStatement}

// The rules about who could lose the key.
var (
	RootLockout = Rule{ID: "root-lockout", Severity: Error, Class: ClassLockout, Link: linkLockout,
		Title:  "The account root would lose kms:PutKeyPolicy",
		Why:    "Without it, nobody can repair the key once the named principals are deleted. Only AWS Support could help.",
		Remedy: "Keep a statement without a condition that allows kms:* to arn:aws:iam::111122223333:root, and no Deny that applies to it."}
	BreakGlassLockout = Rule{ID: "break-glass-lockout", Severity: Error, Class: ClassLockout, Own: true, Link: linkLockout,
		Title:  "A break-glass principal would lose kms:PutKeyPolicy",
		Why:    "The configuration declares that it must always be able to repair the key. Permission through the account root does not count, because IAM policies are not known here.",
		Remedy: "Keep a statement without a condition that allows kms:PutKeyPolicy to that ARN, and no Deny that applies to it."}
	WriterLockout = Rule{ID: "writer-lockout", Severity: Error, Class: ClassLockout, Own: true, Link: linkLockout,
		Title:  "The role of keysmith would lose the key",
		Why:    "Where the account root is not required, the writer must be able to put and to read the policy itself.",
		Remedy: "Keep a statement without a condition that allows kms:PutKeyPolicy and kms:GetKeyPolicy to that ARN."}
	LockoutUnknown = Rule{ID: "lockout-account-unknown", Severity: Info, Own: true, Link: linkLockout,
		Title:  "The account of the key is not known",
		Why:    "Without it, keysmith cannot check whether the account root keeps the key.",
		Remedy: "Name the account."}
	NoAccountStatement = Rule{ID: "no-account-statement", Severity: Warning, Link: linkLockout,
		Title:  "No statement gives the key to the account root",
		Why:    "Nobody can manage the key once the named principals are deleted, and IAM policies have no effect on it.",
		Remedy: "Allow kms:* to the account root, or make sure that the named principals stay."}
)
