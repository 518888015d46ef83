package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go"

	"github.com/keysmith/keysmith/shared/fakeaws"
)

// It makes a key and a stack: never in an account that nobody named for it.
func TestNothingIsDoneInAnAccountThatIsNotNamed(t *testing.T) {
	cloud := fakeaws.New(fakeaws.Options{})
	url, stop := fakeaws.Start(cloud)
	defer stop()
	for variable, value := range map[string]string{"AWS_ENDPOINT_URL": url, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
		"AWS_SECRET_ACCESS_KEY": "secret", "ACCOUNT": "444455556666"} {
		t.Setenv(variable, value)
	}
	var out strings.Builder
	if err := run(t.Context(), &out); err == nil || !strings.Contains(err.Error(), "ACCOUNT=111122223333") {
		t.Errorf("%v", err)
	}
	if calls := cloud.Calls(); len(calls) != 1 || calls[0].Action != "GetCallerIdentity" {
		t.Errorf("calls: %v", calls)
	}
}

func TestOnlyARefusalForWantOfPermissionIsADenial(t *testing.T) {
	for err, want := range map[error]bool{
		nil: false,
		&smithy.GenericAPIError{Code: "AccessDeniedException"}: true,
		&smithy.GenericAPIError{Code: "AccessDenied"}:          true,
		&smithy.GenericAPIError{Code: "Throttling"}:            false,
		errors.New("no route to host"):                         false,
	} {
		if got := denied(err) == nil; got != want {
			t.Errorf("%v: denied %v", err, got)
		}
	}
}

// A redrive is refused by each queue, and allowed where one has no policy for it.
func TestAQueueThatTakesStrangeLettersIsFound(t *testing.T) {
	cloud := fakeaws.New(fakeaws.Options{})
	url, stop := fakeaws.Start(cloud)
	defer stop()
	for variable, value := range map[string]string{"AWS_ENDPOINT_URL": url, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret"} {
		t.Setenv(variable, value)
	}
	a := &account{id: "111122223333", region: "us-east-1", queues: queueClient(t), outputs: map[string]string{}}
	for i, output := range []string{"ApplyQueueUrl", "ApplyDeadLetterQueueUrl", "RuleDeadLetterQueueUrl", "InvokeDeadLetterQueueUrl"} {
		name := strings.Repeat("q", i+1)
		cloud.SQS.CreateQueue(name, map[string]string{"RedriveAllowPolicy": `{"redrivePermission": "denyAll"}`})
		a.outputs[output] = url + "/111122223333/" + name
	}
	if err := a.cannotRedrive(t.Context()); err != nil {
		t.Error(err)
	}
	cloud.SQS.CreateQueue("open", nil)
	a.outputs["RuleDeadLetterQueueUrl"] = url + "/111122223333/open"
	if err := a.cannotRedrive(t.Context()); err == nil || !strings.Contains(err.Error(), "RuleDeadLetterQueueUrl") {
		t.Errorf("%v", err)
	}
}

func TestATrailCountsOnlyIfItTakesChangesOfKMS(t *testing.T) {
	management := types.AdvancedFieldSelector{Field: aws.String("eventCategory"), Equals: []string{"Management"}}
	for name, c := range map[string]struct {
		chosen cloudtrail.GetEventSelectorsOutput
		want   bool
	}{
		"management events":    {cloudtrail.GetEventSelectorsOutput{EventSelectors: []types.EventSelector{{IncludeManagementEvents: aws.Bool(true), ReadWriteType: types.ReadWriteTypeAll}}}, true},
		"reads only":           {cloudtrail.GetEventSelectorsOutput{EventSelectors: []types.EventSelector{{IncludeManagementEvents: aws.Bool(true), ReadWriteType: types.ReadWriteTypeReadOnly}}}, false},
		"all but those of KMS": {cloudtrail.GetEventSelectorsOutput{EventSelectors: []types.EventSelector{{IncludeManagementEvents: aws.Bool(true), ExcludeManagementEventSources: []string{"kms.amazonaws.com"}}}}, false},
		"advanced":             {cloudtrail.GetEventSelectorsOutput{AdvancedEventSelectors: []types.AdvancedEventSelector{{FieldSelectors: []types.AdvancedFieldSelector{management}}}}, true},
		"advanced, without KMS": {cloudtrail.GetEventSelectorsOutput{AdvancedEventSelectors: []types.AdvancedEventSelector{{FieldSelectors: []types.AdvancedFieldSelector{management,
			{Field: aws.String("eventSource"), NotEquals: []string{"kms.amazonaws.com"}}}}}}, false},
		"data events": {cloudtrail.GetEventSelectorsOutput{}, false},
	} {
		if got := takesKMS(&c.chosen); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func queueClient(t *testing.T) *sqs.Client {
	t.Helper()
	cfg, err := awsconfig.LoadDefaultConfig(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return sqs.NewFromConfig(cfg)
}
