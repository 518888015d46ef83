package fakelambda

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws/internal/wire"
)

// A Mapping is an event source mapping. The fake keeps its state and carries no
// messages: what reads the queue in a test asks Reads.
type Mapping struct {
	UUID, Function, SourceARN string

	enabled bool
	settles time.Time // when the last change has taken effect
}

// settling is how long a mapping takes to stop or to start. AWS names no time.
const settling = 25 * time.Second

// mappings is the path of the calls that are about mappings.
const mappings = "/2015-03-31/event-source-mappings"

// AddMapping makes an event source mapping exist, which is enabled.
func (s *Service) AddMapping(m Mapping) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m.enabled = true
	s.mappings = append(s.mappings, &m)
}

// Reads reports whether a mapping reads its queue now. While it is being disabled it
// still does; while it is being enabled it does not yet.
func (s *Service) Reads(uuid string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.mapping(uuid)
	return m != nil && m.enabled == !s.opts.Now().Before(m.settles)
}

func (s *Service) mapping(uuid string) *Mapping {
	if i := slices.IndexFunc(s.mappings, func(m *Mapping) bool { return m.UUID == uuid }); i >= 0 {
		return s.mappings[i]
	}
	return nil
}

func (m *Mapping) state(now time.Time) string {
	switch {
	case m.enabled && now.Before(m.settles):
		return "Enabling"
	case m.enabled:
		return "Enabled"
	case now.Before(m.settles):
		return "Disabling"
	}
	return "Disabled"
}

func (s *Service) describe(m *Mapping) map[string]any {
	return map[string]any{
		"UUID": m.UUID, "FunctionArn": s.ARN(m.Function), "EventSourceArn": m.SourceARN, "State": m.state(s.opts.Now()),
	}
}

// parseMapping reads a call that is about mappings.
// https://docs.aws.amazon.com/lambda/latest/api/API_UpdateEventSourceMapping.html
func (s *Service) parseMapping(call *wire.Call, r *http.Request) Answer {
	uuid := strings.Trim(strings.TrimPrefix(r.URL.Path, mappings), "/")
	function := functionName(r.URL.Query().Get("FunctionName"))
	call.Resource = "arn:aws:lambda:" + s.opts.Region + ":" + s.opts.Account + ":event-source-mapping:" + uuid
	switch {
	case r.Method == http.MethodGet && uuid == "":
		call.Action, call.Resource = "ListEventSourceMappings", "*"
	case r.Method == http.MethodGet:
		call.Action = "GetEventSourceMapping"
	case r.Method == http.MethodPut && uuid != "":
		call.Action = "UpdateEventSourceMapping"
	default:
		call.Action = r.Method + " event-source-mappings"
	}
	call.IAM = "lambda:" + call.Action
	return func(_ context.Context, w http.ResponseWriter, body []byte) error {
		out, err := s.answerMapping(call.Action, uuid, function, body)
		if err != nil {
			return err
		}
		w.Header().Set("Content-Type", "application/json")
		return json.NewEncoder(w).Encode(out)
	}
}

func (s *Service) answerMapping(action, uuid, function string, body []byte) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if action == "ListEventSourceMappings" {
		list := []map[string]any{}
		for _, m := range s.mappings {
			if m.Function == function {
				list = append(list, s.describe(m))
			}
		}
		return map[string]any{"EventSourceMappings": list}, nil
	}
	m := s.mapping(uuid)
	now := s.opts.Now()
	switch {
	case m == nil:
		return nil, wire.StatusError(http.StatusNotFound, "ResourceNotFoundException", "The resource you requested does not exist.")
	case action == "GetEventSourceMapping":
		return s.describe(m), nil
	case action != "UpdateEventSourceMapping":
		return nil, wire.StatusError(http.StatusNotFound, "UnknownOperationException", "the fake does not have lambda:%s", action)
	case now.Before(m.settles):
		return nil, wire.StatusError(http.StatusBadRequest, "ResourceInUseException", "The event source mapping with UUID %s is being changed.", uuid)
	}
	var in struct{ Enabled *bool }
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, wire.Errorf("InvalidRequestContentException", "Could not parse request body into json")
	}
	if in.Enabled != nil && *in.Enabled != m.enabled {
		m.enabled, m.settles = *in.Enabled, now.Add(settling)
	}
	return s.describe(m), nil
}
