package privilege

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/samtemplate"
)

const template = `
Resources:
  ReadFunction:
    Type: AWS::Serverless::Function
    Properties:
      {Role: !GetAtt ReadRole.Arn, Timeout: 10, MemorySize: 128, Events: {Queue: {Type: SQS, Properties: {Queue: "arn:aws:sqs:us-east-1:111122223333:q"}}}}
  ReadRole:
    Type: AWS::IAM::Role
    Properties:
      Policies:
        - PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - {Sid: Read, Effect: Allow, Action: [s3:GetObject, s3:GetObjectVersion], Resource: "arn:aws:s3:::b/policies/*"}
              - Sid: Tell
                Effect: Allow
                Action: events:PutEvents
                Resource: "*"
                Condition:
                  ForAllValues:StringEquals: {events:source: keysmith}
                  "Null": {events:source: "false"}
              - {Sid: Queue, Effect: Allow, Action: "sqs:ReceiveMessage", Resource: "*"}
              - {Sid: Never, Effect: Deny, Action: "s3:*", Resource: "arn:aws:s3:::b/policies/secret*"}
`

func load(t *testing.T, text string) (*Role, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "template.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return Load(file, "ReadFunction", samtemplate.Options{})
}

func read(key string) fakeaws.Call {
	return fakeaws.Call{Service: "s3", Action: "GetObject", IAM: "s3:GetObject", Resource: "arn:aws:s3:::b/" + key}
}

func told(sources ...string) fakeaws.Call {
	c := fakeaws.Call{Service: "events", Action: "PutEvents", IAM: "events:PutEvents", Resource: "arn:aws:events:us-east-1:111122223333:event-bus/default"}
	if len(sources) > 0 {
		c.Context = map[string][]string{"events:source": sources}
	}
	return c
}

func TestCallsThatTheRoleDoesNotAllowAreFound(t *testing.T) {
	missing := read("policies/x.json")
	missing.Also = []fakeaws.Need{{IAM: "s3:ListBucket", Resource: "arn:aws:s3:::b"}}
	unseen := read("elsewhere/x.json")
	unseen.Unseen = true
	for name, c := range map[string]struct {
		call    fakeaws.Call
		refused bool
	}{
		"an object under the prefix":           {read("policies/x.json"), false},
		"one beside it":                        {read("elsewhere/x.json"), true},
		"what a Deny speaks of":                {read("policies/secret.json"), true},
		"a permission that the answer took":    {missing, true},
		"what no service has looked at":        {unseen, false},
		"an event of the right source":         {told("keysmith"), false},
		"an event of another source":           {told("keysmith", "aws.s3"), true},
		"an event that names no source at all": {told(), true},
		"an action that no statement names":    {fakeaws.Call{Service: "kms", IAM: "kms:Decrypt", Resource: "*"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			role, err := load(t, template)
			if err != nil {
				t.Fatal(err)
			}
			if lines := role.Refused([]fakeaws.Call{c.call}); (len(lines) > 0) != c.refused {
				t.Errorf("refused: %v; want %v", lines, c.refused)
			}
		})
	}
}

func TestWhatNoCallNeedsIsFound(t *testing.T) {
	role, err := load(t, template)
	if err != nil {
		t.Fatal(err)
	}
	role.Refused([]fakeaws.Call{read("policies/x.json"), read("policies/secret.json")})
	want := []string{"Read: s3:GetObjectVersion on arn:aws:s3:::b/policies/*", "Tell: events:PutEvents on *"}
	if got := role.Unneeded(); !slices.Equal(got, want) {
		t.Errorf("not needed: %q; want %q", got, want)
	}
	if got := role.Missing(); slices.Contains(got, "sqs:ReceiveMessage") || !slices.Contains(got, "sqs:DeleteMessage") {
		t.Errorf("missing for Lambda: %v", got)
	}
}

func TestARoleThatCannotBeJudgedIsRefused(t *testing.T) {
	for name, change := range map[string][2]string{
		"NotAction":        {`Action: "s3:*"`, `NotAction: "s3:*"`},
		"managed policies": {"      Policies:", "      ManagedPolicyArns: [arn:aws:iam::aws:policy/AdministratorAccess]\n      Policies:"},
		"another function": {"  ReadFunction:", "  WriteFunction:"},
	} {
		if _, err := load(t, strings.Replace(template, change[0], change[1], 1)); err == nil {
			t.Errorf("%s: nothing was said", name)
		}
	}
}
