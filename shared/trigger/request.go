package trigger

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// request reads KMS Key Policy Apply Requested. Whatever is wrong with it
// becomes its Problem, so that the requester gets an answer.
func request(payload []byte) []Trigger {
	var e struct {
		ID     string          `json:"id"`
		Time   time.Time       `json:"time"`
		Detail json.RawMessage `json:"detail"`
	}
	t := Trigger{Kind: Request}
	err := json.Unmarshal(payload, &e)
	t.ID, t.Time = e.ID, e.Time
	if err != nil {
		t.Problem = "the event is not as EventBridge sends it: " + err.Error()
		return []Trigger{t}
	}
	if err := t.readDetail(e.Detail); err != nil {
		t.Problem = err.Error()
	}
	return []Trigger{t}
}

// bare reads a request without its event: what arrives where only the detail is
// passed on, as by an InputPath, a state machine or a person at a terminal.
func bare(payload []byte) []Trigger {
	t := Trigger{Kind: Request}
	if err := t.readDetail(payload); err != nil {
		t.Problem = err.Error()
	}
	return []Trigger{t}
}

func (t *Trigger) readDetail(detail json.RawMessage) error {
	members, err := exactMembers(detail)
	if err != nil {
		return err
	}
	var key string
	var policy json.RawMessage
	for _, m := range members {
		switch m.name {
		case "object":
			err = m.text(&t.Object)
		case "key":
			err = m.text(&key)
		case "policy":
			policy = m.value
		case "dryRun":
			t.DryRun = string(m.value) == "true"
			if !t.DryRun && string(m.value) != "false" {
				err = fmt.Errorf("detail.dryRun is %s; write true or false", m.value)
			}
		default:
			err = fmt.Errorf("detail has an unknown member %q; it may have object, or key and policy, and dryRun", m.name)
		}
		if err != nil {
			return err
		}
	}
	return t.complete(key, policy)
}

// complete checks that the request names an object, or brings a policy for a
// key, and not both.
func (t *Trigger) complete(key string, policy json.RawMessage) error {
	switch {
	case t.Object != "" && key == "" && policy == nil:
		return nil
	case t.Object != "":
		return fmt.Errorf("detail names an object, and also a key or a policy; send one of the two forms")
	case key == "":
		return fmt.Errorf(`detail needs "object", or "key" and "policy"`)
	case policy == nil:
		return fmt.Errorf("detail names the key %q but has no policy", key)
	}
	t.Inline = &Inline{Key: key, Policy: policy}
	if policy[0] != '"' {
		return nil
	}
	var s string
	if err := json.Unmarshal(policy, &s); err != nil {
		return fmt.Errorf("reading detail.policy: %w", err)
	}
	t.Inline.Policy = []byte(s)
	return nil
}

type member struct {
	name  string
	value json.RawMessage
}

// exactMembers reads an object's members, refusing repeated ones: with
// encoding/json the last would win, and "dryRun" must never be lost.
func exactMembers(object json.RawMessage) ([]member, error) {
	d := json.NewDecoder(bytes.NewReader(object))
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		return nil, errors.New("detail is not a JSON object")
	}
	var members []member
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, fmt.Errorf("reading detail: %w", err)
		}
		m := member{name: name.(string)} // json.Valid has seen the payload: a member's name is a string
		if err := d.Decode(&m.value); err != nil {
			return nil, fmt.Errorf("reading detail: %w", err)
		}
		if slices.ContainsFunc(members, func(o member) bool { return o.name == m.name }) {
			return nil, fmt.Errorf("detail has the member %q twice", m.name)
		}
		members = append(members, m)
	}
	return members, nil
}

func (m member) text(into *string) error {
	if json.Unmarshal(m.value, into) != nil || *into == "" {
		return fmt.Errorf("detail.%s must be a non-empty string", m.name)
	}
	return nil
}
