package runtimeapi

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// payloadLimit is what Lambda takes and gives in one synchronous invocation.
const payloadLimit = 6 << 20

// An invocation is one payload on its way through the runtime.
type invocation struct {
	id       string
	payload  []byte
	deadline time.Time
	arn      string
	traceID  string
	answer   chan result // buffered, and filled at most once
}

type result struct {
	body []byte
	err  error
}

// A host is the HTTP side of one sandbox: the four calls of the Runtime API.
type host struct {
	polled  chan struct{}    // one token for each time that the runtime asked for work
	work    chan *invocation // taken by the runtime that is asking
	initErr chan *FunctionError

	mu      sync.Mutex
	current *invocation
}

func newHost() *host {
	return &host{
		polled:  make(chan struct{}, 1),
		work:    make(chan *invocation),
		initErr: make(chan *FunctionError, 1),
	}
}

func (h *host) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", h.next)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", h.response)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", h.failure)
	mux.HandleFunc("POST /2018-06-01/runtime/init/error", h.initFailure)
	return mux
}

// next holds the runtime until there is work. That it came back to ask is also
// the only proof that the invocation before has ended.
func (h *host) next(w http.ResponseWriter, r *http.Request) {
	select {
	case h.polled <- struct{}{}:
	default:
	}
	select {
	case <-r.Context().Done():
	case inv := <-h.work:
		h.begin(inv)
		writeInvocation(w, inv)
	}
}

func writeInvocation(w http.ResponseWriter, inv *invocation) {
	header := w.Header()
	header.Set("Lambda-Runtime-Aws-Request-Id", inv.id)
	header.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(inv.deadline.UnixMilli(), 10))
	header.Set("Lambda-Runtime-Invoked-Function-Arn", inv.arn)
	header.Set("Lambda-Runtime-Trace-Id", inv.traceID)
	header.Set("Content-Type", "application/json")
	_, _ = w.Write(inv.payload) // a runtime that is gone shows as an exit
}

func (h *host) response(w http.ResponseWriter, r *http.Request) {
	inv := h.end(w, r)
	if inv == nil {
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, payloadLimit+1))
	switch {
	case err != nil:
		inv.answer <- result{err: fmt.Errorf("reading the response of the runtime: %w", err)}
	case len(body) > payloadLimit:
		inv.answer <- result{err: &FunctionError{Type: TypeTooLarge, Message: fmt.Sprintf("the response is larger than %d bytes", payloadLimit)}}
	case r.Trailer.Get("Lambda-Runtime-Function-Error-Type") != "":
		inv.answer <- result{err: trailerError(r.Trailer)}
	default:
		inv.answer <- result{body: body}
	}
	accept(w)
}

// trailerError reads the error of a response that broke off while it was being
// streamed: the runtime can only tell in the trailer.
func trailerError(trailer http.Header) *FunctionError {
	body, _ := base64.StdEncoding.DecodeString(trailer.Get("Lambda-Runtime-Function-Error-Body"))
	return functionError(trailer.Get("Lambda-Runtime-Function-Error-Type"), body)
}

func (h *host) failure(w http.ResponseWriter, r *http.Request) {
	if inv := h.end(w, r); inv != nil {
		inv.answer <- result{err: readError(r)}
		accept(w)
	}
}

func (h *host) initFailure(w http.ResponseWriter, r *http.Request) {
	select {
	case h.initErr <- readError(r):
	default:
	}
	accept(w)
}

func readError(r *http.Request) *FunctionError {
	body, _ := io.ReadAll(io.LimitReader(r.Body, payloadLimit))
	return functionError(r.Header.Get("Lambda-Runtime-Function-Error-Type"), body)
}

func (h *host) begin(inv *invocation) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.current = inv
}

// end takes the invocation that the request names, so that a second answer to
// the same invocation, or one to another, is refused as Lambda refuses it.
func (h *host) end(w http.ResponseWriter, r *http.Request) *invocation {
	h.mu.Lock()
	defer h.mu.Unlock()
	inv := h.current
	if inv == nil || inv.id != r.PathValue("id") {
		http.Error(w, `{"errorType":"InvalidRequestID","errorMessage":"Invalid request ID"}`, http.StatusBadRequest)
		return nil
	}
	h.current = nil
	return inv
}

func accept(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	_, _ = io.WriteString(w, `{"status":"OK"}`)
}
