package fakesqs

import (
	"errors"
	"strconv"
	"strings"

	"github.com/keysmith/keysmith/shared/fakeaws/internal/wire"
)

const maxBatch = 10

// batch does one thing for each entry and reports each by its id, as every
// batch call does: the call succeeds where entries fail.
func batch[E any](entries []E, id func(E) string, do func(E) (map[string]string, error)) (any, error) {
	if err := checkBatch(entries, id); err != nil {
		return nil, err
	}
	done, failed := []map[string]string{}, []map[string]any{}
	for _, e := range entries {
		out, err := do(e)
		var refused *wire.Error
		if errors.As(err, &refused) {
			failed = append(failed, map[string]any{
				"Id": id(e), "Code": strings.TrimPrefix(refused.Code, "com.amazonaws.sqs#"), "Message": refused.Message, "SenderFault": true,
			})
			continue
		}
		if out == nil {
			out = map[string]string{}
		}
		out["Id"] = id(e)
		done = append(done, out)
	}
	return map[string]any{"Successful": done, "Failed": failed}, nil
}

func checkBatch[E any](entries []E, id func(E) string) error {
	const prefix = "AWS.SimpleQueueService."
	switch {
	case len(entries) == 0:
		return refuse("EmptyBatchRequest", prefix+"EmptyBatchRequest", "There should be at least one entry in the request.")
	case len(entries) > maxBatch:
		return refuse("TooManyEntriesInBatchRequest", prefix+"TooManyEntriesInBatchRequest",
			"Maximum number of entries per request are 10. You have sent "+strconv.Itoa(len(entries))+".")
	}
	seen := map[string]bool{}
	for _, e := range entries {
		if seen[id(e)] {
			return refuse("BatchEntryIdsNotDistinct", prefix+"BatchEntryIdsNotDistinct", "Id "+id(e)+" repeated.")
		}
		seen[id(e)] = true
	}
	return nil
}
