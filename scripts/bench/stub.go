package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"

	"github.com/keysmith/keysmith/scripts/bench/exchange"
)

// answers holds what was answered last, by exchange.Request.Key.
type answers map[string]*httptest.ResponseRecorder

// A recorder stands before the fake AWS and remembers what was asked and what
// was answered.
type recorder struct {
	behind http.Handler

	mu       sync.Mutex
	requests []exchange.Request
	answers  answers
}

func (r *recorder) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	seen := exchange.Request{Method: request.Method, URI: request.RequestURI, Header: request.Header.Clone(), Body: body}
	request.Body = io.NopCloser(bytes.NewReader(body))
	answer := httptest.NewRecorder()
	r.behind.ServeHTTP(answer, request)
	seen.Status = answer.Code
	r.mu.Lock()
	r.requests = append(r.requests, seen)
	r.answers[seen.Key()] = answer
	r.mu.Unlock()
	send(w, answer)
}

func send(w http.ResponseWriter, answer *httptest.ResponseRecorder) {
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

// forget begins a new recording; the answers known so far stay.
func (r *recorder) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.requests = nil
}

func (r *recorder) recorded() []exchange.Request {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.requests
}

// A stub answers what was recorded, each time after the same delay. Below
// 0.3 ms the SDK gives keep-alive connections up, which would measure something
// else.
type stub struct {
	answers answers
	delay   time.Duration
}

func (s stub) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	asked := exchange.Request{Method: request.Method, URI: request.RequestURI, Header: request.Header}
	_, _ = io.Copy(io.Discard, request.Body)
	sleep(s.delay)
	answer, ok := s.answers[asked.Key()]
	if !ok {
		http.Error(w, "nothing like "+asked.Key()+" was recorded", http.StatusNotImplemented)
		return
	}
	send(w, answer)
}
