package functest

import (
	"fmt"
	"strings"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/target"
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

// DeployRoles makes the two roles exist that scripts/target deploys in an account.
func (w *World) DeployRoles(account string) {
	for _, name := range []string{target.DefaultRole, target.DefaultPlanRole} {
		w.Cloud.AddRole(fakeaws.Role{ARN: "arn:aws:iam::" + account + ":role/" + name, Trust: fmt.Sprintf(
			`{"Statement": [{"Effect": "Allow", "Principal": {"AWS": %q}, "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"sts:ExternalId": %q}}}]}`,
			Account, ExternalID)})
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
