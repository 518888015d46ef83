package trigger

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
)

// maxEnvelopes is what a notification takes that reached a function through SNS,
// failed, and comes back in the record of its failure, and one more.
const maxEnvelopes = 3

// parser reads payloads. envelopes is how many more envelopes it opens: people
// wire one around a trigger, and a payload must not decide how deep it goes.
type parser struct {
	bucket    string
	envelopes int
}

func (p parser) parse(payload []byte) ([]Trigger, string, error) {
	if bytes.HasPrefix(bytes.TrimSpace(payload), []byte("[")) {
		return p.list(payload)
	}
	var members map[string]json.RawMessage // exact names, unlike those of a struct
	if err := json.Unmarshal(payload, &members); err != nil || members == nil {
		return nil, "", unknown("it is not a JSON object")
	}
	if records, ok := members["Records"]; ok {
		return p.records(records)
	}
	if inner := enveloped(members); inner != nil {
		return p.open(inner)
	}
	return p.plain(payload, members)
}

// open reads what an envelope holds.
func (p parser) open(inner []byte) ([]Trigger, string, error) {
	switch {
	case p.envelopes == 0:
		return nil, "", unknown("an envelope inside an envelope")
	case !json.Valid(inner):
		return nil, "", unknown("an envelope around something that is not JSON")
	}
	return parser{p.bucket, p.envelopes - 1}.parse(inner)
}

// enveloped returns what is inside of an SNS notification, or of the record that
// Lambda sends to a destination; nil where it is neither.
// https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
func enveloped(members map[string]json.RawMessage) []byte {
	switch kind := text(members["detail-type"]); {
	case text(members["Type"]) == "Notification" && members["Message"] != nil:
		return []byte(text(members["Message"]))
	case strings.HasPrefix(kind, "Lambda Function Invocation Result") && text(members["source"]) == "lambda":
		var record map[string]json.RawMessage
		if json.Unmarshal(members["detail"], &record) == nil {
			return destined(record)
		}
	case members["requestContext"] != nil:
		return destined(members)
	}
	return nil
}

// destined returns the trigger in a destination record. Of an invocation that
// failed it is the request, which has not been done; of one that succeeded it
// is the answer: the function before keysmith says with it what to do.
func destined(record map[string]json.RawMessage) []byte {
	var context struct{ Condition string }
	if json.Unmarshal(record["requestContext"], &context) != nil || record["requestPayload"] == nil {
		return nil
	}
	if context.Condition == "Success" {
		return record["responsePayload"]
	}
	return record["requestPayload"]
}

// list reads what EventBridge Pipes sends: always a list, of SQS messages where
// the source is a queue, and of anything else after an enrichment.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-event-target.html
func (p parser) list(payload []byte) ([]Trigger, string, error) {
	var items []json.RawMessage
	if err := json.Unmarshal(payload, &items); err != nil {
		return nil, "", unknown("%v", err)
	}
	if len(items) == 0 {
		return nil, "an empty list", nil
	}
	return each(items, func(item json.RawMessage) ([]Trigger, string, error) {
		if inner := carried(item); inner != nil {
			return p.open(inner)
		}
		return p.open(item)
	})
}

// records reads the Records of S3's own notifications, and of a function that is
// subscribed to an SNS topic.
func (p parser) records(records json.RawMessage) ([]Trigger, string, error) {
	var items []json.RawMessage
	if err := json.Unmarshal(records, &items); err != nil {
		return nil, "", unknown("Records is not a list")
	}
	if len(items) == 0 {
		return nil, "no records", nil
	}
	return each(items, func(item json.RawMessage) ([]Trigger, string, error) {
		if inner := carried(item); inner != nil {
			return p.open(inner)
		}
		return notified(item, p.bucket)
	})
}

// carried returns what an SQS message or an SNS record of Lambda's carries; nil
// where item is neither.
func carried(item json.RawMessage) []byte {
	var record struct {
		EventSource string `json:"eventSource"` // SNS writes it with a capital
		Body        *string
		Sns         struct{ Message *string }
	}
	if json.Unmarshal(item, &record) != nil {
		return nil
	}
	switch {
	case record.EventSource == "aws:sqs" && record.Body != nil:
		return []byte(*record.Body)
	case record.EventSource == "aws:sns" && record.Sns.Message != nil:
		return []byte(*record.Sns.Message)
	}
	return nil
}

// each joins what is read from several items.
func each(items []json.RawMessage, read func(json.RawMessage) ([]Trigger, string, error)) (all []Trigger, ignored string, err error) {
	var reasons []string
	for _, item := range items {
		triggers, why, fault := read(item)
		all = append(all, triggers...)
		err = errors.Join(err, fault)
		if why != "" {
			reasons = append(reasons, why)
		}
	}
	return all, strings.Join(reasons, "; "), err
}

// text is a member that is a JSON string, else empty.
func text(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return s
}

func names(members map[string]json.RawMessage) string {
	return strings.Join(slices.Sorted(maps.Keys(members)), ", ")
}
