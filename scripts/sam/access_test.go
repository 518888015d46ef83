package sam_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/samtemplate"
)

// clients are the real ones, for a fake AWS over HTTP.
type clients struct {
	s3     *s3.Client
	sqs    *sqs.Client
	events *eventbridge.Client
}

func clientsOf(t *testing.T, cloud *fakeaws.Cloud) clients {
	t.Helper()
	url, stop := fakeaws.Start(cloud)
	t.Cleanup(stop)
	cfg := aws.Config{Region: "us-east-1", BaseEndpoint: &url, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", "")}
	// The queues of the stack have AWS's own URLs; the endpoint decides where the calls go.
	return clients{
		s3:     s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true }),
		sqs:    sqs.NewFromConfig(cfg),
		events: eventbridge.NewFromConfig(cfg),
	}
}

// session is the apply function as AWS sees it: a session of its role.
func session(stack *samtemplate.Stack) string { return sessionOf(stack.Functions[0]) }

func sessionOf(f samtemplate.Function) string {
	return "arn:aws:sts::111122223333:assumed-role/" + f.RoleARN[strings.LastIndex(f.RoleARN, "/")+1:] + "/" + f.Name
}

const (
	pipelineRole = "arn:aws:iam::111122223333:role/pipeline"
	checkRole    = "arn:aws:iam::111122223333:role/check"
	responseRole = "arn:aws:iam::111122223333:role/responder"
	adminRole    = "arn:aws:iam::111122223333:role/admin"
)

func TestEachPrincipalWritesOnlyWhereItMay(t *testing.T) {
	everything := []string{"policies/x.json", "plans/x.json", "history/x.json", "canary/heartbeat.json", "elsewhere", "holds/policies/x.json"}
	everything = append(everything, "status/policies/x.json", "status/plans/x.json", "status/sweep.json", "status/unmanaged.json", "status/x.json")
	for name, test := range map[string]struct {
		parameters map[string]string
		may        map[string][]string // principal → object keys, of everything
	}{
		"writers and planners are named": {
			map[string]string{"WriterPrincipals": pipelineRole, "PlanPrincipals": checkRole},
			map[string][]string{
				pipelineRole: {"policies/x.json", "plans/x.json", "elsewhere"},
				checkRole:    {"plans/x.json"},
				adminRole:    {"elsewhere"},
			},
		},
		"who may hold is named": {
			map[string]string{"WriterPrincipals": pipelineRole, "HoldPrincipals": responseRole},
			map[string][]string{
				pipelineRole: {"policies/x.json", "plans/x.json", "elsewhere"},
				responseRole: {"holds/policies/x.json"},
				adminRole:    {"elsewhere"},
			},
		},
		"writers are left to IAM": {
			map[string]string{"WriterPrincipals": "*", "PlanPrincipals": checkRole},
			map[string][]string{
				pipelineRole: {"policies/x.json", "plans/x.json", "elsewhere"},
				checkRole:    {"plans/x.json"},
			},
		},
		"a plan without writers": {
			map[string]string{"Mode": "plan", "WriterPrincipals": ""},
			map[string][]string{pipelineRole: {"policies/x.json", "plans/x.json", "elsewhere"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			stack, cloud := deploy(t, test.parameters)
			c := clientsOf(t, cloud)
			heartbeat := roleARN(t, stack, "HeartbeatRole")
			plan, sweep := sessionOf(functionNamed(t, stack, "PlanFunction")), sessionOf(functionNamed(t, stack, "SweepFunction"))
			test.may[plan] = []string{"status/plans/x.json", "status/x.json", "elsewhere"}
			test.may[sweep] = []string{"status/sweep.json", "status/unmanaged.json", "status/x.json", "elsewhere"}
			test.may[session(stack)] = []string{"history/x.json", "status/policies/x.json", "status/x.json", "elsewhere"}
			if test.parameters["WriterPrincipals"] != "" {
				test.may[session(stack)] = append(test.may[session(stack)], "policies/x.json") // an inline request is stored
			}
			test.may[heartbeat] = []string{"canary/heartbeat.json", "elsewhere"}
			if test.parameters["WriterPrincipals"] != pipelineRole {
				for _, who := range []string{session(stack), heartbeat, plan, sweep} {
					test.may[who] = append(test.may[who], "policies/x.json", "plans/x.json") // as far as the bucket is concerned
				}
			}
			for who, may := range test.may {
				cloud.SetCaller(who)
				for _, key := range everything {
					_, err := c.s3.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &stack.Buckets[0].Name, Key: aws.String(key), Body: strings.NewReader("{}")})
					want := contains(may, key)
					if (err == nil) != want {
						t.Errorf("%s writes %s: %v; want allowed: %v", who, key, err, want)
					}
				}
			}
		})
	}
}

func contains(list []string, s string) bool {
	for _, one := range list {
		if one == s {
			return true
		}
	}
	return false
}

func roleARN(t *testing.T, stack *samtemplate.Stack, logicalID string) string {
	t.Helper()
	for _, r := range stack.Roles {
		if r.LogicalID == logicalID {
			return r.ARN
		}
	}
	t.Fatalf("the template has no %s", logicalID)
	return ""
}

// An explicit * must lift the Deny: one that lists "*" among ARNs would match
// nobody's ARN and deny everybody.
func TestWritersAreDeniedByNothingWhereTheyAreLeftToIAM(t *testing.T) {
	policy := load(t, map[string]string{"WriterPrincipals": "*"}).Buckets[0].Policy
	for _, sid := range []string{"OnlyWritersWrite", "OnlyWritersAndPlannersPlan"} {
		if strings.Contains(policy, sid) {
			t.Errorf("%s is there", sid)
		}
	}
}

func TestOnlyKeysmithPublishesOnItsOwnBus(t *testing.T) {
	for bus, strangersMay := range map[string]bool{"default": true, "own": false} {
		stack, cloud := deploy(t, map[string]string{"ResultBus": bus})
		c := clientsOf(t, cloud)
		for who, may := range map[string]bool{adminRole: strangersMay, session(stack): true, sessionOf(functionNamed(t, stack, "PlanFunction")): true} {
			cloud.SetCaller(who)
			_, err := c.events.PutEvents(t.Context(), &eventbridge.PutEventsInput{Entries: []ebtypes.PutEventsRequestEntry{{
				EventBusName: aws.String(stack.Functions[0].Environment["RESULT_BUS"]), Source: aws.String("keysmith"),
				DetailType: aws.String("KMS Key Policy Applied"), Detail: aws.String("{}"),
			}}})
			if (err == nil) != may {
				t.Errorf("ResultBus=%s: %s publishes: %v", bus, who, err)
			}
		}
	}
}

func TestOnlyRequestersSendRequests(t *testing.T) {
	const partner = "arn:aws:iam::444455556666:role/partner"
	for _, named := range []string{"", pipelineRole, partner} {
		_, cloud := deploy(t, map[string]string{"RequestPrincipals": named})
		c := clientsOf(t, cloud)
		for _, who := range []string{adminRole, pipelineRole, partner} {
			cloud.SetCaller(who)
			_, err := c.events.PutEvents(t.Context(), &eventbridge.PutEventsInput{Entries: []ebtypes.PutEventsRequestEntry{{
				EventBusName: aws.String(requestBus), Source: aws.String("me"), DetailType: aws.String("KMS Key Policy Apply Requested"), Detail: aws.String("{}"),
			}}})
			if (err == nil) != (who == named) {
				t.Errorf("RequestPrincipals=%q: %s sends: %v", named, who, err)
			}
		}
	}
}

// A policy that names each of them twice is full at half the number.
func TestARequesterStandsOnceInThePolicyOfTheBus(t *testing.T) {
	stack := load(t, map[string]string{"RequestPrincipals": pipelineRole})
	for _, bus := range stack.Buses {
		if n := strings.Count(bus.Policy, pipelineRole); bus.LogicalID == "RequestBus" && n != 1 {
			t.Errorf("it stands there %d times: %s", n, bus.Policy)
		}
	}
}
