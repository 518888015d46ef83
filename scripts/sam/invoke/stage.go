package main

import (
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws"
)

// A stage is the address at which containers find AWS, whichever cloud is
// shown there at the time.
type stage struct {
	server *http.Server
	cloud  atomic.Pointer[fakeaws.Cloud]
}

func listen(address string) (*stage, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listening where containers look for AWS: %w", err)
	}
	s := &stage{}
	s.server = &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.server.Serve(l) }() // ends with close
	return s, nil
}

func (s *stage) show(c *fakeaws.Cloud) { s.cloud.Store(c) }

func (s *stage) close() { _ = s.server.Close() }

func (s *stage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := s.cloud.Load()
	if c == nil {
		http.Error(w, "nothing is shown yet", http.StatusServiceUnavailable)
		return
	}
	c.ServeHTTP(w, r)
}
