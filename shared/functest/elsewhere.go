package functest

import (
	"strings"
	"sync"
	"testing"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/privilege"
	"github.com/keysmith/keysmith/shared/samtemplate"
)

// What is beside the stack's own account and Region in a world that reaches it.
const (
	Elsewhere       = "444455556666" // an account that is a target
	ElsewhereRegion = "eu-west-1"
	ElsewhereObject = "policies/" + Elsewhere + "/" + ElsewhereRegion + "/" + KeyID + ".json"
	ExternalID      = "sesame"
)

// Targets are the variables that make Elsewhere a target, and both Regions.
func Targets(more ...string) map[string]string {
	env := map[string]string{
		"TARGET_ACCOUNTS": Elsewhere, "TARGET_REGIONS": "us-east-1," + ElsewhereRegion, "TARGET_EXTERNAL_ID": ExternalID,
		"WRITER_ROLE_ARN": Writer, "STACK_NAME": "keysmith",
	}
	for i := 0; i < len(more); i += 2 {
		env[more[i]] = more[i+1]
	}
	return env
}

const targetTemplate = "../../scripts/target/target.yaml"

// readTarget reads the template once: there are tests with 200 accounts.
var readTarget = sync.OnceValues(func() (*samtemplate.Template, error) { return samtemplate.ReadFile(targetTemplate) })

// targetOptions deploy the template in an account, for the one role that all
// functions of a world have.
func targetOptions(account, externalID string) samtemplate.Options {
	return samtemplate.Options{Account: account, Parameters: map[string]string{
		"HubApplyRoleArn": Writer, "HubReadRoleArns": Writer, "ExternalId": externalID,
	}}
}

// TargetRole is one of the two roles of a target account, by its logical id.
func TargetRole(t *testing.T, logicalID string) *privilege.Role {
	t.Helper()
	role, err := privilege.LoadRole(targetTemplate, logicalID, targetOptions(Elsewhere, ExternalID))
	if err != nil {
		t.Fatal(err)
	}
	return role
}

// DeployRoles makes the two roles exist that scripts/target deploys in an account,
// with the trust and the permissions that they have there.
func (w *World) DeployRoles(account string) {
	w.Helper()
	w.DeployRolesFor(account, ExternalID)
}

// DeployRolesFor is DeployRoles with an external id that the roles ask for.
func (w *World) DeployRolesFor(account, externalID string) {
	w.Helper()
	template, err := readTarget()
	if err != nil {
		w.Fatal(err)
	}
	stack, err := template.Stack(targetOptions(account, externalID))
	if err != nil {
		w.Fatal(err)
	}
	for _, role := range stack.Roles {
		may, err := role.Document("")
		if err != nil {
			w.Fatal(err)
		}
		w.Cloud.AddRole(fakeaws.Role{ARN: role.ARN, Trust: role.Trust})
		if err := w.Cloud.KMS.SetIAMPolicy(role.ARN, may); err != nil {
			w.Fatal(err)
		}
	}
	w.Cloud.KMS.AddPrincipal("arn:aws:iam::" + account + ":role/alice")
}

// KeyElsewhere makes a key in another account or Region, with the policy "old".
func (w *World) KeyElsewhere(account, region, id string) (arn string) {
	return w.Cloud.KMS.CreateKey(fakeaws.KeySpec{
		ID: id, Account: account, Region: region, MultiRegion: strings.HasPrefix(id, "mrk-"), Policy: PolicyOf(account, "old"),
	})
}

// PolicyOf is Policy for a key of an account.
func PolicyOf(account, name string) string { return strings.ReplaceAll(Policy(name), Account, account) }
