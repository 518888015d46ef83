package fakes3

import (
	"encoding/xml"
	"maps"
	"net/http"
	"slices"

	"github.com/keysmith/keysmith/shared/fakeaws/internal/wire"
)

func (s *Service) createBucket(req *request) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.buckets[req.bucket] != nil {
		return wire.StatusError(http.StatusConflict, "BucketAlreadyOwnedByYou",
			"Your previous request to create the named bucket succeeded and you already own it.")
	}
	s.create(req.bucket)
	req.w.Header().Set("Location", "/"+req.bucket)
	return nil
}

func (s *Service) create(name string) *bucket {
	b := &bucket{name: name, created: s.opts.Now(), objects: map[string][]*Object{}}
	s.buckets[name] = b
	return b
}

func (s *Service) headBucket(req *request) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	req.w.Header().Set("X-Amz-Bucket-Region", s.opts.Region)
	_, err := s.lookup(req.bucket)
	return err
}

func (s *Service) deleteBucket(req *request) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.lookup(req.bucket)
	if err != nil {
		return err
	}
	for _, versions := range b.objects {
		if len(versions) > 0 {
			return wire.StatusError(http.StatusConflict, "BucketNotEmpty", "The bucket you tried to delete is not empty")
		}
	}
	delete(s.buckets, req.bucket)
	req.w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Service) listBuckets(req *request) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out struct {
		XMLName xml.Name `xml:"ListAllMyBucketsResult"`
		Buckets struct {
			Bucket []bucketEntry
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.buckets)) {
		out.Buckets.Bucket = append(out.Buckets.Bucket, bucketEntry{name, stamp(s.buckets[name].created)})
	}
	return req.answer(out)
}

type bucketEntry struct{ Name, CreationDate string }

func (s *Service) getLocation(req *request) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.lookup(req.bucket); err != nil {
		return err
	}
	region := s.opts.Region
	if region == "us-east-1" {
		region = "" // S3 says nothing for its oldest Region
	}
	return req.answer(struct {
		XMLName xml.Name `xml:"LocationConstraint"`
		Region  string   `xml:",chardata"`
	}{Region: region})
}

type versioningConfiguration struct {
	XMLName xml.Name `xml:"VersioningConfiguration"`
	Status  string   `xml:",omitempty"`
}

func (s *Service) getVersioning(req *request) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.lookup(req.bucket)
	if err != nil {
		return err
	}
	return req.answer(versioningConfiguration{Status: b.versioning})
}

func (s *Service) putVersioning(req *request) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.lookup(req.bucket)
	if err != nil {
		return err
	}
	var in versioningConfiguration
	if xml.Unmarshal(req.body, &in) != nil || (in.Status != "Enabled" && in.Status != "Suspended") {
		return malformedXML()
	}
	b.versioning = in.Status
	return nil
}

func malformedXML() error {
	return wire.StatusError(http.StatusBadRequest, "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema")
}

type notificationConfiguration struct {
	XMLName     xml.Name  `xml:"NotificationConfiguration"`
	EventBridge *struct{} `xml:"EventBridgeConfiguration"`
}

func (s *Service) getNotification(req *request) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.lookup(req.bucket)
	if err != nil {
		return err
	}
	out := notificationConfiguration{}
	if b.eventBridge {
		out.EventBridge = &struct{}{}
	}
	return req.answer(out)
}

func (s *Service) putNotification(req *request) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.lookup(req.bucket)
	if err != nil {
		return err
	}
	var in notificationConfiguration
	if xml.Unmarshal(req.body, &in) != nil {
		return malformedXML()
	}
	b.eventBridge = in.EventBridge != nil
	return nil
}
