package fakeaws

import (
	"bytes"
	"errors"
	"io"
	"net/http"
)

// Transport returns a way to the cloud without sockets. It honours the
// request's context, and it works inside a testing/synctest bubble, where
// sockets do not. Give it to an SDK in an http.Client.
func (c *Cloud) Transport() http.RoundTripper { return transport{c} }

type transport struct{ handler http.Handler }

// RoundTrip runs the handler in a goroutine of its own, so that a hanging
// call ends for the client when its context does.
func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	server := r.Clone(r.Context())
	if server.Body == nil {
		server.Body = http.NoBody
	}
	if server.Host == "" {
		server.Host = server.URL.Host
	}
	answer := make(chan *memory, 1)
	go func() {
		m := &memory{header: http.Header{}, status: http.StatusOK}
		defer func() {
			_ = server.Body.Close()
			m.dropped = recover()
			answer <- m
		}()
		t.handler.ServeHTTP(m, server)
	}()
	select {
	case m := <-answer:
		// Where both happen at once, the outcome must not hang on a race.
		if err := r.Context().Err(); err != nil {
			return nil, err
		}
		return m.response(r)
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

// memory is a response as it is being written.
type memory struct {
	header  http.Header
	status  int
	wrote   bool
	body    bytes.Buffer
	dropped any // what the handler panicked with
}

func (m *memory) Header() http.Header { return m.header }

func (m *memory) WriteHeader(status int) {
	if !m.wrote {
		m.status, m.wrote = status, true
	}
}

func (m *memory) Write(b []byte) (int, error) {
	m.WriteHeader(http.StatusOK)
	return m.body.Write(b)
}

// response turns what was written into what a client sees. A handler that
// aborted has closed the connection: before the first byte that is an error,
// later a body that ends too soon.
func (m *memory) response(r *http.Request) (*http.Response, error) {
	aborted, _ := m.dropped.(error)
	switch {
	case m.dropped != nil && !errors.Is(aborted, http.ErrAbortHandler):
		panic(m.dropped)
	case m.dropped != nil && !m.wrote:
		return nil, io.EOF
	}
	body := io.Reader(&m.body)
	length := int64(m.body.Len())
	if m.dropped != nil {
		body, length = io.MultiReader(body, brokenOff{}), -1 // the rest never comes
	}
	if r.Method == http.MethodHead {
		body = http.NoBody
	}
	return &http.Response{
		Status: http.StatusText(m.status), StatusCode: m.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: m.header, Body: io.NopCloser(body), ContentLength: length, Request: r,
	}, nil
}

type brokenOff struct{}

func (brokenOff) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
