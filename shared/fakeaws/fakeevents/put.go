package fakeevents

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws/internal/wire"
)

// The limits of a PutEvents request and of one entry.
const (
	maxEntries = 10
	maxBytes   = 256 << 10
)

type putEventsEntry struct {
	Time         *float64
	Source       string
	Resources    []string
	DetailType   string
	Detail       string
	EventBusName string
}

type putEventsInput struct{ Entries []putEventsEntry }

// putEvents answers 200 also where it took none of the entries: each has a
// verdict of its own.
func (s *Service) putEvents(ctx context.Context, call *wire.Call, in putEventsInput) (any, error) {
	call.Resource = s.arn("event-bus", "default")
	if len(in.Entries) > 0 {
		call.Resource = s.arn("event-bus", cmp.Or(baseName(in.Entries[0].EventBusName), "default"))
	}
	call.Context = conditionKeys(in.Entries)
	switch {
	case len(in.Entries) == 0 || len(in.Entries) > maxEntries:
		return nil, wire.Errorf("ValidationException", "1 validation error detected: Value at 'entries' failed to satisfy constraint: "+
			"Member must have length between 1 and %d", maxEntries)
	case totalSize(in.Entries) > maxBytes:
		return nil, wire.Errorf("ValidationException", "Total size of the entries in the request is over the limit.")
	}
	failing := wire.QuirksOf(ctx).Entries
	results, failed := make([]map[string]string, len(in.Entries)), 0
	for i, e := range in.Entries {
		results[i] = s.putEntry(call, e, i < failing)
		if results[i]["ErrorCode"] != "" {
			failed++
		}
	}
	return map[string]any{"FailedEntryCount": failed, "Entries": results}, nil
}

// ConditionKeys are those of a request of PutEvents, for the policy of the bus that
// is asked before; nil for every other request.
func ConditionKeys(body []byte) map[string][]string {
	var in putEventsInput
	if json.Unmarshal(body, &in) != nil || len(in.Entries) == 0 {
		return nil
	}
	return conditionKeys(in.Entries)
}

// conditionKeys are what a policy may ask of a request; each has a value for
// every entry.
func conditionKeys(entries []putEventsEntry) map[string][]string {
	keys := map[string][]string{}
	for _, e := range entries {
		keys["events:source"] = append(keys["events:source"], e.Source)
		keys["events:detail-type"] = append(keys["events:detail-type"], e.DetailType)
	}
	return keys
}

func totalSize(entries []putEventsEntry) int {
	total := 0
	for _, e := range entries {
		total += len(e.Source) + len(e.DetailType) + len(e.Detail)
		for _, r := range e.Resources {
			total += len(r)
		}
		if e.Time != nil {
			total += 14
		}
	}
	return total
}

func (s *Service) putEntry(call *wire.Call, e putEventsEntry, fail bool) map[string]string {
	refuse := func(code, message string) map[string]string {
		return map[string]string{"ErrorCode": code, "ErrorMessage": message}
	}
	switch {
	case fail:
		return refuse("InternalFailure", "The entry was not taken; send it again.")
	case e.Source == "" || e.DetailType == "" || e.Detail == "":
		return refuse("InvalidArgument", "Source, DetailType and Detail must not be empty.")
	case strings.HasPrefix(e.Source, "aws."):
		return refuse("NotAuthorizedForSourceException", "Not authorized for the source.")
	case !isObject(e.Detail):
		return refuse("MalformedDetail", "Detail is malformed.")
	}
	at := s.opts.Now()
	if e.Time != nil {
		at = time.UnixMilli(int64(*e.Time * 1000))
	}
	// For an unknown bus the fake takes the entry and loses it: the worst that
	// a client must reckon with.
	id := s.Publish(e.EventBusName, Entry{
		Source: e.Source, DetailType: e.DetailType, Account: call.Account, Region: call.Region,
		Time: at, Resources: e.Resources, Detail: json.RawMessage(e.Detail),
	})
	return map[string]string{"EventId": id}
}

func isObject(detail string) bool {
	return json.Valid([]byte(detail)) && bytes.HasPrefix(bytes.TrimSpace([]byte(detail)), []byte("{"))
}
