package rule

const linkLockout = "https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html"

var lockoutRules = []*Rule{&RootLockout, &BreakGlassLockout, &WriterLockout, &LockoutUnknown, &NoAccountStatement}

// The rules about who could lose the key.
var (
	RootLockout = Rule{ID: "root-lockout", Severity: Error, Class: ClassLockout, Link: linkLockout,
		Title:  "The account root would lose kms:PutKeyPolicy",
		Why:    "Without it, the key cannot be repaired once the named principals are gone; only AWS Support could help.",
		Remedy: "Keep a statement without condition that allows kms:* to arn:aws:iam::111122223333:root, and no Deny that reaches it."}
	BreakGlassLockout = Rule{ID: "break-glass-lockout", Severity: Error, Class: ClassLockout, House: true, Link: linkLockout,
		Title:  "A break-glass principal would lose kms:PutKeyPolicy",
		Why:    "It is declared as one that must always be able to repair the key. Permission through the account root does not count, because IAM cannot be seen from here.",
		Remedy: "Keep a statement without condition that allows kms:PutKeyPolicy to that very ARN, and no Deny that reaches it."}
	WriterLockout = Rule{ID: "writer-lockout", Severity: Error, Class: ClassLockout, House: true, Link: linkLockout,
		Title:  "keysmith's own role would lose the key",
		Why:    "Where the account root is not required, the writer must itself be able to put and to read the policy.",
		Remedy: "Keep a statement without condition that allows kms:PutKeyPolicy and kms:GetKeyPolicy to that very ARN."}
	LockoutUnknown = Rule{ID: "lockout-account-unknown", Severity: Info, House: true, Link: linkLockout,
		Title:  "The key's account is not known",
		Why:    "Whether its root keeps the key can only be judged against an account.",
		Remedy: "Name the account."}
	NoAccountStatement = Rule{ID: "no-account-statement", Severity: Warning, Link: linkLockout,
		Title:  "No statement gives the account root the key",
		Why:    "The key becomes unmanageable once the named principals are deleted, and IAM policies cannot allow anything.",
		Remedy: "Allow kms:* to the account root, or be sure that the named principals stay."}
)
