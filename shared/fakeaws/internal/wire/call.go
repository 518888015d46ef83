package wire

import (
	"context"
	"strings"
	"time"
)

// A Call is one API call: who made it, on what, and how it ended. The
// services fill in Resource, so that every call can be held against the IAM
// statements that must allow it.
type Call struct {
	Service  string    `json:"service"`
	Action   string    `json:"action"`
	IAM      string    `json:"iam"`
	Resource string    `json:"resource"`
	Caller   string    `json:"caller"`
	Account  string    `json:"account"`
	Region   string    `json:"region"`
	Time     time.Time `json:"time"`
	// Context holds what conditions of policies may ask about and what is not
	// the same for all calls, by condition key in lower case.
	Context map[string][]string `json:"context,omitempty"`
	// Also are permissions that the answer took beside the call's own.
	Also []Need `json:"also,omitempty"`
	// Unseen tells that no service looked at the call: a fault or a quota
	// ended it, and Resource is only what the caller wrote.
	Unseen bool `json:"unseen,omitempty"`
	// Error is the error code of the answer; it is empty after success.
	Error string `json:"error,omitempty"`
	// Fault is the kind of fault that acted on the call, if one did.
	Fault string `json:"fault,omitempty"`

	// Host is what the client called the server, for answers that hold URLs.
	Host string `json:"-"`
	// RequestID is the id that the answer carries.
	RequestID string `json:"-"`
	// UserAgent and SourceIP are what the client said of itself and where it
	// called from.
	UserAgent string `json:"-"`
	SourceIP  string `json:"-"`
}

// A Need is one permission that a call takes: an action on a resource, under
// what conditions may ask about.
type Need struct {
	IAM      string              `json:"iam"`
	Resource string              `json:"resource"`
	Context  map[string][]string `json:"context,omitempty"`
}

// Needs are all permissions that the call takes.
func (c Call) Needs() []Need {
	return append([]Need{{c.IAM, c.Resource, c.Context}}, c.Also...)
}

// A Scope is what an AWS signature names. It is empty for a request that is not
// signed.
type Scope struct{ AccessKey, Region, Service string }

// ScopeOf reads the scope of a signature in a header or in a URL.
func ScopeOf(authorization, query string) Scope {
	_, scope, found := strings.Cut(authorization, "Credential=")
	if !found {
		scope = query
	}
	scope, _, _ = strings.Cut(scope, ",")
	parts := strings.Split(scope, "/")
	if len(parts) < 5 {
		return Scope{}
	}
	return Scope{AccessKey: parts[0], Region: parts[2], Service: parts[3]}
}

type quirksKey struct{}

// Quirks is misbehaviour that a service has to act out itself, because the
// front door cannot. The zero value is a service on a good day.
type Quirks struct {
	// Stale makes a read answer as of this long ago.
	Stale time.Duration
	// Flap makes a read answer either with the present or with the past that
	// Stale names, by a throw of the dice.
	Flap bool
	// Late makes a write take effect this long after it was accepted.
	Late time.Duration
	// Entries is how many entries of a batch are to fail.
	Entries int
	// Duplicate delivers messages that stay on the queue.
	Duplicate bool
	// Shuffle delivers messages in another order.
	Shuffle bool
}

// WithQuirks returns a context that carries q to the service.
func WithQuirks(ctx context.Context, q Quirks) context.Context {
	return context.WithValue(ctx, quirksKey{}, q)
}

// QuirksOf returns what WithQuirks stored.
func QuirksOf(ctx context.Context) Quirks {
	q, _ := ctx.Value(quirksKey{}).(Quirks)
	return q
}
