package stack

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/keysmith/keysmith/shared/runtimeapi/eventsource"
)

// Account is the account that the stack is in.
func (s *Stack) Account() string { return s.Cloud.Account() }

// Region is the Region that the stack is in.
func (s *Stack) Region() string { return s.Cloud.Region() }

// Bucket is the name of the policy bucket.
func (s *Stack) Bucket() string { return s.declared.Buckets[0].Name }

// Bus is the name of the bus with this logical id; empty where there is none.
func (s *Stack) Bus(logicalID string) string {
	for _, b := range s.declared.Buses {
		if b.LogicalID == logicalID {
			return b.Name
		}
	}
	return ""
}

// QueueURL is the URL of a queue.
func (s *Stack) QueueURL(name string) string { return s.URL + "/" + s.Account() + "/" + name }

// Setting is an environment variable of the function.
func (s *Stack) Setting(name string) string { return s.first().Environment[name] }

// RoleARN is the function's role.
func (s *Stack) RoleARN() string { return s.first().RoleARN }

// Upload stores an object in the policy bucket, as a pipeline would.
func (s *Stack) Upload(object string, text []byte) (version string) {
	return s.Cloud.S3.Put(s.Bucket(), object, text, nil)
}

// Kill ends every process of the functions, in the middle of whatever it does.
func (s *Stack) Kill() {
	for _, f := range s.functions {
		for _, sandbox := range f.instances().Sandboxes() {
			sandbox.Kill()
		}
	}
}

// sqsAs is a client with an access key; who that is was settled in make.
func (s *Stack) sqsAs(accessKey string) *sqs.Client {
	return sqs.New(sqs.Options{
		Region:       s.Region(),
		BaseEndpoint: &s.URL,
		Credentials:  keyOf(accessKey),
	})
}

func keyOf(accessKey string) aws.CredentialsProviderFunc {
	return func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: accessKey, SecretAccessKey: "none"}, nil
	}
}

// PutAs calls PutKeyPolicy with the role of a function, by its logical id.
func (s *Stack) PutAs(ctx context.Context, logicalID, keyID, policy string) error {
	f, err := s.function(logicalID)
	if err != nil {
		return err
	}
	_, err = kms.New(kms.Options{Region: s.Region(), BaseEndpoint: &s.URL, Credentials: keyOf(f.key)}).
		PutKeyPolicy(ctx, &kms.PutKeyPolicyInput{KeyId: &keyID, Policy: &policy})
	return err
}

func (s *Stack) observe(d eventsource.Delivery) {
	if s.watch != nil {
		s.watch(d)
	}
	if d.Err == nil || errors.Is(d.Err, context.Canceled) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failures = append(s.failures, d.Err)
}

// Failures returns what went wrong between queue and function since the last
// call.
func (s *Stack) Failures() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := errors.Join(s.failures...)
	s.failures = nil
	return err
}
