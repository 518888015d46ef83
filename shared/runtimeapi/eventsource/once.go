package eventsource

import (
	"bytes"
	"io"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// once makes sure that an answer of the queue arrives, or is reported as lost.
// The messages in a lost one stay hidden for as long as the queue says; asking
// again, as the SDK would, covers that up with another ten.
func once(o *sqs.Options) {
	o.Retryer = aws.NopRetryer{}
	o.HTTPClient = whole{o.HTTPClient}
}

// whole sends a request's body as one text in memory. The SDK takes its own body
// away as soon as the head of the response is there. A queue on the same machine
// answers so fast that net/http may still be at the end of that body: it sees a
// failure and closes the connection, with ten messages unread in it.
type whole struct{ client sqs.HTTPClient }

func (c whole) Do(r *http.Request) (*http.Response, error) {
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(text))
	return c.client.Do(r)
}
