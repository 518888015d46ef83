package trigger

import (
	"encoding/json"
	"strconv"
	"time"
)

// A Message is one SQS message of a batch; its body holds one trigger.
type Message struct {
	ID, ReceiptHandle string
	QueueARN          string // the queue that it says it comes from
	Body              []byte
	Sent              time.Time // zero if unknown
	First             time.Time // when it was first received; zero if unknown, or without a queue
	Receives          int       // how often it was received, this time included
	Direct            bool      // the function was invoked with it, without a queue
}

// Messages reads an SQS batch as Lambda delivers it; ok is false where the
// payload is something else.
// https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
func Messages(payload []byte) (messages []Message, ok bool) {
	var batch struct {
		Records []struct {
			MessageID     string            `json:"messageId"`
			ReceiptHandle string            `json:"receiptHandle"`
			Body          string            `json:"body"`
			Attributes    map[string]string `json:"attributes"`
			EventSource   string            `json:"eventSource"`
			QueueARN      string            `json:"eventSourceARN"`
		} `json:"Records"`
	}
	if err := json.Unmarshal(payload, &batch); err != nil || len(batch.Records) == 0 {
		return nil, false
	}
	for _, r := range batch.Records {
		if r.EventSource != "aws:sqs" {
			return nil, false
		}
		receives, err := strconv.Atoi(r.Attributes["ApproximateReceiveCount"])
		if err != nil || receives < 1 {
			receives = 1
		}
		messages = append(messages, Message{
			ID: r.MessageID, ReceiptHandle: r.ReceiptHandle, QueueARN: r.QueueARN, Body: []byte(r.Body),
			Sent: milliseconds(r.Attributes["SentTimestamp"]), First: milliseconds(r.Attributes["ApproximateFirstReceiveTimestamp"]),
			Receives: receives,
		})
	}
	return messages, true
}

func milliseconds(text string) time.Time {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(n)
}
