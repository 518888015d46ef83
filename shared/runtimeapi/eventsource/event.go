package eventsource

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// record is one message as Lambda shows it to a function. The names are
// Lambda's, as is the habit of giving every attribute as text.
type record struct {
	MessageID         string               `json:"messageId"`
	ReceiptHandle     string               `json:"receiptHandle"`
	Body              string               `json:"body"`
	Attributes        map[string]string    `json:"attributes"`
	MessageAttributes map[string]attribute `json:"messageAttributes"`
	MD5OfBody         string               `json:"md5OfBody"`
	EventSource       string               `json:"eventSource"`
	EventSourceARN    string               `json:"eventSourceARN"`
	Region            string               `json:"awsRegion"`
}

type attribute struct {
	StringValue      *string  `json:"stringValue,omitempty"`
	BinaryValue      []byte   `json:"binaryValue,omitempty"`
	StringListValues []string `json:"stringListValues"`
	BinaryListValues [][]byte `json:"binaryListValues"`
	DataType         string   `json:"dataType"`
}

// payloadLimit is what Lambda takes in one invocation, less the frame around
// the records.
const payloadLimit = 6<<20 - 1<<10

// parts cuts a batch where its event would grow too large for one invocation.
func (m Mapping) parts(batch []message) [][]message {
	var parts [][]message
	begin, size := 0, 0
	for i, one := range batch {
		n := len(m.record(one)) + 1
		if i > begin && size+n > payloadLimit {
			parts = append(parts, batch[begin:i])
			begin, size = i, 0
		}
		size += n
	}
	return append(parts, batch[begin:])
}

// event is what the function is invoked with.
func (m Mapping) event(batch []message) []byte {
	records := make([][]byte, len(batch))
	for i, one := range batch {
		records[i] = m.record(one)
	}
	return slices.Concat([]byte(`{"Records":[`), bytes.Join(records, []byte(",")), []byte("]}"))
}

func (m Mapping) record(one message) []byte {
	written, err := json.Marshal(record{
		MessageID:         text(one.MessageId),
		ReceiptHandle:     text(one.ReceiptHandle),
		Body:              text(one.Body),
		Attributes:        one.Attributes,
		MessageAttributes: attributes(one.MessageAttributes),
		MD5OfBody:         text(one.MD5OfBody),
		EventSource:       "aws:sqs",
		EventSourceARN:    m.QueueARN,
		Region:            m.Region,
	})
	if err != nil {
		panic(err) // a struct of texts can always be written
	}
	return written
}

func attributes(given map[string]types.MessageAttributeValue) map[string]attribute {
	shown := make(map[string]attribute, len(given))
	for name, value := range given {
		shown[name] = attribute{
			StringValue:      value.StringValue,
			BinaryValue:      value.BinaryValue,
			StringListValues: []string{},
			BinaryListValues: [][]byte{},
			DataType:         text(value.DataType),
		}
	}
	return shown
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// failures reads which messages the function returns. Nothing, null and an
// empty list mean none. What cannot be read, an empty id and an id that is not
// in the batch fail the whole batch: deleting on a guess could lose an upload.
func (m Mapping) failures(batch []message, answer []byte) (map[string]bool, error) {
	if !m.ReportItemFailures || len(answer) == 0 {
		return nil, nil
	}
	var response struct {
		Failures []struct {
			ID string `json:"itemIdentifier"`
		} `json:"batchItemFailures"`
	}
	if err := json.Unmarshal(answer, &response); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrAnswer, err)
	}
	known := make(map[string]bool, len(batch))
	for _, one := range batch {
		known[text(one.MessageId)] = true
	}
	failed := make(map[string]bool, len(response.Failures))
	for _, one := range response.Failures {
		if !known[one.ID] {
			return nil, fmt.Errorf("%w: %q is not in the batch", ErrAnswer, one.ID)
		}
		failed[one.ID] = true
	}
	return failed, nil
}
