package fakeaws_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/keysmith/keysmith/shared/fakeaws"
)

// A conformance case is one call and what AWS answers; testdata/conformance
// explains its fields.
type conformance struct {
	Name   string
	Basis  string
	Roles  []string // that exist
	Trusts []string // ARNs of roles that the account may assume
	Before []step
	step   `yaml:",inline"`
	Want   want
}

type want struct {
	Status  int
	Error   string
	Message string
	Headers map[string]string
	Answer  map[string]any
	Body    string
}

func conformanceCases(t *testing.T) []conformance {
	t.Helper()
	files, err := filepath.Glob("testdata/conformance/cases/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no case files: %v", err)
	}
	var all []conformance
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var cases []conformance
		if err := yaml.Unmarshal(text, &cases); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all = append(all, cases...)
	}
	return all
}

func TestTheFakeAnswersAsAWSIsKnownTo(t *testing.T) {
	for i, c := range conformanceCases(t) {
		t.Run(c.Name, func(t *testing.T) {
			cloud := fakeaws.New(fakeaws.Options{})
			url, stop := fakeaws.Start(cloud)
			defer stop()
			for _, role := range c.Roles {
				cloud.KMS.AddPrincipal("arn:aws:iam::" + account + ":role/" + role)
			}
			for _, role := range c.Trusts {
				cloud.AddRole(fakeaws.Role{ARN: role, Trust: `{"Statement": [{"Effect": "Allow", "Principal": {"AWS": "` + account + `"}, "Action": "sts:AssumeRole"}]}`})
			}
			if !strings.Contains("DCIU", c.Basis) || len(c.Basis) != 1 {
				t.Errorf("the basis is %q; want D, C, I or U", c.Basis)
			}
			if diff := c.run(t, url, i); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// run makes the call on a key, a bucket, a queue and a bus of its own. It
// returns how the answer differs from what is wanted.
func (c conformance) run(t *testing.T, url string, number int) string {
	t.Helper()
	vars := prepare(t, url, number)
	for _, s := range c.Before {
		before := s.send(t, url, vars)
		if before.Error != "" {
			return fmt.Sprintf("%s before it: %s %s", s.Call, before.Error, before.Message)
		}
		for name, path := range s.Keep {
			vars[name] = before.at(path)
		}
		if v := before.Headers.Get("X-Amz-Version-Id"); v != "" {
			vars["version"] = v
		}
	}
	return c.Want.diff(c.send(t, url, vars), vars)
}

func prepare(t *testing.T, url string, number int) map[string]string {
	t.Helper()
	vars := map[string]string{
		"account": account, "bucket": fmt.Sprint("bucket-", number), "queue": fmt.Sprint("queue-", number), "bus": fmt.Sprint("bus-", number),
	}
	key := step{Call: "kms.CreateKey", Policy: map[string]any{"Version": "2012-10-17", "Statement": []any{map[string]any{
		"Effect": "Allow", "Principal": map[string]string{"AWS": "arn:aws:iam::" + account + ":root"}, "Action": "kms:*", "Resource": "*",
	}}}}.send(t, url, vars)
	metadata, _ := key.Answer["KeyMetadata"].(map[string]any)
	vars["key"], _ = metadata["KeyId"].(string)
	vars["arn"], _ = metadata["Arn"].(string)
	for _, s := range []step{
		{Call: "s3.PUT", Path: "/$bucket"},
		{Call: "s3.PUT", Path: "/$bucket?versioning", Body: "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"},
		{Call: "events.CreateEventBus", Input: map[string]any{"Name": "$bus"}},
		{Call: "sqs.CreateQueue", Input: map[string]any{"QueueName": "$queue"}},
	} {
		made := s.send(t, url, vars)
		if made.Error != "" {
			t.Fatalf("%s: %s %s", s.Call, made.Error, made.Message)
		}
		if u, ok := made.Answer["QueueUrl"].(string); ok {
			vars["url"] = u
		}
	}
	return vars
}

// diff returns the first difference in words; empty if there is none. Only
// what the case mentions is compared.
func (w want) diff(got result, vars map[string]string) string {
	switch {
	case w.Error != got.Error:
		return fmt.Sprintf("got %s, want %s", orAnswered(got.Error), orAnswered(w.Error))
	case w.Status != 0 && w.Status != got.Status:
		return fmt.Sprintf("got status %d, want %d", got.Status, w.Status)
	case w.Message != "" && expand(w.Message, vars) != got.Message:
		return fmt.Sprintf("got the message %q, want %q", got.Message, expand(w.Message, vars))
	case w.Body != "" && expand(w.Body, vars) != got.Body:
		return fmt.Sprintf("got the body %q, want %q", got.Body, expand(w.Body, vars))
	}
	for _, name := range slices.Sorted(maps.Keys(w.Headers)) { // so that the first difference is always the same
		value := w.Headers[name]
		if got.Headers.Get(name) != expand(value, vars) {
			return fmt.Sprintf("got the header %s: %q, want %q", name, got.Headers.Get(name), expand(value, vars))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(w.Answer)) {
		value := w.Answer[name]
		if expand(fmt.Sprint(value), vars) != got.at(name) {
			return fmt.Sprintf("got %s: %q, want %q", name, got.at(name), expand(fmt.Sprint(value), vars))
		}
	}
	return ""
}

func orAnswered(code string) string {
	if code == "" {
		return "an answer"
	}
	return code
}
