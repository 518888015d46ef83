package trigger

import (
	"encoding/json"
	"strconv"
)

// A Message is one SQS message of a batch; its body holds one trigger.
type Message struct {
	ID, ReceiptHandle string
	Body              []byte
	Receives          int // how often it was received, this time included
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
		messages = append(messages, Message{r.MessageID, r.ReceiptHandle, []byte(r.Body), receives})
	}
	return messages, true
}
