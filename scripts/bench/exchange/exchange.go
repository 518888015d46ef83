// Package exchange is the file format between the benchmark, which records what
// the function sends, and the floor program, which sends the same again.
package exchange

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
)

// A Request is one HTTP request as it was seen by the server.
type Request struct {
	Method string
	URI    string // path and query
	Header http.Header
	Body   []byte
	Status int // of the answer: 404 where nothing is there, such as a hold
}

// Key tells requests apart by what they ask for, not by when and by whom.
func (r Request) Key() string {
	return r.Method + " " + r.URI + " " + r.Header.Get("X-Amz-Target")
}

// Name is what the request is called in the documentation, or nearly so.
func (r Request) Name() string {
	if _, action, ok := strings.Cut(r.Header.Get("X-Amz-Target"), "."); ok {
		return action
	}
	return r.Method
}

// Write stores the requests of one invocation.
func Write(path string, requests []Request) error {
	text, err := json.Marshal(requests)
	if err != nil {
		return fmt.Errorf("writing the recorded requests: %w", err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		return fmt.Errorf("writing the recorded requests: %w", err)
	}
	return nil
}

// Read is the other half of Write.
func Read(path string) ([]Request, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the recorded requests: %w", err)
	}
	var requests []Request
	if err := json.Unmarshal(text, &requests); err != nil {
		return nil, fmt.Errorf("reading the recorded requests: %w", err)
	}
	return requests, nil
}
