package document_test

import (
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/document"
)

// TestTheFormOfAPrincipal has ARNs of each form, and near them what is none: a pattern,
// a list in a string, something to be filled in, a path with an empty part.
func TestTheFormOfAPrincipal(t *testing.T) {
	const iam, sts = "arn:aws:iam::111122223333:", "arn:aws:sts::111122223333:"
	long := strings.Repeat("n", document.MaxName)
	for text, want := range map[string]document.Form{
		"111122223333":                                document.AccountID,
		"11112222333":                                 document.Malformed,
		iam + "root":                                  document.RootForm,
		sts + "root":                                  document.Malformed,
		iam + "role/App":                              document.RoleForm,
		iam + "role/a/b/App":                          document.RoleForm,
		iam + "role/a,b/App":                          document.RoleForm,
		iam + "role/" + long:                          document.RoleForm,
		iam + "role/" + long + "n":                    document.Malformed,
		iam + "role/App+=,.@-_9":                      document.RoleForm,
		iam + "role/App!":                             document.Malformed,
		iam + "role//App":                             document.Malformed,
		iam + "role/a//App":                           document.Malformed,
		iam + "role/":                                 document.Malformed,
		iam + "role":                                  document.Malformed,
		iam + "role/a/":                               document.Malformed,
		iam + "role/*/App":                            document.Malformed,
		iam + "role/a?b/App":                          document.Malformed,
		iam + "role/a b/App":                          document.Malformed,
		iam + "role/<path>/App":                       document.Malformed,
		iam + "role/${path}/App":                      document.Malformed,
		iam + "role/$path/App":                        document.RoleForm,
		iam + "role/a,arn:b/App":                      document.Malformed,
		sts + "role/App":                              document.Malformed,
		iam + "user/eva":                              document.UserForm,
		iam + "user/ops/eva":                          document.UserForm,
		iam + "user/root":                             document.Malformed,
		iam + "user/ops/root":                         document.UserForm,
		iam + "group/ops":                             document.GroupForm,
		sts + "group/ops":                             document.Malformed,
		sts + "assumed-role/App/e":                    document.AssumedRole,
		iam + "assumed-role/App/e":                    document.AssumedRole,
		sts + "assumed-role/App":                      document.Malformed,
		sts + "assumed-role/a/b/c":                    document.Malformed,
		sts + "assumed-role/App/e!":                   document.Malformed,
		sts + "federated-user/eva":                    document.FederatedUser,
		iam + "federated-user/eva":                    document.FederatedUser,
		sts + "federated-user/a/b":                    document.Malformed,
		"arn:aws:s3::111122223333:assumed-role/App/e": document.Malformed,
		"arn:aws:s3::111122223333:federated-user/eva": document.Malformed,
		"arn:aws:iam:eu-west-1:111122223333:role/App": document.Malformed,
		"arn:aws:iam::11112222333:role/App":           document.Malformed,
		"AROAEXAMPLEROLEID123":                        document.UniqueID,
		"App":                                         document.Malformed,
		iam + "role/App,arn:aws:iam::111122223333:role/App": document.Malformed,
	} {
		if got, _ := document.AWSForm(text); got != want {
			t.Errorf("%s: form %d, want %d", text, got, want)
		}
	}
}
