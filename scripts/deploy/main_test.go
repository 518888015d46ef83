package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/keysmith/keysmith/shared/fakeaws"
)

// A scene is an account with a stack, perhaps, and a SAM that only notes how it
// was called. CloudFormation and Lambda answer here, the rest is the fake AWS.
type scene struct {
	*testing.T
	d     *deployment
	cloud *fakeaws.Cloud
	out   strings.Builder

	parameters map[string]string // nil: there is no stack
	trouble    string            // error code of DescribeStacks
	ran        [][]string        // programs
	refuse     string            // a program that fails
	invoked    []string          // payloads
	answer     string            // FunctionError's payload, empty for success
}

const queueURL = "https://sqs.us-east-1.amazonaws.com/111122223333/apply"

func newScene(t *testing.T) *scene {
	s := &scene{T: t, cloud: fakeaws.New(fakeaws.Options{})}
	s.cloud.S3.CreateBucket("policies", true)
	s.cloud.SQS.CreateQueue("apply", nil)
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.d = newDeployment(aws.Config{Region: "us-east-1", BaseEndpoint: &server.URL, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", "")}, &s.out)
	s.d.template, s.d.stack, s.d.terminal, s.d.approved = "../../template.yaml", "keysmith", false, true
	s.d.parameters, s.d.tags = "KeyArns=arn:aws:kms:us-east-1:111122223333:key/*", ""
	s.d.execute = func(_ context.Context, env []string, name string, args ...string) error {
		if args[0] == "check" {
			args = slices.Concat(args, env)
		}
		s.ran = append(s.ran, append([]string{name}, args...))
		if s.refuse != "" && strings.Contains(name+" "+args[0], s.refuse) {
			return errors.New("exit status 1")
		}
		if name == "sam" && args[0] == "deploy" && !slices.Contains(args, "--no-execute-changeset") && s.parameters == nil {
			s.parameters = map[string]string{"Mode": "plan"}
		}
		return nil
	}
	return s
}

func (s *scene) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	form, _ := url.ParseQuery(string(body))
	switch {
	case form.Get("Action") == "DescribeStacks":
		s.describe(w)
	case strings.Contains(r.URL.Path, "/functions/"):
		s.invoked = append(s.invoked, string(body))
		if s.answer != "" {
			w.Header().Set("X-Amz-Function-Error", "Unhandled")
			fmt.Fprint(w, s.answer)
			return
		}
		fmt.Fprint(w, `{"outcomes":[],"ignored":0}`)
	default:
		s.cloud.ServeHTTP(w, r)
	}
}

func (s *scene) describe(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/xml")
	refuse := func(code, message string) {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error></ErrorResponse>`, code, message)
	}
	switch {
	case s.trouble != "":
		refuse(s.trouble, "no")
		return
	case s.parameters == nil:
		refuse("ValidationError", "Stack with id keysmith does not exist")
		return
	}
	var parameters, outputs string
	for name, value := range s.parameters {
		parameters += "<member><ParameterKey>" + name + "</ParameterKey><ParameterValue>" + value + "</ParameterValue></member>"
	}
	for name, value := range map[string]string{"PolicyBucketName": "policies", "ApplyQueueUrl": queueURL, "ApplyFunctionArn": "arn:aws:lambda:us-east-1:111122223333:function:f"} {
		outputs += "<member><OutputKey>" + name + "</OutputKey><OutputValue>" + value + "</OutputValue></member>"
	}
	fmt.Fprintf(w, `<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>keysmith</StackName><StackStatus>CREATE_COMPLETE</StackStatus>`+
		`<Parameters>%s</Parameters><Outputs>%s</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`, parameters, outputs)
}

// sam is the call of SAM for a command.
func (s *scene) samCall(command string) []string {
	for _, call := range s.ran {
		if call[0] == "sam" && call[1] == command {
			return call
		}
	}
	return nil
}

func TestADeploymentChecksDeploysTriesOutAndResends(t *testing.T) {
	s := newScene(t)
	for i := range 12 {
		s.cloud.S3.Put("policies", fmt.Sprintf("policies/%02d.json", i), []byte("{}"), nil)
	}
	s.cloud.S3.Put("policies", "history/x.json", []byte("{}"), nil)
	if err := s.d.deploy(t.Context()); err != nil {
		t.Fatal(err)
	}
	var order []string
	for _, call := range s.ran {
		order = append(order, call[1])
	}
	if !slices.Equal(order, []string{"--no-print-directory", "check", "check", "check", "build", "deploy"}) {
		t.Fatalf("%v", s.ran)
	}
	if apply := s.ran[1]; !slices.Contains(apply, "MODE=plan") || !slices.Contains(apply, "DIRECT_REQUESTS=false") {
		t.Errorf("%v", apply)
	}
	if len(s.invoked) != 1 || !strings.Contains(s.invoked[0], "canary/heartbeat.json") {
		t.Errorf("invoked with %v", s.invoked)
	}
	bodies := s.cloud.SQS.Bodies("apply")
	if len(bodies) != 12 || bodies[0] != `{"object":"policies/00.json"}` {
		t.Errorf("sent %v", bodies)
	}
	if !strings.HasPrefix(s.out.String(), "account  111122223333\nRegion   us-east-1\n") {
		t.Errorf("shown first: %s", s.out.String())
	}
}

func TestNothingIsAppliedThatNobodyHasSeen(t *testing.T) {
	s := newScene(t)
	s.d.approved = false
	if err := s.d.deploy(t.Context()); err != nil {
		t.Fatal(err)
	}
	if call := s.samCall("deploy"); !slices.Contains(call, "--no-execute-changeset") || slices.Contains(call, "--no-confirm-changeset") {
		t.Errorf("%v", call)
	}
	if len(s.invoked) != 0 || !strings.Contains(s.out.String(), "not applied") {
		t.Errorf("%v, %s", s.invoked, s.out.String())
	}
}

func TestATroubleIsNotTakenForANewStack(t *testing.T) {
	for _, code := range []string{"AccessDenied", "Throttling", "ExpiredToken"} {
		s := newScene(t)
		s.trouble = code
		if err := s.d.deploy(t.Context()); err == nil || len(s.ran) != 0 {
			t.Errorf("%s: %v, and %v was run", code, err, s.ran)
		}
	}
}

func TestWhatWouldStopTheFunctionStopsTheDeployment(t *testing.T) {
	for name, test := range map[string]struct {
		parameters, refuse, want string
		was                      map[string]string
	}{
		"a value that the template refuses": {"KeyArns=x", "", "KeyArns", nil},
		"one that the stack has":            {"Mode=apply", "", "WriterPrincipals", map[string]string{"Mode": "plan", "ManagedByTag": "ours", "Gone": "x"}},
		"the function itself":               {"ManagedByTag=x", "check", "would not start", nil},
		"too many keys":                     {"KeyArns=" + strings.TrimSuffix(strings.Repeat("arn:aws:kms:us-east-1:111122223333:key/6f1c7a52-3c0e-4a86-9d7e-0b6a5f2e9c11,", 60), ","), "", "the parameter KeyArns has", nil},
		"too many accounts":                 {"ManagedByTag=x TrustedAccounts=" + strings.TrimSuffix(strings.Repeat("111122223333,", 300), ","), "", "the environment of ApplyFunction has", nil},
		"no pairs":                          {"Mode", "", "is not Name=value", nil},
	} {
		s := newScene(t)
		s.d.parameters, s.refuse, s.parameters = test.parameters, test.refuse, test.was
		if err := s.d.deploy(t.Context()); err == nil || !strings.Contains(err.Error(), test.want) || s.samCall("build") != nil {
			t.Errorf("%s: %v; SAM: %v", name, err, s.samCall("build"))
		}
	}
}

func TestAFunctionThatDoesNotWorkIsSaid(t *testing.T) {
	s := newScene(t)
	s.answer = `{"errorMessage":"starting"}`
	if err := s.d.deploy(t.Context()); err == nil || !strings.Contains(err.Error(), "does not work") {
		t.Errorf("%v", err)
	}
}

func TestAValueWithSpacesReachesSAMWhole(t *testing.T) {
	s := newScene(t)
	s.d.parameters = "ManagedByTag='our \"own\" keys'\n  Mode=plan"
	if err := s.d.deploy(t.Context()); err == nil { // a quotation mark is no character of a tag's value here
		t.Error("the pattern of ManagedByTag was not held")
	}
	s.d.parameters = "ManagedByTag='our own keys'\n  Mode=plan"
	if err := s.d.deploy(t.Context()); err != nil {
		t.Fatal(err)
	}
	if call := s.samCall("deploy"); !slices.Contains(call, `ManagedByTag="our own keys"`) || !slices.Contains(call, "Mode=plan") {
		t.Errorf("%v", call)
	}
}

func TestWhoIsNoOperatorResendsThroughTheFunction(t *testing.T) {
	s := newScene(t)
	s.parameters = map[string]string{"Mode": "apply"}
	s.cloud.SQS.CreateQueue("apply", nil)
	s.cloud.Fault(fakeaws.Fault{Service: "sqs", Kind: fakeaws.Refuse, Code: "AccessDenied"})
	for i := range 25 {
		s.cloud.S3.Put("policies", fmt.Sprintf("policies/%02d.json", i), []byte("{}"), nil)
	}
	if err := s.d.resendOnly(t.Context()); err != nil {
		t.Fatal(err)
	}
	var named int
	for _, payload := range s.invoked {
		var list []request
		if err := json.Unmarshal([]byte(payload), &list); err != nil {
			t.Fatal(err)
		}
		named += len(list)
	}
	if len(s.invoked) != 2 || named != 25 {
		t.Errorf("%d invocations for %d objects", len(s.invoked), named)
	}
	s.answer = `{"errorMessage":"to be delivered again"}`
	if err := s.d.resendOnly(t.Context()); err == nil || !strings.Contains(err.Error(), "policies/20.json and up to 4 more") {
		t.Errorf("what failed is not said: %v", err)
	}
}

func TestAPausedStackIsNotSentTo(t *testing.T) {
	s := newScene(t)
	s.parameters = map[string]string{"Mode": "paused"}
	s.answer = `{"errorMessage":"keysmith is paused (MODE=paused)"}`
	s.cloud.S3.Put("policies", "policies/x.json", []byte("{}"), nil)
	s.d.parameters = "Mode=paused ManagedByTag=x"
	if err := s.d.deploy(t.Context()); err != nil || s.cloud.SQS.Depth("apply") != 0 {
		t.Errorf("%v", err)
	}
}

func TestANewStackIsAskedAboutOnATerminal(t *testing.T) {
	s := newScene(t)
	s.d.terminal, s.d.parameters = true, "KeyArns=arn:aws:kms:us-east-1:111122223333:key/*"
	s.d.in.Reset(strings.NewReader("\n\narn:aws:iam::{account}:role/fire\n\n\n\n\n\n\n\n"))
	if err := s.d.deploy(t.Context()); err != nil {
		t.Fatal(err)
	}
	call := s.samCall("deploy")
	for _, want := range []string{"--confirm-changeset", "Mode=plan", "BreakGlassPrincipals=arn:aws:iam::{account}:role/fire", "PutQuota=15"} {
		if !slices.Contains(call, want) {
			t.Errorf("%v has no %s", call, want)
		}
	}
}

func TestNobodySitsAtTheNullDevice(t *testing.T) {
	f, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if isTerminal(f) {
		t.Error("it was taken for a terminal, so a pipeline would be asked")
	}
}

// The README states how many of them fit.
func TestTheStatedNumbersOfPrincipalsFit(t *testing.T) {
	roles := func(n int) string {
		var list []string
		for i := range n {
			list = append(list, fmt.Sprintf("arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Platform%02d_0123456789abcdef", i))
		}
		return strings.Join(list, ",")
	}
	for name, most := range map[string]int{"RequestPrincipals": 35, "OperatorPrincipals": 28, "WriterPrincipals": 35, "PlanPrincipals": 35} {
		for n, fits := range map[int]bool{most: true, most + 3: false} {
			s := newScene(t)
			s.d.parameters += " " + name + "=" + roles(n)
			err := s.d.deploy(t.Context())
			if (err == nil) != fits {
				t.Errorf("%d %s: %v", n, name, err)
			}
		}
	}
}
