package fakeaws

import (
	"context"
	"net/http"
	"strconv"
	"time"
)

// sendHalf promises the whole body, sends half of it and closes the
// connection.
func sendHalf(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body[:len(body)/2])
	_ = http.NewResponseController(w).Flush() // else net/http would throw the half away
	panic(http.ErrAbortHandler)
}

const parts = 10

// sendSlowly sends the body in parts, spread over d.
func sendSlowly(ctx context.Context, w http.ResponseWriter, body []byte, d time.Duration) {
	for i := range parts {
		pause(ctx, d/parts)
		_, _ = w.Write(body[len(body)*i/parts : len(body)*(i+1)/parts])
		_ = http.NewResponseController(w).Flush()
	}
}
