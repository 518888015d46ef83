// Package fakeaws is a local AWS: KMS, S3, EventBridge, SQS and a little of
// STS, Lambda and CloudFormation behind one HTTP endpoint, so that SDKs, the AWS CLI and boto3 can talk
// to it through AWS_ENDPOINT_URL.
//
// It exists because a tool that changes key policies must be tried against
// something that refuses, rewrites, lags and loses answers as AWS may, and
// other emulators store any text and hand it back.
//
// It is meant for tests and demonstrations: requests need a signature only
// to tell callers apart, and nothing is kept when the process ends.
package fakeaws
