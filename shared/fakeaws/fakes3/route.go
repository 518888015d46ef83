package fakes3

import (
	"encoding/xml"
	"errors"
	"net/http"
	"strings"

	"github.com/keysmith/keysmith/shared/fakeaws/internal/wire"
)

// A request is one REST call, taken apart.
type request struct {
	call   *wire.Call
	w      http.ResponseWriter
	r      *http.Request
	body   []byte
	bucket string
	key    string
}

type operation struct {
	name   string
	iam    string
	answer func(*Service, *request) error
}

// Parse finds the API call in a REST request and fills in its names. The
// result answers it.
func (s *Service) Parse(call *wire.Call, r *http.Request) func(http.ResponseWriter, []byte) error {
	req := &request{call: call, r: r}
	req.bucket, req.key = s.split(r)
	op := req.operation()
	call.Service, call.Action, call.IAM = "s3", op.name, "s3:"+op.iam
	call.Resource = "arn:aws:s3:::" + req.bucket
	if req.key != "" {
		call.Resource += "/" + req.key
	}
	call.Context = req.conditionKeys()
	return func(w http.ResponseWriter, body []byte) error {
		req.w, req.body = w, body
		return s.serve(req, op)
	}
}

// conditionKeys are what a policy may ask of a request; nil if there are none.
func (req *request) conditionKeys() map[string][]string {
	if q := req.r.URL.Query(); req.key == "" && q.Has("prefix") {
		return map[string][]string{"s3:prefix": {q.Get("prefix")}}
	}
	if method := req.r.Header.Get("X-Amz-Server-Side-Encryption"); method != "" {
		return map[string][]string{"s3:x-amz-server-side-encryption": {method}}
	}
	return nil
}

func (s *Service) serve(req *request, op operation) error {
	if owner := req.r.Header.Get("X-Amz-Expected-Bucket-Owner"); owner != "" && owner != s.opts.Account {
		return wire.StatusError(http.StatusForbidden, "AccessDenied", "Access Denied")
	}
	return op.answer(s, req)
}

// split finds bucket and key, whether the bucket stands in the path or in the
// host name.
func (s *Service) split(r *http.Request) (bucket, key string) {
	path := strings.TrimPrefix(r.URL.Path, "/")
	host, _, _ := strings.Cut(r.Host, ":")
	if name := s.virtualHost(host); name != "" {
		return name, path
	}
	bucket, key, _ = strings.Cut(path, "/")
	return bucket, key
}

// virtualHost returns the bucket in a host name: what stands before a mark
// that SDKs use, or the name of a bucket that exists.
func (s *Service) virtualHost(host string) string {
	for _, mark := range []string{".s3.", ".s3-", ".localhost"} {
		if name, _, found := strings.Cut(host, mark); found {
			return name
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for name := range s.buckets {
		if strings.HasPrefix(host, name+".") {
			return name
		}
	}
	return ""
}

func (req *request) operation() operation {
	switch {
	case req.bucket == "":
		return operation{"ListBuckets", "ListAllMyBuckets", (*Service).listBuckets}
	case req.key == "":
		return req.bucketOperation()
	}
	switch req.r.Method {
	case http.MethodGet:
		return operation{"GetObject", req.versioned("GetObject"), (*Service).getObject}
	case http.MethodHead:
		return operation{"HeadObject", req.versioned("GetObject"), (*Service).getObject}
	case http.MethodDelete:
		return operation{"DeleteObject", req.versioned("DeleteObject"), (*Service).deleteObject}
	case http.MethodPut:
		if req.r.Header.Get("X-Amz-Copy-Source") != "" {
			return operation{"CopyObject", "PutObject", (*Service).copyObject}
		}
		if !req.r.URL.Query().Has("partNumber") {
			return operation{"PutObject", "PutObject", (*Service).putObject}
		}
	}
	return operation{"Unknown", "Unknown", (*Service).notImplemented}
}

func (req *request) versioned(action string) string {
	if req.r.URL.Query().Get("versionId") != "" {
		return action + "Version"
	}
	return action
}

func (req *request) bucketOperation() operation {
	sub := ""
	for _, name := range []string{"versioning", "notification", "versions", "location", "delete", "list-type", "policy"} {
		if req.r.URL.Query().Has(name) {
			sub = "?" + name
		}
	}
	switch req.r.Method + sub {
	case "PUT":
		return operation{"CreateBucket", "CreateBucket", (*Service).createBucket}
	case "HEAD":
		return operation{"HeadBucket", "ListBucket", (*Service).headBucket}
	case "DELETE":
		return operation{"DeleteBucket", "DeleteBucket", (*Service).deleteBucket}
	case "GET", "GET?list-type":
		return operation{"ListObjectsV2", "ListBucket", (*Service).listObjects}
	case "GET?versions":
		return operation{"ListObjectVersions", "ListBucketVersions", (*Service).listVersions}
	case "GET?location":
		return operation{"GetBucketLocation", "GetBucketLocation", (*Service).getLocation}
	case "GET?versioning":
		return operation{"GetBucketVersioning", "GetBucketVersioning", (*Service).getVersioning}
	case "PUT?versioning":
		return operation{"PutBucketVersioning", "PutBucketVersioning", (*Service).putVersioning}
	case "GET?policy":
		return operation{"GetBucketPolicy", "GetBucketPolicy", (*Service).getPolicy}
	case "PUT?policy":
		return operation{"PutBucketPolicy", "PutBucketPolicy", (*Service).putPolicy}
	case "DELETE?policy":
		return operation{"DeleteBucketPolicy", "DeleteBucketPolicy", (*Service).deletePolicy}
	case "GET?notification":
		return operation{"GetBucketNotificationConfiguration", "GetBucketNotification", (*Service).getNotification}
	case "PUT?notification":
		return operation{"PutBucketNotificationConfiguration", "PutBucketNotification", (*Service).putNotification}
	}
	return operation{"Unknown", "Unknown", (*Service).notImplemented}
}

func (s *Service) notImplemented(*request) error {
	return wire.StatusError(http.StatusNotImplemented, "NotImplemented", "A header you provided implies functionality that is not implemented")
}

// answer writes an XML document.
func (req *request) answer(v any) error {
	req.w.Header().Set("Content-Type", "application/xml")
	if _, err := req.w.Write([]byte(xml.Header)); err != nil {
		return err
	}
	return xml.NewEncoder(req.w).Encode(v)
}

// WriteError writes a refusal as S3 words it.
func (s *Service) WriteError(w http.ResponseWriter, r *http.Request, requestID string, err error) {
	var refused *wire.Error
	if !errors.As(err, &refused) {
		refused = wire.StatusError(http.StatusInternalServerError, "InternalError", "We encountered an internal error. Please try again.")
	}
	for name, values := range refused.Header {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(refused.Status)
	if r.Method == http.MethodHead || refused.Status == http.StatusNotModified {
		return
	}
	bucket, key := s.split(r)
	body, _ := xml.Marshal(struct {
		XMLName                                   xml.Name `xml:"Error"`
		Code, Message, BucketName, Key, RequestId string
	}{Code: refused.Code, Message: refused.Message, BucketName: bucket, Key: key, RequestId: requestID})
	_, _ = w.Write(append([]byte(xml.Header), body...))
}
