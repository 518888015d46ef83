package fakeaws

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"
)

// Start serves c on a free port of the loopback interface. It returns the
// URL and a function that stops serving and waits until that is done. Where
// there is no port to be had it panics.
func Start(c *Cloud) (url string, stop func()) {
	url, stop, err := Serve(c, "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	return url, stop
}

// Serve is Start for any address, and with an error.
func Serve(c *Cloud, addr string) (url string, stop func(), err error) {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return "", nil, fmt.Errorf("listening for AWS calls: %w", err)
	}
	// A base context of its own lets stop end calls that hang on purpose.
	ctx, cancel := context.WithCancel(context.Background())
	server := &http.Server{
		Handler:           c,
		ReadHeaderTimeout: 10 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener) // ends with ErrServerClosed, or with the listener
	}()
	return "http://" + listener.Addr().String(), func() {
		cancel()
		_ = server.Close()
		<-done
	}, nil
}
