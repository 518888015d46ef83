package functest

import (
	"encoding/json"
	"testing"

	"github.com/keysmith/keysmith/shared/samtemplate"
)

// Deployment is the stack that the template makes, with a topic for its alarms.
func Deployment(t *testing.T) *samtemplate.Stack {
	t.Helper()
	stack, err := samtemplate.Load("../../template.yaml", samtemplate.Options{Account: Account, Parameters: map[string]string{
		"PolicyBucketName": Bucket, "KeyArns": "arn:aws:kms:us-east-1:" + Account + ":key/*",
		"AlarmTopicArn": "arn:aws:sns:us-east-1:" + Account + ":alarms",
	}})
	if err != nil {
		t.Fatal(err)
	}
	return stack
}

// An Alarm is the part of AWS::CloudWatch::Alarm that tests read.
type Alarm struct {
	Namespace, MetricName, ComparisonOperator string
	Threshold                                 float64
	AlarmActions                              []string
	Dimensions                                []struct{ Name, Value string }
}

// Alarms are those of the template.
func Alarms(t *testing.T) (list []Alarm) {
	t.Helper()
	for _, r := range Deployment(t).Others {
		if r.Type != "AWS::CloudWatch::Alarm" {
			continue
		}
		var a Alarm
		if err := json.Unmarshal(JSON(r.Properties), &a); err != nil {
			t.Fatalf("%s: %v", r.LogicalID, err)
		}
		list = append(list, a)
	}
	return list
}

// Watches reports whether the alarm notifies somebody as soon as the queue with
// this name holds one message.
func (a Alarm) Watches(queue string) bool {
	return a.Namespace == "AWS/SQS" && a.MetricName == "ApproximateNumberOfMessagesVisible" && len(a.Dimensions) == 1 &&
		a.Dimensions[0].Value == queue && a.ComparisonOperator == "GreaterThanThreshold" && a.Threshold == 0 && len(a.AlarmActions) == 1
}
