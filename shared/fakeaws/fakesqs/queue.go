package fakesqs

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"
)

type queue struct {
	name     string
	created  time.Time
	attrs    map[string]string
	messages []*message
	// changed is closed, and made anew, when a waiting receiver has reason to
	// look again.
	changed chan struct{}
}

type message struct {
	id       string
	body     string
	attrs    map[string]attribute
	sent     time.Time
	first    time.Time // first receive
	visible  time.Time
	received int
	receipt  string
	source   string // ARN of the queue that it was buried by
}

func (q *queue) wake() {
	close(q.changed)
	q.changed = make(chan struct{})
}

func (q *queue) seconds(name string) time.Duration {
	n, err := strconv.Atoi(q.attrs[name])
	if err != nil {
		return 0
	}
	return time.Duration(n) * time.Second
}

type redrive struct {
	DeadLetterTargetArn string      `json:"deadLetterTargetArn"`
	MaxReceiveCount     json.Number `json:"maxReceiveCount"`
}

// redrive returns where messages go that were received too often; limit 0
// means nowhere.
func (q *queue) redrive() (target string, limit int) {
	var r redrive
	if json.Unmarshal([]byte(q.attrs["RedrivePolicy"]), &r) != nil {
		return "", 0
	}
	n, err := strconv.Atoi(r.MaxReceiveCount.String())
	if err != nil {
		return "", 0
	}
	return r.DeadLetterTargetArn, n
}

// letsRedrive reports whether the queue takes dead letters from a source. The
// default lets every queue of the account and Region.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue.html
func (q *queue) letsRedrive(source string) bool {
	text, set := q.attrs["RedriveAllowPolicy"]
	if !set || text == "" {
		return true
	}
	var p redriveAllow
	if json.Unmarshal([]byte(text), &p) != nil {
		return false
	}
	switch p.RedrivePermission {
	case "allowAll":
		return true
	case "byQueue":
		return slices.Contains(p.SourceQueueArns, source)
	}
	return false
}

type redriveAllow struct {
	RedrivePermission string   `json:"redrivePermission"`
	SourceQueueArns   []string `json:"sourceQueueArns"`
}

// expire forgets what is older than the queue keeps.
func (q *queue) expire(now time.Time) {
	keep := q.seconds("MessageRetentionPeriod")
	q.messages = slices.DeleteFunc(q.messages, func(m *message) bool { return now.Sub(m.sent) > keep })
}

// next returns when the next invisible message turns visible; zero means
// never.
func (q *queue) next() time.Time {
	var soonest time.Time
	for _, m := range q.messages {
		if soonest.IsZero() || m.visible.Before(soonest) {
			soonest = m.visible
		}
	}
	return soonest
}

func (q *queue) byReceipt(receipt string) *message {
	for _, m := range q.messages {
		if m.receipt != "" && m.receipt == receipt {
			return m
		}
	}
	return nil
}

func (q *queue) counts(now time.Time) (visible, inFlight, delayed int) {
	for _, m := range q.messages {
		switch {
		case !m.visible.After(now):
			visible++
		case m.received > 0:
			inFlight++
		default:
			delayed++
		}
	}
	return visible, inFlight, delayed
}
