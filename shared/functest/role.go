package functest

import (
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/privilege"
	"github.com/keysmith/keysmith/shared/samples"
	"github.com/keysmith/keysmith/shared/samtemplate"
)

// RoleFor is the role that template.yaml gives to the apply function with this
// environment. Without PLAN_QUEUE_URL, which the template sets, it plans as well,
// and then has the role of the function that plans beside its own.
func RoleFor(t *testing.T, env map[string]string) *privilege.Role {
	t.Helper()
	role := RoleOf(t, "ApplyFunction", env)
	if env["PLAN_QUEUE_URL"] == "" {
		return role.And(RoleOf(t, "PlanFunction", env))
	}
	return role
}

// RoleOf is the role that template.yaml gives to one of its functions.
func RoleOf(t *testing.T, function string, env map[string]string) *privilege.Role {
	t.Helper()
	parameters := map[string]string{
		"PolicyBucketName": Bucket, "KeyArns": "arn:aws:kms:*:" + Account + ":key/*",
		"Mode": "apply", "WriterPrincipals": "*", "RequestPrincipals": "arn:aws:iam::" + Account + ":role/pipeline",
	}
	for variable, parameter := range map[string]string{
		"MODE": "Mode", "INLINE_REQUESTS": "InlineRequests", "ALLOW_LOCKOUT_BYPASS": "AllowLockoutBypass", "RESULT_BUS": "ResultBus",
		"TARGET_ACCOUNTS": "TargetAccounts", "TARGET_ORG": "TargetOrg", "TARGET_REGIONS": "TargetRegions", "TARGET_EXTERNAL_ID": "TargetExternalId",
		"TARGET_ROLE_NAME": "TargetRoleName", "TARGET_PLAN_ROLE_NAME": "TargetPlanRoleName",
	} {
		if value, set := env[variable]; set {
			parameters[parameter] = value
		}
	}
	role, err := privilege.Load("../../template.yaml", function, samtemplate.Options{Account: Account, Parameters: parameters})
	if err != nil {
		t.Fatal(err)
	}
	return role
}

// Permitted checks that a role allows all calls of its account. The queues of the
// tests have names of their own.
func Permitted(t *testing.T, role *privilege.Role, calls []fakeaws.Call) {
	t.Helper()
	var renamed []fakeaws.Call
	for _, c := range calls {
		if c.Caller == Customer || c.Account != Account {
			continue // what is called in other accounts, their roles allow: PermittedElsewhere
		}
		if c.Service == "sqs" {
			c.Resource = deployedQueue(c.Resource)
		}
		renamed = append(renamed, c)
	}
	for _, line := range role.Refused(renamed) {
		t.Error(line)
	}
}

// PermittedElsewhere checks that the role of a target account allows all calls that
// were made in it there, and returns how many there were.
func PermittedElsewhere(t *testing.T, role *privilege.Role, name string, calls []fakeaws.Call) int {
	t.Helper()
	var made []fakeaws.Call
	for _, c := range calls {
		if strings.Contains(c.Caller, ":assumed-role/"+name+"/") {
			made = append(made, c)
		}
	}
	for _, line := range role.Refused(made) {
		t.Error(line)
	}
	return len(made)
}

// deployedQueue is the queue of the template that stands for one of a test.
func deployedQueue(arn string) string {
	const prefix = "arn:aws:sqs:us-east-1:" + Account + ":"
	names := map[string]string{
		"apply": samples.QueueName, "work": samples.QueueName, "reconcile": "keysmith-reconcile-local", "plan": "keysmith-plan-local",
	}
	if name := names[strings.TrimPrefix(arn, prefix)]; name != "" {
		return prefix + name
	}
	return arn
}

// Customer is somebody in the account who may send events to any bus.
const Customer = "arn:aws:iam::" + Account + ":role/customer"
