package eventsource

import (
	"context"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// A tardy connection comes back late from writing, so that the answer is there
// first, and takes its time to read that.
type tardy struct{ net.Conn }

func (c tardy) Read(b []byte) (int, error) {
	time.Sleep(2 * time.Millisecond)
	return c.Conn.Read(b)
}

func (c tardy) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	time.Sleep(5 * time.Millisecond)
	return n, err
}

func TestAnAnswerThatComesBeforeItsRequestIsDoneIsNotLost(t *testing.T) {
	b := newBench(t, succeed)
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		return tardy{conn}, err
	}
	b.mapping.Queue = sqs.New(b.mapping.Queue.(*sqs.Client).Options(), func(o *sqs.Options) {
		o.HTTPClient = &http.Client{Transport: &http.Transport{DialContext: dial}}
	})
	for range 100 {
		b.cloud.SQS.Send(queueName, strings.Repeat("long ", 400))
	}
	b.run(t, func() bool { return b.cloud.SQS.Depth(queueName) == 0 })
	for _, d := range b.deliveries {
		if d.Err != nil {
			t.Error(d.Err)
		}
	}
}
