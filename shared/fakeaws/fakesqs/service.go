package fakesqs

import (
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws/internal/wire"
)

// Options are what the service needs to know of its surroundings. All fields
// are required.
type Options struct {
	Account string
	Region  string
	Now     func() time.Time
	Source  *wire.Source
}

// A Service holds the queues. Its methods may be called from many
// goroutines. Where the Go API takes a queue, it takes a name, a URL or an
// ARN.
type Service struct {
	opts    Options
	actions wire.Table

	mu     sync.Mutex
	queues map[string]*queue
}

// New returns a service without queues.
func New(o Options) *Service {
	s := &Service{opts: o, queues: map[string]*queue{}}
	s.actions = wire.Table{
		"ChangeMessageVisibility":      wire.Handle(s.changeVisibility),
		"ChangeMessageVisibilityBatch": wire.Handle(s.changeVisibilityBatch),
		"CreateQueue":                  wire.Handle(s.createQueue),
		"DeleteMessage":                wire.Handle(s.deleteMessage),
		"DeleteMessageBatch":           wire.Handle(s.deleteMessageBatch),
		"DeleteQueue":                  wire.Handle(s.deleteQueue),
		"GetQueueAttributes":           wire.Handle(s.getQueueAttributes),
		"GetQueueUrl":                  wire.Handle(s.getQueueURL),
		"ListDeadLetterSourceQueues":   wire.Handle(s.listDeadLetterSourceQueues),
		"ListQueues":                   wire.Handle(s.listQueues),
		"PurgeQueue":                   wire.Handle(s.purgeQueue),
		"ReceiveMessage":               wire.Handle(s.receiveMessage),
		"SendMessage":                  wire.Handle(s.sendMessage),
		"SendMessageBatch":             wire.Handle(s.sendMessageBatch),
		"SetQueueAttributes":           wire.Handle(s.setQueueAttributes),
		"StartMessageMoveTask":         wire.Handle(s.startMove),
	}
	return s
}

// Actions returns what answers the API.
func (s *Service) Actions() wire.Table { return s.actions }

// refuse words a refusal for both protocols: SDKs that came from the query
// protocol still look for the old code in a header.
func refuse(code, queryCode, message string) error {
	return &wire.Error{
		Status: http.StatusBadRequest, Code: "com.amazonaws.sqs#" + code, Message: message,
		Header: http.Header{"X-Amzn-Query-Error": {queryCode + ";Sender"}},
	}
}

func baseName(queue string) string {
	return queue[strings.LastIndexAny(queue, ":/")+1:]
}

// lookup finds a queue; the caller holds the lock.
func (s *Service) lookup(queue string) (*queue, error) {
	q, ok := s.queues[baseName(queue)]
	if !ok {
		return nil, refuse("QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist.")
	}
	return q, nil
}

// target finds the queue of a call and notes it as what the call is about.
func (s *Service) target(call *wire.Call, url string) (*queue, error) {
	call.Resource = s.arn(baseName(url))
	return s.lookup(url)
}

func (s *Service) arn(name string) string {
	return "arn:aws:sqs:" + s.opts.Region + ":" + s.opts.Account + ":" + name
}

func (s *Service) url(call *wire.Call, name string) string {
	return "http://" + call.Host + "/" + s.opts.Account + "/" + name
}
