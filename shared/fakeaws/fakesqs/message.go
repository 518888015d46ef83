package fakesqs

import (
	"crypto/md5" //nolint:gosec // SQS answers with MD5 digests, and SDKs check them
	"encoding/binary"
	"encoding/hex"
	"maps"
	"slices"
	"strconv"
	"strings"
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

	attrs  map[string]attribute
	source string // ARN of the queue that it is a dead letter of
}

type attribute struct {
	DataType    string
	StringValue string `json:",omitempty"`
	BinaryValue []byte `json:",omitempty"`
}

// wire is the message as SQS sends it to a receiver, with the attributes that
// he asked for.
func (m Message) wire(sender string, in receiveInput) map[string]any {
	out := map[string]any{"MessageId": m.ID, "ReceiptHandle": m.Receipt, "Body": m.Body, "MD5OfBody": md5Hex(m.Body)}
	system := map[string]string{
		"ApproximateReceiveCount":          strconv.Itoa(m.ReceiveCount),
		"SentTimestamp":                    strconv.FormatInt(m.Sent.UnixMilli(), 10),
		"ApproximateFirstReceiveTimestamp": strconv.FormatInt(m.FirstReceived.UnixMilli(), 10),
		"SenderId":                         sender,
	}
	if m.source != "" {
		system["DeadLetterQueueSourceArn"] = m.source
	}
	if system = asked(system, slices.Concat(in.AttributeNames, in.MessageSystemAttributeNames)); len(system) > 0 {
		out["Attributes"] = system
	}
	if attrs := asked(m.attrs, in.MessageAttributeNames); len(attrs) > 0 {
		out["MessageAttributes"] = attrs
		out["MD5OfMessageAttributes"] = md5OfAttributes(attrs)
	}
	return out
}

// asked are those of all whose names a receiver has named, be it by All or by
// the beginning of a name and an asterisk.
func asked[V any](all map[string]V, names []string) map[string]V {
	kept := map[string]V{}
	for name, v := range all {
		for _, n := range names {
			start, more := strings.CutSuffix(n, ".*")
			if n == "All" || n == name || more && strings.HasPrefix(name, start) {
				kept[name] = v
			}
		}
	}
	return kept
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
