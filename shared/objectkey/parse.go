package objectkey

import (
	"fmt"
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/awsid"
)

// multiRegion is the folder of the objects that stand for a whole set.
const multiRegion = "multi-region"

// Parse reads an object key under policies/ or plans/. The error is an *Error.
func Parse(object string) (Name, error) {
	if err := characters(object); err != nil {
		return Name{}, err
	}
	name, prefix, err := beginning(object)
	if err != nil {
		return Name{}, err
	}
	base, ok := strings.CutSuffix(object[len(prefix):], suffix)
	if !ok {
		return Name{}, refuse(object, len(object), "the name must end in .json: write "+prefix+"<key-id>.json")
	}
	return name, name.key(prefix, base)
}

// beginning reads what comes before the key: the prefix, and of a plan its run.
func beginning(object string) (name Name, prefix string, err error) {
	switch {
	case strings.HasPrefix(object, policies):
		return Name{Object: object}, policies, nil
	case !strings.HasPrefix(object, plans):
		return Name{}, "", refuse(object, 0, "not under policies/ or plans/")
	}
	run, err := runOf(object)
	if err != nil {
		return Name{}, "", err
	}
	prefix = plans
	if run != "" {
		prefix += run + "/" + policies
	}
	return Name{Object: object, Run: run, Plan: true}, prefix, nil
}

// key reads the rest of a name: the folders, if there are any, and the key id.
func (n *Name) key(prefix, base string) error {
	parts := strings.Split(base, "/")
	if at, wrong := n.folders(parts); wrong != "" {
		offset := len(prefix)
		for _, part := range parts[:at] {
			offset += len(part) + 1
		}
		err := refuse(n.Object, offset, strings.ReplaceAll(wrong, "{}", prefix))
		*n = Name{}
		return err
	}
	return nil
}

// long is the form of a name with everything in it.
const long = "{}<account>/<region>/<key-id>.json for a key of another account or Region"

// folders reads the parts of a name. Of one that is wrong it returns the part
// and what is wrong with it, with {} for the prefix.
func (n *Name) folders(parts []string) (at int, wrong string) {
	last := len(parts) - 1
	n.KeyID = parts[last]
	form := "{}<key-id>.json"
	switch {
	case parts[0] == "alias":
		return 0, "an alias is not an object name, because a caller that may move the alias could point the policy at another key: use the key id"
	case last == 0:
	case last == 1 && parts[0] == multiRegion:
		n.MultiRegion, form = true, "{}multi-region/<key-id>.json"
	case last == 2 && awsid.IsAccount(parts[0]) && parts[1] == multiRegion:
		n.Account, n.MultiRegion, form = parts[0], true, "{}"+parts[0]+"/multi-region/<key-id>.json"
	case last == 2 && awsid.IsAccount(parts[0]):
		n.Account, n.Region, form = parts[0], parts[1], "{}"+parts[0]+"/<region>/<key-id>.json"
		if !awsid.IsRegion(n.Region) {
			return 1, fmt.Sprintf("%q is not the name of a Region, such as eu-west-1; write %s", n.Region, form)
		}
	default:
		return misplaced(parts)
	}
	switch {
	case !IsKeyID(n.KeyID):
		return last, notAKeyID(n.KeyID) + "; write " + form
	case n.MultiRegion && !strings.HasPrefix(n.KeyID, mrk):
		return last, "the key " + n.KeyID + " is not a multi-Region key, whose id begins with mrk-; write {}<key-id>.json, or " + long
	}
	return 0, ""
}

// misplaced explains folders that are none of the known ones.
func misplaced(parts []string) (at int, wrong string) {
	switch {
	case len(parts) == 2 && awsid.IsAccount(parts[0]):
		return 1, "the Region is missing: write " + long
	case len(parts) == 2 && awsid.IsRegion(parts[0]):
		return 0, "the account is missing: write " + long
	case len(parts) == 3 && awsid.IsDigits(parts[0]):
		return 0, fmt.Sprintf("%q is not an account id, which has 12 digits; write %s", parts[0], long)
	case len(parts) == 3 && awsid.IsAccount(parts[1]):
		return 0, "the account comes before the Region: write " + long
	}
	return 0, "write {}<key-id>.json, without folders, or " + long
}

// runOf returns the run of an object key plans/<run>/policies/…; empty for a plan
// without one.
func runOf(plan string) (string, error) {
	run, rest, found := strings.Cut(plan[len(plans):], "/")
	if !found || !strings.HasPrefix(rest, policies) {
		return "", nil
	}
	for i, r := range run {
		if strings.ContainsRune("/_.=", r) || i >= longestRun {
			return "", refuse(plan, len(plans)+i, fmt.Sprintf(
				"the name of a run, such as a pull request's number, may have %d characters A-Z a-z 0-9 -", longestRun))
		}
	}
	return run, nil
}

const longestRun = 64

// characters refuses what could make one name look like another.
func characters(object string) error {
	for i, r := range object {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune("/_.=-", r):
		default:
			return refuse(object, i, fmt.Sprintf("the character %q is not allowed: only A-Z a-z 0-9 / _ . = - are", r))
		}
	}
	if i := strings.Index(object, ".."); i >= 0 {
		return refuse(object, i, `".." is not allowed`)
	}
	if i := strings.Index(object, "//"); i >= 0 {
		return refuse(object, i+1, "an empty name between two slashes is not allowed")
	}
	return nil
}

func notAKeyID(s string) string {
	switch {
	case s == "":
		return "the key id is missing"
	case IsKeyID(strings.ToLower(s)):
		return fmt.Sprintf("%q must be in lower case", s)
	}
	return fmt.Sprintf("%q is not a KMS key id (such as 1234abcd-12ab-34cd-56ef-1234567890ab or mrk- and 32 hex digits)", s)
}

func refuse(object string, offset int, message string) *Error {
	return &Error{Object: object, Column: len([]rune(object[:offset])) + 1, Message: message}
}
