package fakeaws_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/keysmith/keysmith/shared/fakeaws"
)

func TestNoRequestBringsTheFakeDown(t *testing.T) {
	c := bubble(fakeaws.Options{})
	c.cloud.KMS.CreateKey(fakeaws.KeySpec{ID: keyID, Policy: "not even JSON"})
	bodies := []string{
		"", "{", "[]", "null", "{}", `"x"`, `{"KeyId":1}`, `{"KeyId":"` + keyID + `"}`, `{"KeyId":"arn:"}`, `{"KeyId":"alias/"}`,
		`{"KeyId":"` + keyID + `","Policy":"{\"Statement\":[1,null,[],{\"Principal\":[]}]}"}`,
		`{"KeyId":"` + keyID + `","Policy":"{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":[1,null,{}]},\"Action\":null,\"Resource\":{}}]}"}`,
		`{"QueueUrl":"","Entries":[{}]}`, `{"Name":"r","EventPattern":"{\"a\":[{}]}"}`, `{"Entries":[{"Time":1e300}]}`,
		`{"AliasName":"alias/aws/x","TargetKeyId":"` + keyID + `"}`, strings.Repeat("[", 100_000),
	}
	tables := map[string][]string{
		"TrentService": slices.Collect(maps.Keys(c.cloud.KMS.Actions())),
		"AWSEvents":    slices.Collect(maps.Keys(c.cloud.Events.Actions())),
		"AmazonSQS":    slices.Collect(maps.Keys(c.cloud.SQS.Actions())),
		"Nobody":       {"Knows"},
	}
	for prefix, actions := range tables {
		for _, action := range actions {
			for _, body := range bodies {
				r := request(t, http.MethodPost, "http://fakeaws/", body)
				r.Header.Set("X-Amz-Target", prefix+"."+action)
				if status := roundTrip(t, c, r); status >= 500 {
					t.Errorf("%s.%s of %.60q: status %d", prefix, action, body, status)
				}
			}
		}
	}
}

func roundTrip(t *testing.T, c clients, r *http.Request) int {
	t.Helper()
	response, err := c.cloud.Transport().RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode
}

func TestNoPathBringsTheFakeDown(t *testing.T) {
	c := bubble(fakeaws.Options{})
	c.cloud.S3.CreateBucket("b", true)
	for _, method := range []string{"GET", "PUT", "HEAD", "DELETE", "POST", "PATCH"} {
		for _, path := range []string{
			"/", "/b", "/b/", "/b/k", "/b/k%2Fx", "/b/../k", "/b?versioning", "/b?notification", "/b?versions", "/b?list-type=2&max-keys=x",
			"/b?location", "/b?policy", "/b/k?versionId=x", "/b/k?partNumber=1", "/nothing/k", "/b?delete",
		} {
			r := request(t, method, "http://localhost"+path, "<a")
			r.Header.Set("Range", "bytes=5-1")
			r.Header.Set("X-Amz-Content-Sha256", map[bool]string{true: "STREAMING-UNSIGNED-PAYLOAD-TRAILER"}[len(path)%2 == 0])
			if status := roundTrip(t, c, r); status >= 500 && status != http.StatusNotImplemented {
				t.Errorf("%s %s: status %d", method, path, status)
			}
		}
	}
}
