package converge

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy"
)

// KMS shows a principal that was deleted after the policy was put by its unique id.
// It would refuse the bucket's policy, which still names it by its ARN.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
var (
	uniqueID = regexp.MustCompile(`"A(?:RO|ID)A[A-Z0-9]{12,}"`)
	roleARN  = regexp.MustCompile(`"arn:[a-z-]+:iam::[0-9]{12}:(?:role|user)/[^"*?\\\\]+"`)
)

// deleted says which principals were deleted, where nothing but that explains the
// policy that is found; nil otherwise. Somebody who adds access, and with it the id of
// a principal that no longer exists, must not keep keysmith from a repair.
func (r *run) deleted(found served, want desired) []keypolicy.Finding {
	ids := unique(uniqueID.FindAllString(found.text, -1))
	var gone []string
	for _, arn := range unique(roleARN.FindAllString(string(want.text), -1)) {
		if !strings.Contains(found.text, arn) {
			gone = append(gone, arn)
		}
	}
	if len(ids) == 0 || len(gone) == 0 || !r.explained(found.text, ids, gone, want) {
		return nil
	}
	return []keypolicy.Finding{note("principal-deleted", keypolicy.Warning, fmt.Sprintf(
		"KMS shows %s in place of %s, which was deleted. KMS would refuse the policy of the object, so keysmith does not repair the key. Upload a policy without the principal, or create the principal again and upload the policy again.",
		strings.Join(ids, ", "), strings.Join(gone, ", ")))}
}

// mostDeleted bounds how many ways there are to tell which id was whose.
const mostDeleted = 3

// explained reports whether the policy gives no new access if each id was one of the
// principals that are gone.
func (r *run) explained(text string, ids, gone []string, want desired) bool {
	switch {
	case len(ids) > mostDeleted || len(gone) > mostDeleted:
		return false
	case len(ids) == 0:
		before, _ := keypolicy.Parse([]byte(text))
		return before != nil && keypolicy.NoNewAccess(want.report.Policy, before, r.keyFacts()).Verdict == keypolicy.Proven
	}
	return slices.ContainsFunc(gone, func(arn string) bool {
		return r.explained(strings.ReplaceAll(text, ids[0], arn), ids[1:], gone, want)
	})
}

func unique(texts []string) []string {
	slices.Sort(texts)
	return slices.Compact(texts)
}
