package fakeaws_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws"
)

// control calls the fake's own endpoint and returns status and body.
func control(t *testing.T, c clients, method, name, body string) (int, string) {
	t.Helper()
	response, err := http.DefaultClient.Do(request(t, method, c.url+"/_fakeaws/"+name, body))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

func TestFaultsCanBeOrderedOverHTTP(t *testing.T) {
	c := start(t, fakeaws.Options{})
	status, text := control(t, c, http.MethodPost, "keys", `{"ID":"`+keyID+`"}`)
	if status != http.StatusNoContent || readPolicy(c) == "" {
		t.Fatalf("making a key: got %d %s", status, text)
	}
	status, text = control(t, c, http.MethodPost, "faults", `{"service":"kms","kind":"stale","delay":"1m30s","times":2}`)
	if status != http.StatusNoContent {
		t.Fatalf("got %d %s", status, text)
	}
	readPolicy(c)
	_, text = control(t, c, http.MethodGet, "faults", "")
	var armed []fakeaws.ArmedFault
	if err := json.Unmarshal([]byte(text), &armed); err != nil || len(armed) != 1 ||
		armed[0].Fault.Delay != 90*time.Second || armed[0].Acted != 1 {
		t.Errorf("got %s, %v", text, err)
	}
	if status, _ := control(t, c, http.MethodDelete, "faults", ""); status != http.StatusNoContent || len(c.cloud.Faults()) != 0 {
		t.Errorf("clearing: got %d", status)
	}
	control(t, c, http.MethodPost, "quotas", `[{"service":"kms","action":"GetKeyPolicy","perSecond":1}]`)
	if readPolicy(c) == "" || readPolicy(c) != "" {
		t.Error("the quota of one read a second does not hold")
	}
	_, text = control(t, c, http.MethodGet, "calls", "")
	if strings.Count(text, `"action":"GetKeyPolicy"`) != 4 || strings.Count(text, `"error":"ThrottlingException"`) != 1 {
		t.Errorf("the log of calls is %s", text)
	}
}

func TestAMisspeltOrderIsRefused(t *testing.T) {
	c := start(t, fakeaws.Options{})
	for name, body := range map[string]string{
		"a kind that does not exist":   `{"kind":"wobble"}`,
		"a member that does not exist": `{"kind":"drop","acton":"PutKeyPolicy"}`,
		"a delay that is no time":      `{"kind":"slow","delay":"soon"}`,
		"no JSON":                      `drop`,
	} {
		if status, _ := control(t, c, http.MethodPost, "faults", body); status != http.StatusBadRequest || len(c.cloud.Faults()) != 0 {
			t.Errorf("%s: got %d, %+v", name, status, c.cloud.Faults())
		}
	}
	if status, _ := control(t, c, http.MethodGet, "nothing", ""); status != http.StatusNotFound {
		t.Errorf("an address that does not exist: got %d", status)
	}
}

func TestPrincipalsComeAndGoOverHTTP(t *testing.T) {
	c := start(t, fakeaws.Options{})
	c.cloud.KMS.CreateKey(fakeaws.KeySpec{ID: keyID})
	role := "arn:aws:iam::111122223333:role/new"
	policy := policyFor(`["` + admin + `","` + role + `"]`)
	if err := put(c, policy); codeOf(err) != "MalformedPolicyDocumentException" {
		t.Errorf("before: got %v", err)
	}
	control(t, c, http.MethodPost, "principals", `{"ARN":"`+role+`"}`)
	if err := put(c, policy); err != nil {
		t.Errorf("there: got %v", err)
	}
	control(t, c, http.MethodPost, "principals", `{"ARN":"`+role+`","Remove":true}`)
	if got := readPolicy(c); strings.Contains(got, role) {
		t.Errorf("gone: got %s", got)
	}
}

func TestWhoAsksIsToldOfEachCall(t *testing.T) {
	c := bubble(fakeaws.Options{})
	c.cloud.KMS.CreateKey(fakeaws.KeySpec{ID: keyID})
	var told []string
	c.cloud.BeforeEach(func(call fakeaws.Call) { told = append(told, "before "+call.Action) })
	c.cloud.AfterEach(func(call fakeaws.Call) { told = append(told, "after "+call.Action+" "+call.Error) })
	readPolicy(c)
	c.cloud.Fault(fakeaws.Fault{Kind: fakeaws.Refuse})
	readPolicy(c)
	want := "before GetKeyPolicy, after GetKeyPolicy , before GetKeyPolicy, after GetKeyPolicy KMSInternalException"
	if got := strings.Join(told, ", "); got != want {
		t.Errorf("got %s", got)
	}
}

func TestACallInMemoryEndsWithItsContext(t *testing.T) {
	c := bubble(fakeaws.Options{})
	c.cloud.Fault(fakeaws.Fault{Kind: fakeaws.Hang})
	short, cancel := context.WithCancel(ctx)
	c.cloud.BeforeEach(func(fakeaws.Call) { cancel() })
	r := request(t, http.MethodGet, "http://fakeaws/b/k", "").WithContext(short)
	if _, err := c.cloud.Transport().RoundTrip(r); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestTheCallerIsWhoTheAccessKeySays(t *testing.T) {
	c := start(t, fakeaws.Options{})
	who := func(key string) string {
		r := request(t, http.MethodPost, c.url, "Action=GetCallerIdentity&Version=2011-06-15")
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+key+"/20260101/us-east-1/sts/aws4_request, Signature=0")
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	c.cloud.SetCredentials("AKIAWRITER", "arn:aws:iam::111122223333:role/writer")
	if got := who("AKIAWRITER"); !strings.Contains(got, "<Arn>arn:aws:iam::111122223333:role/writer</Arn>") {
		t.Errorf("got %s", got)
	}
	if got := who("AKIAOTHER"); !strings.Contains(got, "<Arn>"+admin+"</Arn>") {
		t.Errorf("got %s", got)
	}
}
