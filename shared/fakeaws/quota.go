package fakeaws

import (
	"cmp"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/keysmith/keysmith/shared/fakeaws/internal/wire"
)

// A Quota is how many calls of an action a second are answered, for each
// account and Region or, with PerResource, for each key. What is above it is
// throttled.
type Quota struct {
	Service     string  `json:"service"`
	Action      string  `json:"action"`
	PerSecond   float64 `json:"perSecond"`
	PerResource bool    `json:"perResource,omitempty"`
	// AtOnce is how many may come at once; 0: a second's worth. In time that runs
	// slower that is still what AWS lends in a second of its own.
	AtOnce int `json:"atOnce,omitempty"`
}

// DocumentedQuotas are those of KMS that AWS documents as the default.
func DocumentedQuotas() []Quota {
	return []Quota{
		{Service: "kms", Action: "PutKeyPolicy", PerSecond: 15},
		{Service: "kms", Action: "GetKeyPolicy", PerSecond: 1000},
		{Service: "kms", Action: "DescribeKey", PerSecond: 2000},
		{Service: "kms", Action: "ListKeys", PerSecond: 500},
		{Service: "kms", Action: "ListAliases", PerSecond: 500},
	}
}

// quotas holds a token bucket for each quota, or for each quota and resource.
type quotas struct {
	mu      sync.Mutex
	quotas  []Quota
	buckets map[bucketKey]*rate.Limiter
}

type bucketKey struct {
	quota           Quota
	account, region string
	resource        string
}

// SetQuotas replaces the quotas. Without a call of it there are none.
func (c *Cloud) SetQuotas(q ...Quota) {
	c.quotas.mu.Lock()
	defer c.quotas.mu.Unlock()
	c.quotas.quotas, c.quotas.buckets = q, map[bucketKey]*rate.Limiter{}
}

// take takes a token for a call from each quota that counts it.
func (s *quotas) take(now time.Time, call *Call, subject string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, q := range s.quotas {
		if q.Service == call.Service && q.Action == call.Action && !s.bucket(q, call, subject).AllowN(now, 1) {
			return throttled(call.Service)
		}
	}
	return nil
}

func (s *quotas) bucket(q Quota, call *Call, subject string) *rate.Limiter {
	key := bucketKey{quota: q, account: call.Account, region: call.Region}
	if q.PerResource {
		key.resource = subject[strings.LastIndex(subject, "/")+1:] // a key goes by its id and its ARN
	}
	if s.buckets[key] == nil {
		s.buckets[key] = rate.NewLimiter(rate.Limit(q.PerSecond), cmp.Or(q.AtOnce, max(1, int(q.PerSecond))))
	}
	return s.buckets[key]
}

func throttled(service string) error {
	code := "ThrottlingException"
	if service == "s3" {
		code = "SlowDown"
	}
	return wire.StatusError(statusOf(code), code, "%s", messageOf(code))
}
