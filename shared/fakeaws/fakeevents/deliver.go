package fakeevents

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"
)

// Publish puts an event on a bus and delivers it to the targets of the rules
// that match. It returns the event's id. AWS services publish this way too,
// with sources that customers may not use.
func (s *Service) Publish(busName string, e Entry) string {
	e.ID = s.opts.Source.UUID()
	e.Time = e.Time.UTC().Truncate(time.Second)
	if e.Resources == nil {
		e.Resources = []string{}
	}
	s.mu.Lock()
	b, err := s.lookup(busName)
	if err != nil {
		s.mu.Unlock()
		return e.ID
	}
	b.entries = append(b.entries, e)
	deliveries := s.deliveries(b, e)
	s.mu.Unlock()
	for _, d := range deliveries {
		s.deliver(d)
	}
	return e.ID
}

// A delivery is one event on its way to one target.
type delivery struct {
	rule   string
	arn    string // of the rule
	target target
	entry  Entry
	body   string
}

// deliveries returns what the rules of the bus make of an event, in the order
// of their names.
func (s *Service) deliveries(b *bus, e Entry) []delivery {
	body := e.envelope()
	var event map[string]any
	if json.Unmarshal(body, &event) != nil {
		return nil
	}
	var out []delivery
	for _, name := range slices.Sorted(maps.Keys(b.rules)) {
		r := b.rules[name]
		if !r.enabled || r.pattern == nil || !r.pattern.Match(event) {
			continue
		}
		for _, t := range r.targets {
			out = append(out, delivery{name, s.ruleARN(b, name), t, e, t.input(body, event)})
		}
	}
	return out
}

func (e Entry) envelope() []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(struct {
		Version string `json:"version"`
		Entry
	}{"0", e})
	if err != nil {
		return nil
	}
	return bytes.TrimSpace(b.Bytes())
}

// input is what the target gets: the event, a part of it, or a constant.
func (t target) input(body []byte, event map[string]any) string {
	if t.Input != "" {
		return t.Input
	}
	if t.InputPath == "" || t.InputPath == "$" {
		return string(body)
	}
	var value any = event
	for _, name := range strings.Split(strings.TrimPrefix(t.InputPath, "$."), ".") {
		object, _ := value.(map[string]any)
		value = object[name]
	}
	part, err := json.Marshal(value)
	if err != nil {
		return "null"
	}
	return string(part)
}

func (s *Service) deliver(d delivery) {
	if isLogGroup(d.target.Arn) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.logged[d.target.Arn] = append(s.logged[d.target.Arn], d.entry)
		return
	}
	if s.opts.Queues.Send(d.arn, d.target.Arn, d.body) {
		return
	}
	if dead := d.target.DeadLetterConfig; dead != nil && s.opts.Queues.Send(d.arn, dead.Arn, d.body) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lost = append(s.lost, Lost{Rule: d.rule, Target: d.target.Arn, Entry: d.entry})
}

// Entries returns every event that the bus accepted, in that order.
func (s *Service) Entries(busName string) []Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.lookup(busName)
	if err != nil {
		return nil
	}
	return slices.Clone(b.entries)
}

// Lost returns the events that reached no queue.
func (s *Service) Lost() []Lost {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.lost)
}

// Logged returns the events that rules sent to a log group, by its ARN. The
// fake keeps them whatever the log group's policy says.
func (s *Service) Logged(logGroup string) []Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.logged[logGroup])
}

func isLogGroup(arn string) bool { return strings.HasPrefix(arn, "arn:aws:logs:") }

// Event is an entry as patterns match it: the decoded event.
func Event(e Entry) map[string]any {
	var event map[string]any
	_ = json.Unmarshal(e.envelope(), &event) // an entry whose detail is no JSON matches nothing
	return event
}
