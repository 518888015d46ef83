package main

import (
	"fmt"
	"strings"
)

// A sample is one key with its policy, and the upload event that names it.
type sample struct {
	label  string
	keyID  string
	policy string
	roles  []string // that the policy names
}

const (
	account = "111122223333"
	region  = "us-east-1"
)

func samples(writer string) []sample {
	return []sample{
		newSample("2KiB", "2b000000-0000-4000-8000-000000000001", writer, 2<<10),
		newSample("32KiB", "32000000-0000-4000-8000-000000000001", writer, 32<<10),
	}
}

// newSample writes a policy of as many statements as fit, laid out as KMS lays
// it out, so that what is read back has the same size.
func newSample(label, keyID, writer string, size int) sample {
	s := sample{label: label, keyID: keyID}
	const head = `{
  "Version" : "2012-10-17",
  "Id" : "sample",
  "Statement" : [ {
    "Sid" : "AccountAdministers",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "arn:aws:iam::` + account + `:root"
    },
    "Action" : "kms:*",
    "Resource" : "*"
  }`
	const tail = " ]\n}\n"
	var text strings.Builder
	text.WriteString(head)
	for i := 0; ; i++ {
		role := fmt.Sprintf("arn:aws:iam::%s:role/application-%03d", account, i)
		one := statement(i, role)
		if text.Len()+len(one)+len(tail) > size {
			break
		}
		s.roles = append(s.roles, role)
		text.WriteString(one)
	}
	text.WriteString(tail)
	s.policy = text.String()
	s.roles = append(s.roles, writer)
	return s
}

func statement(i int, role string) string {
	return fmt.Sprintf(`, {
    "Sid" : "ApplicationUses%03d",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "%s"
    },
    "Action" : [ "kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:GenerateDataKey", "kms:DescribeKey" ],
    "Resource" : "*",
    "Condition" : {
      "StringEquals" : {
        "kms:ViaService" : "s3.%s.amazonaws.com"
      }
    }
  }`, i, role, region)
}

func (s sample) object() string { return "policies/" + s.keyID + ".json" }

// upload is the event that S3 sends through EventBridge.
func (s sample) upload(bucket string) []byte {
	return fmt.Appendf(nil, `{"version":"0","id":"0b000000-0000-4000-8000-000000000001","detail-type":"Object Created",`+
		`"source":"aws.s3","account":%q,"time":"2026-01-01T00:00:00Z","region":%q,"resources":["arn:aws:s3:::%[3]s"],`+
		`"detail":{"version":"0","bucket":{"name":%[3]q},"object":{"key":%[4]q,"size":%[5]d,"etag":"d41d8cd98f00b204e9800998ecf8427e",`+
		`"version-id":"1","sequencer":"0055AED6DCD90281E5"},"request-id":"C3D13FE58DE4C810","requester":%[1]q,`+
		`"source-ip-address":"127.0.0.1","reason":"PutObject"}}`,
		account, region, bucket, s.object(), len(s.policy))
}
