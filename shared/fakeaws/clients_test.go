package fakeaws_test

import (
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/keysmith/keysmith/shared/fakeaws"
)

const account = "111122223333"

// clients are the real SDK clients, wired to a cloud over HTTP.
type clients struct {
	cloud  *fakeaws.Cloud
	url    string
	kms    *kms.Client
	s3     *s3.Client
	events *eventbridge.Client
	sqs    *sqs.Client
}

func start(t *testing.T, o fakeaws.Options) clients {
	t.Helper()
	cloud := fakeaws.New(o)
	url, stop := fakeaws.Start(cloud)
	t.Cleanup(stop)
	return connect(cloud, url, config(url))
}

// bubble is start without sockets, for a testing/synctest bubble.
func bubble(o fakeaws.Options) clients {
	cloud := fakeaws.New(o)
	cfg := config("http://fakeaws")
	cfg.HTTPClient = &http.Client{Transport: cloud.Transport()}
	return connect(cloud, "http://fakeaws", cfg)
}

func connect(cloud *fakeaws.Cloud, url string, cfg aws.Config) clients {
	return clients{
		cloud: cloud, url: url,
		kms:    kms.NewFromConfig(cfg),
		s3:     s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true }),
		events: eventbridge.NewFromConfig(cfg),
		sqs:    sqs.NewFromConfig(cfg),
	}
}

func config(url string) aws.Config {
	return aws.Config{
		Region:           "us-east-1",
		BaseEndpoint:     aws.String(url),
		Credentials:      credentials.NewStaticCredentialsProvider("AKIAEXAMPLE", "secret", ""),
		RetryMaxAttempts: 1,
	}
}
