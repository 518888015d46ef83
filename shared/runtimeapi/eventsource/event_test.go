package eventsource

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// The names in a record are checked by the library that functions read them
// with.
func TestARecordIsWhatLambdaShows(t *testing.T) {
	m := Mapping{QueueARN: "arn:aws:sqs:us-east-1:111122223333:apply", Region: "us-east-1"}
	text := m.event([]message{{
		MessageId:     aws.String("m1"),
		ReceiptHandle: aws.String("r1"),
		Body:          aws.String(`{"a":"<b>"}`),
		MD5OfBody:     aws.String("d41d8"),
		Attributes:    map[string]string{"ApproximateReceiveCount": "2", "SentTimestamp": "1700000000000"},
		MessageAttributes: map[string]types.MessageAttributeValue{
			"reason": {DataType: aws.String("String"), StringValue: aws.String("sweep")},
		},
	}})
	var event events.SQSEvent
	if err := json.Unmarshal(text, &event); err != nil {
		t.Fatal(err)
	}
	got := event.Records[0]
	for name, pair := range map[string][2]string{
		"messageId":      {got.MessageId, "m1"},
		"receiptHandle":  {got.ReceiptHandle, "r1"},
		"body":           {got.Body, `{"a":"<b>"}`},
		"md5OfBody":      {got.Md5OfBody, "d41d8"},
		"eventSource":    {got.EventSource, "aws:sqs"},
		"eventSourceARN": {got.EventSourceARN, m.QueueARN},
		"awsRegion":      {got.AWSRegion, "us-east-1"},
		"receive count":  {got.Attributes["ApproximateReceiveCount"], "2"},
		"attribute":      {*got.MessageAttributes["reason"].StringValue, "sweep"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s is %q, want %q", name, pair[0], pair[1])
		}
	}
}

func TestAnAnswerSaysWhichMessagesStay(t *testing.T) {
	batch := []message{{MessageId: aws.String("a")}, {MessageId: aws.String("b")}}
	for _, c := range []struct {
		name, answer string
		failed       []string
		unreadable   bool
	}{
		{"nothing", ``, nil, false},
		{"null", `null`, nil, false},
		{"an empty object", `{}`, nil, false},
		{"no list", `{"batchItemFailures":null}`, nil, false},
		{"an empty list", `{"batchItemFailures":[]}`, nil, false},
		{"one", `{"batchItemFailures":[{"itemIdentifier":"b"}]}`, []string{"b"}, false},
		{"all", `{"batchItemFailures":[{"itemIdentifier":"b"},{"itemIdentifier":"a"}]}`, []string{"a", "b"}, false},
		{"an unknown id", `{"batchItemFailures":[{"itemIdentifier":"b"},{"itemIdentifier":"c"}]}`, nil, true},
		{"an empty id", `{"batchItemFailures":[{"itemIdentifier":""}]}`, nil, true},
		{"a null id", `{"batchItemFailures":[{"itemIdentifier":null}]}`, nil, true},
		{"a misspelt name", `{"batchItemFailures":[{"identifier":"a"}]}`, nil, true},
		{"no JSON", `done`, nil, true},
		{"a text", `"done"`, nil, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			failed, err := Mapping{ReportItemFailures: true}.failures(batch, []byte(c.answer))
			if errors.Is(err, ErrAnswer) != c.unreadable {
				t.Fatalf("got %v", err)
			}
			if got := slices.Sorted(maps.Keys(failed)); !slices.Equal(got, c.failed) {
				t.Errorf("got %v, want %v", got, c.failed)
			}
		})
	}
}

func TestAnAnswerThatNobodyAskedForIsNotRead(t *testing.T) {
	failed, err := Mapping{}.failures(nil, []byte("anything"))
	if err != nil || len(failed) > 0 {
		t.Errorf("got %v, %v", failed, err)
	}
}

func TestABatchThatIsTooLargeForOneInvocationIsCut(t *testing.T) {
	large := strings.Repeat(`"`, 1<<20) // as text in JSON it takes twice its size
	var batch []message
	for i := range 7 {
		batch = append(batch, message{MessageId: aws.String(strconv.Itoa(i)), Body: &large})
	}
	var m Mapping
	parts := m.parts(batch)
	if len(parts) < 2 || len(slices.Concat(parts...)) != len(batch) {
		t.Fatalf("%d messages in %d parts", len(slices.Concat(parts...)), len(parts))
	}
	for _, part := range parts {
		if n := len(m.event(part)); n > 6<<20 {
			t.Errorf("a part has %d bytes", n)
		}
	}
	if parts := m.parts(batch[:1]); len(parts) != 1 {
		t.Errorf("one message came in %d parts", len(parts))
	}
}
