package functest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"sync/atomic"
)

// JSONAnswer is an answer with status 200.
func JSONAnswer(body string) (*http.Response, error) {
	return &http.Response{
		StatusCode: 200, Header: http.Header{"Content-Type": {"application/x-amz-json-1.1"}},
		Body: io.NopCloser(bytes.NewReader([]byte(body))), ContentLength: int64(len(body)),
	}, nil
}

// PolicyAnswer is the answer of GetKeyPolicy that holds text.
func PolicyAnswer(text string) (*http.Response, error) {
	return JSONAnswer(string(JSON(M{"Policy": text, "PolicyName": "default"})))
}

// Reads answers GetKeyPolicy from a list of policy names, one a read. For an empty
// name, and after the list, KMS answers.
func Reads(names ...string) Sender {
	return func(action string, send func() (*http.Response, error)) (*http.Response, error) {
		if action != "GetKeyPolicy" || len(names) == 0 {
			return send()
		}
		name := names[0]
		names = names[1:]
		if name == "" {
			return send()
		}
		return PolicyAnswer(Policy(name))
	}
}

// Gone lets no call through from the first one of an action on, as if the process
// had been killed there.
func Gone(action string) Sender {
	var dead atomic.Bool
	return func(got string, send func() (*http.Response, error)) (*http.Response, error) {
		if got == action {
			dead.Store(true)
		}
		if dead.Load() {
			return nil, ErrDropped
		}
		return send()
	}
}

// AfterPut answers with f all calls of an action after the first put.
func AfterPut(action string, f func(func() (*http.Response, error)) (*http.Response, error)) Sender {
	var put atomic.Bool
	return func(got string, send func() (*http.Response, error)) (*http.Response, error) {
		if got == "PutKeyPolicy" {
			put.Store(true)
		}
		if put.Load() && got == action {
			return f(send)
		}
		return send()
	}
}

// A Sender stands between the SDK and the cloud.
type Sender = func(action string, send func() (*http.Response, error)) (*http.Response, error)

// First answers with f the first n calls of an action.
func First(n int, action string, f func(send func() (*http.Response, error)) (*http.Response, error)) Sender {
	return func(got string, send func() (*http.Response, error)) (*http.Response, error) {
		if got != action || n == 0 {
			return send()
		}
		n--
		return f(send)
	}
}

// Fails is an error as AWS sends it.
func Fails(status int, code, message string) func(func() (*http.Response, error)) (*http.Response, error) {
	return func(func() (*http.Response, error)) (*http.Response, error) {
		return AnswerError(status, code, message)
	}
}

// Always is a number of calls without end.
const Always = -1

// AnswerError is a JSON error as AWS sends it.
func AnswerError(status int, code, message string) (*http.Response, error) {
	body, _ := json.Marshal(map[string]string{"__type": code, "message": message})
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {"application/x-amz-json-1.1"}},
		Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)),
	}, nil
}

// ErrDropped is the error of a call whose connection was lost.
var ErrDropped = errors.New("connection reset by peer")
