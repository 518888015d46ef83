package fakesqs

import (
	"crypto/md5" //nolint:gosec // SQS answers with MD5 digests, and SDKs check them
	"encoding/binary"
	"encoding/hex"
	"maps"
	"slices"
	"strconv"
	"time"
)

// A Message is one that was received.
type Message struct {
	ID            string
	Body          string
	Receipt       string
	ReceiveCount  int
	Sent          time.Time
	FirstReceived time.Time

	attrs map[string]attribute
}

type attribute struct {
	DataType    string
	StringValue string `json:",omitempty"`
	BinaryValue []byte `json:",omitempty"`
}

func (m Message) wire(sender string) map[string]any {
	out := map[string]any{
		"MessageId": m.ID, "ReceiptHandle": m.Receipt, "Body": m.Body, "MD5OfBody": md5Hex(m.Body),
		"Attributes": map[string]string{
			"ApproximateReceiveCount":          strconv.Itoa(m.ReceiveCount),
			"SentTimestamp":                    strconv.FormatInt(m.Sent.UnixMilli(), 10),
			"ApproximateFirstReceiveTimestamp": strconv.FormatInt(m.FirstReceived.UnixMilli(), 10),
			"SenderId":                         sender,
		},
	}
	if len(m.attrs) > 0 {
		out["MessageAttributes"] = m.attrs
		out["MD5OfMessageAttributes"] = md5OfAttributes(m.attrs)
	}
	return out
}

func md5Hex(s string) string {
	sum := md5.Sum([]byte(s)) //nolint:gosec // SQS's own
	return hex.EncodeToString(sum[:])
}

// md5OfAttributes is the digest that SDKs compare: names in order, each part
// with its length in front.
func md5OfAttributes(attrs map[string]attribute) string {
	var b []byte
	part := func(s []byte) {
		b = binary.BigEndian.AppendUint32(b, uint32(len(s))) //nolint:gosec // a message has at most a megabyte
		b = append(b, s...)
	}
	for _, name := range slices.Sorted(maps.Keys(attrs)) {
		a := attrs[name]
		part([]byte(name))
		part([]byte(a.DataType))
		if a.BinaryValue != nil {
			b = append(b, 2)
			part(a.BinaryValue)
			continue
		}
		b = append(b, 1)
		part([]byte(a.StringValue))
	}
	return md5Hex(string(b))
}
