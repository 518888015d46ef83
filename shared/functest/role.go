package functest

import (
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/privilege"
	"github.com/keysmith/keysmith/shared/samples"
	"github.com/keysmith/keysmith/shared/samtemplate"
)

// RoleFor is the role that template.yaml gives to a function with this environment.
func RoleFor(t *testing.T, env map[string]string) *privilege.Role {
	t.Helper()
	parameters := map[string]string{
		"PolicyBucketName": Bucket, "KeyArns": "arn:aws:kms:us-east-1:" + Account + ":key/*",
		"Mode": "apply", "WriterPrincipals": "*", "RequestPrincipals": "arn:aws:iam::" + Account + ":role/pipeline",
	}
	for variable, parameter := range map[string]string{
		"MODE": "Mode", "INLINE_REQUESTS": "InlineRequests", "ALLOW_LOCKOUT_BYPASS": "AllowLockoutBypass", "RESULT_BUS": "ResultBus",
	} {
		if value, set := env[variable]; set {
			parameters[parameter] = value
		}
	}
	role, err := privilege.Load("../../template.yaml", "ApplyFunction", samtemplate.Options{Account: Account, Parameters: parameters})
	if err != nil {
		t.Fatal(err)
	}
	return role
}

// Permitted checks that a role allows all calls. The queues of the tests have
// names of their own.
func Permitted(t *testing.T, role *privilege.Role, calls []fakeaws.Call) {
	t.Helper()
	var renamed []fakeaws.Call
	for _, c := range calls {
		if c.Caller == Customer {
			continue
		}
		if c.Service == "sqs" && (strings.HasSuffix(c.Resource, ":apply") || strings.HasSuffix(c.Resource, ":work")) {
			c.Resource = "arn:aws:sqs:us-east-1:" + Account + ":" + samples.QueueName
		}
		renamed = append(renamed, c)
	}
	for _, line := range role.Refused(renamed) {
		t.Error(line)
	}
}

// Customer is somebody in the account who may send events to any bus.
const Customer = "arn:aws:iam::" + Account + ":role/customer"
