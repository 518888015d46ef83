package fakes3

import (
	"encoding/json"
	"net/http"

	"github.com/keysmith/keysmith/shared/fakeaws/internal/wire"
)

// SetPolicy gives a bucket a policy; an empty text takes it away.
func (s *Service) SetPolicy(bucket, policy string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b := s.buckets[bucket]; b != nil {
		b.policy = policy
	}
}

// Policy returns the policy of a bucket, empty where it has none.
func (s *Service) Policy(bucket string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b := s.buckets[bucket]; b != nil {
		return b.policy
	}
	return ""
}

func (s *Service) getPolicy(req *request) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.lookup(req.bucket)
	if err != nil {
		return err
	}
	if b.policy == "" {
		return wire.StatusError(http.StatusNotFound, "NoSuchBucketPolicy", "The bucket policy does not exist")
	}
	req.w.Header().Set("Content-Type", "application/json")
	_, err = req.w.Write([]byte(b.policy))
	return err
}

func (s *Service) putPolicy(req *request) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.lookup(req.bucket)
	if err != nil {
		return err
	}
	if !json.Valid(req.body) {
		return wire.StatusError(http.StatusBadRequest, "MalformedPolicy", "Policies must be valid JSON and the first byte must be '{'")
	}
	b.policy = string(req.body)
	req.w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Service) deletePolicy(req *request) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.lookup(req.bucket)
	if err != nil {
		return err
	}
	b.policy = ""
	req.w.WriteHeader(http.StatusNoContent)
	return nil
}
