package wire

import (
	"context"
	"encoding/json"
)

// An Action answers one API call of a JSON protocol.
type Action func(ctx context.Context, call *Call, body []byte) (any, error)

// A Table maps action names to what answers them.
type Table map[string]Action

// Handle adapts a function with a typed input. A body that does not decode is
// refused as AWS refuses it.
func Handle[In any](f func(context.Context, *Call, In) (any, error)) Action {
	return func(ctx context.Context, call *Call, body []byte) (any, error) {
		var in In
		if len(body) == 0 {
			body = []byte("{}")
		}
		if err := json.Unmarshal(body, &in); err != nil {
			return nil, Errorf("SerializationException", "%s", err)
		}
		return f(ctx, call, in)
	}
}

// Do answers call from the table.
func (t Table) Do(ctx context.Context, call *Call, body []byte) (any, error) {
	f, ok := t[call.Action]
	if !ok {
		return nil, Errorf("UnknownOperationException", "the fake does not have %s:%s", call.Service, call.Action)
	}
	return f(ctx, call, body)
}
