// Package rulebook lists the rules that the command line knows: those about the
// text of a policy, which the functions run as well, and those about a file and
// its name, which only a working tree has.
package rulebook

import (
	"slices"

	"github.com/keysmith/keysmith/shared/keypolicy"
)

// Link is the page that explains the rules about policies.
const Link = "https://github.com/keysmith/keysmith/blob/main/shared/keypolicy/RULES.md"

const chapter = "Files"

// The rules about files. The first and the third stand in the events of the
// function as well, under the same names.
var (
	ObjectKey = keypolicy.Rule{ID: "object-key", Chapter: chapter, Severity: keypolicy.Error, Class: keypolicy.ClassInvalid, Own: true,
		Title:  "The file has a name that the bucket does not accept",
		Why:    "The name of an object says which key its policy is for. An object with another name is rejected with BAD_OBJECT_KEY.",
		Remedy: "Call the file policies/<key-id>.json or policies/<label>.<key-id>.json. Keep files that are no policies outside of policies/ and plans/."}
	ObjectTwice = keypolicy.Rule{ID: "object-twice", Chapter: chapter, Severity: keypolicy.Error, Class: keypolicy.ClassInvalid, Own: true,
		Title:  "Two files are for the same key",
		Why:    "They would be the same object of the bucket, so the one that is uploaded last would win.",
		Remedy: "Keep one of the files."}
	KeyProtected = keypolicy.Rule{ID: "key-protected", Chapter: chapter, Severity: keypolicy.Error, Class: keypolicy.ClassInvalid, Own: true,
		Title:  "The key is on the list of keys that keysmith never changes",
		Why:    "The function rejects the policy with PROTECTED_KEY.",
		Remedy: "Remove the file, or remove the key from protected-keys (PROTECTED_KEYS)."}
	KnownLater = keypolicy.Rule{ID: "known-at-deployment", Chapter: chapter, Severity: keypolicy.Warning, Own: true,
		Title:  "A value is known only at deployment",
		Why:    "Rules that need the value did not run, so nothing is known about what they look for.",
		Remedy: "Check the deployed policy as well: the output of aws kms get-key-policy, or the plan of Terraform after apply."}
)

// All lists the rules, in the order in which they are documented.
func All() []keypolicy.Rule {
	return append(keypolicy.Rules(), ObjectKey, ObjectTwice, KeyProtected, KnownLater)
}

// ByID finds a rule by its name.
func ByID(id string) (keypolicy.Rule, bool) {
	all := All()
	i := slices.IndexFunc(all, func(r keypolicy.Rule) bool { return r.ID == id })
	if i < 0 {
		return keypolicy.Rule{}, false
	}
	return all[i], true
}

// NeedAccount are the rules that do not run, or not in full, where the account
// of the key is unknown.
var NeedAccount = []string{
	"untrusted-account", "external-account", "external-administrator", "create-grant-unguarded", "action-cross-account-dead",
	"root-lockout", "break-glass-lockout",
}

// PathOfName is the path of findings about the name of a file.
const PathOfName = "object"

// OfName is a finding about the name of a file.
func OfName(r keypolicy.Rule, message string) keypolicy.Finding {
	return keypolicy.Finding{Rule: r.ID, Severity: r.Severity, Message: message, Line: 1, Column: 1, Path: PathOfName, Link: r.Link}
}
