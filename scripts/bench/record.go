package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"

	"github.com/keysmith/keysmith/scripts/bench/exchange"
	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/runtimeapi"
	"github.com/keysmith/keysmith/shared/samtemplate"
)

// A recording is what the function sent and was answered, for every sample.
type recording struct {
	bucket    string
	variables map[string]string   // of the function, by the template
	requests  map[string]string   // sample's label → file with the requests of one invocation
	calls     map[string][]string // sample's label → what these ask for
	answers   map[string]answers
}

// record runs the function once for each sample against the fake AWS. The first
// invocation puts the policy in force, the second is recorded: it finds
// everything as it should be, which is what a stub without a memory can repeat.
func record(ctx context.Context, template, binary, folder string) (*recording, []sample, error) {
	stack, err := samtemplate.Load(template, samtemplate.Options{Account: account, Region: region, Parameters: map[string]string{
		"Mode":             "apply",
		"WriterPrincipals": "*",
		"KeyArns":          "arn:aws:kms:" + region + ":" + account + ":key/*",
		"VerifyReads":      "1", // proving is waiting, and waiting is not what is measured
		"VerifyInterval":   "1ms",
		"PutsPerSecond":    "1000",
	}})
	if err != nil {
		return nil, nil, err
	}
	function := stack.Functions[0]
	delete(function.Environment, "GUARDRAILS_DIR") // there is no layer here
	rec := &recording{
		bucket:    stack.Buckets[0].Name,
		variables: function.Environment,
		requests:  map[string]string{},
		calls:     map[string][]string{},
		answers:   map[string]answers{},
	}
	list := samples(function.RoleARN)
	cloud := world(rec.bucket, list)
	for _, s := range list {
		if err := rec.tape(ctx, cloud, binary, folder, s); err != nil {
			return nil, nil, fmt.Errorf("recording the sample of %s: %w", s.label, err)
		}
	}
	return rec, list, nil
}

func (rec *recording) tape(ctx context.Context, cloud http.Handler, binary, folder string, s sample) error {
	tape := &recorder{behind: cloud, answers: answers{}}
	server := httptest.NewServer(tape)
	defer server.Close()
	program := contestant{name: "keysmith", binary: binary, env: func(sample) []string { return rec.environment(server.URL) }}
	if err := rec.invoke(ctx, program, s, tape); err != nil {
		return err
	}
	rec.requests[s.label] = filepath.Join(folder, s.label+".json")
	for _, r := range tape.recorded() {
		rec.calls[s.label] = append(rec.calls[s.label], r.Name())
	}
	rec.answers[s.label] = tape.answers
	return exchange.Write(rec.requests[s.label], tape.recorded())
}

// world is an account with the keys and roles of the samples.
func world(bucket string, list []sample) http.Handler {
	cloud := fakeaws.New(fakeaws.Options{Account: account, Region: region, AnyPrincipal: true})
	cloud.S3.CreateBucket(bucket, true)
	for _, s := range list {
		cloud.KMS.CreateKey(fakeaws.KeySpec{ID: s.keyID})
		cloud.S3.Put(bucket, s.object(), []byte(s.policy), nil)
	}
	return cloud
}

// invoke makes sure that what is measured later is the whole work: a function
// that refuses the sample would be fast.
func (rec *recording) invoke(ctx context.Context, program contestant, s sample, tape *recorder) error {
	sandbox, err := program.start(ctx, s)
	if err != nil {
		return err
	}
	defer sandbox.Kill()
	for range 2 {
		tape.forget()
		answer, err := sandbox.Invoke(ctx, s.upload(rec.bucket))
		if err != nil {
			return err
		}
		if !bytes.Contains(answer, []byte("KMS Key Policy Applied")) {
			return fmt.Errorf("it was not applied: %.400s", answer)
		}
	}
	return nil
}

// environment is the same for every program, whatever it reads of it.
func (rec *recording) environment(endpoint string) []string {
	return runtimeapi.Environment(endpoint, "AKIABENCH", rec.variables)
}
