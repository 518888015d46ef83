package fakeaws_test

import (
	"cmp"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	neturl "net/url"
	"strings"
	"testing"
)

// A step is one API call as it goes over the wire, and so it can be sent to
// any emulator, and can be wrong in ways that an SDK would not let through.
type step struct {
	Call      string            // kms.PutKeyPolicy; for S3 the method: s3.PUT
	Input     map[string]any    // of the JSON protocols
	Policy    any               // becomes Input.Policy as JSON text
	Statement any               // as Policy, beside a statement for the account
	Path      string            // of S3
	Headers   map[string]string // of S3
	Body      string            // of S3
	Region    string            // us-east-1 if empty
	Session   bool              // with the credentials $access and $token, which a step before kept
	Keep      map[string]string // variables that get a part of the answer
}

// A result is what came back, in one form for all protocols.
type result struct {
	Status  int
	Error   string
	Message string
	Headers http.Header
	Answer  map[string]any // of the JSON protocols
	Body    string
}

// at is a part of the answer: members with points between them, or the name of an
// XML element. A part that is not there is empty.
func (r result) at(path string) string {
	if r.Answer == nil {
		_, rest, _ := strings.Cut(r.Body, "<"+path+">")
		text, _, _ := strings.Cut(rest, "</")
		return text
	}
	var value any = r.Answer
	for name := range strings.SplitSeq(path, ".") {
		object, _ := value.(map[string]any)
		value = object[name]
	}
	return fmt.Sprint(value)
}

func services() map[string]struct{ target, contentType string } {
	return map[string]struct{ target, contentType string }{
		"kms":    {"TrentService", "application/x-amz-json-1.1"},
		"events": {"AWSEvents", "application/x-amz-json-1.1"},
		"sqs":    {"AmazonSQS", "application/x-amz-json-1.0"},
	}
}

func (s step) send(t *testing.T, url string, vars map[string]string) result {
	t.Helper()
	service, action, _ := strings.Cut(s.Call, ".")
	var r *http.Request
	if service == "s3" {
		r = request(t, action, url+expand(s.Path, vars), expand(s.Body, vars))
		for name, value := range s.Headers {
			r.Header.Set(name, expand(value, vars))
		}
	} else if service == "sts" {
		r = request(t, http.MethodPost, url+"/", s.form(action, vars))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	} else {
		r = request(t, http.MethodPost, url+"/", expand(s.json(t), vars))
		r.Header.Set("X-Amz-Target", services()[service].target+"."+action)
		r.Header.Set("Content-Type", services()[service].contentType)
	}
	access := "AKIAEXAMPLE"
	if s.Session {
		access = vars["access"]
		r.Header.Set("X-Amz-Security-Token", vars["token"])
	} else {
		r.Header.Set("X-Moto-Account-Id", account) // moto knows the access keys of sessions only
	}
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+access+"/20260101/"+cmp.Or(s.Region, "us-east-1")+"/"+service+
		"/aws4_request, SignedHeaders=host, Signature=00")
	r.Header.Set("X-Amz-Date", "20260101T000000Z")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return parseResult(response, body)
}

func request(t *testing.T, method, url, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// form builds the body of a call of the query protocol.
func (s step) form(action string, vars map[string]string) string {
	form := neturl.Values{"Action": {action}, "Version": {"2011-06-15"}}
	for name, value := range s.Input {
		form.Set(name, expand(fmt.Sprint(value), vars))
	}
	return form.Encode()
}

// json builds the body of a JSON call.
func (s step) json(t *testing.T) string {
	t.Helper()
	input := map[string]any{}
	for name, value := range s.Input {
		input[name] = value
	}
	switch {
	case s.Statement != nil:
		root := map[string]any{
			"Effect": "Allow", "Principal": map[string]string{"AWS": "arn:aws:iam::$account:root"}, "Action": "kms:*", "Resource": "*",
		}
		input["Policy"] = marshal(t, map[string]any{"Version": "2012-10-17", "Statement": []any{root, s.Statement}})
	case s.Policy != nil:
		input["Policy"] = marshal(t, s.Policy)
	}
	return marshal(t, input)
}

// marshal turns text from a case file into JSON; text stays as it is.
func marshal(t *testing.T, v any) string {
	t.Helper()
	if text, ok := v.(string); ok {
		return text
	}
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func expand(s string, vars map[string]string) string {
	for name, value := range vars {
		s = strings.ReplaceAll(s, "$"+name, value)
	}
	return s
}

func parseResult(response *http.Response, body []byte) result {
	out := result{Status: response.StatusCode, Headers: response.Header, Body: string(body)}
	var refusal struct {
		Code, Message string
		Error         struct{ Code, Message string } // of the query protocol
	}
	switch {
	case json.Unmarshal(body, &out.Answer) == nil:
		if response.StatusCode >= 400 {
			code, _ := out.Answer["__type"].(string)
			out.Error = code[strings.LastIndex(code, "#")+1:]
			out.Message, _ = out.Answer["message"].(string)
		}
	case response.StatusCode >= 400 && xml.Unmarshal(body, &refusal) == nil:
		out.Error, out.Message = cmp.Or(refusal.Code, refusal.Error.Code), cmp.Or(refusal.Message, refusal.Error.Message)
	}
	if response.StatusCode >= 300 && out.Error == "" {
		out.Error = http.StatusText(response.StatusCode)
	}
	return out
}
