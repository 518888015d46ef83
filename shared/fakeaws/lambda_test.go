package fakeaws_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/keysmith/keysmith/shared/fakeaws"
)

// function is one in a cloud of its own, in a bubble.
func function(f func(context.Context, []byte) ([]byte, error)) (*fakeaws.Cloud, *lambda.Client) {
	cloud := fakeaws.New(fakeaws.Options{})
	cloud.Lambda.Register("sweep", f)
	cfg := config("http://fakeaws")
	cfg.HTTPClient = &http.Client{Transport: cloud.Transport()}
	return cloud, lambda.NewFromConfig(cfg)
}

func TestAnInvocationIsAnsweredByTheFunction(t *testing.T) {
	cloud := fakeaws.New(fakeaws.Options{})
	url, stop := fakeaws.Start(cloud)
	defer stop()
	cloud.Lambda.Register("sweep", func(_ context.Context, payload []byte) ([]byte, error) {
		if string(payload) == `"fail"` {
			return nil, errors.New("no")
		}
		return append([]byte(`{"got":`), append(payload, '}')...), nil
	})
	client := lambda.NewFromConfig(config(url))
	for _, name := range []string{"sweep", cloud.Lambda.ARN("sweep"), account + ":function:sweep", "sweep:$LATEST"} {
		out, err := client.Invoke(ctx, &lambda.InvokeInput{FunctionName: &name, Payload: []byte(`1`)})
		if err != nil || string(out.Payload) != `{"got":1}` || out.FunctionError != nil {
			t.Errorf("%s: %+v, %v", name, out, err)
		}
	}
	out, err := client.Invoke(ctx, &lambda.InvokeInput{FunctionName: aws.String("sweep"), Payload: []byte(`"fail"`)})
	if err != nil || aws.ToString(out.FunctionError) != "Unhandled" || !strings.Contains(string(out.Payload), `"errorMessage":"no"`) {
		t.Errorf("a function that fails: %+v, %v", out, err)
	}
	call := cloud.Calls()[0]
	if call.IAM != "lambda:InvokeFunction" || call.Resource != cloud.Lambda.ARN("sweep") {
		t.Errorf("%+v", call)
	}
}

func TestWhatLambdaDoesNotTakeIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, client := function(func(context.Context, []byte) ([]byte, error) { return nil, nil })
		for code, in := range map[string]*lambda.InvokeInput{
			"ResourceNotFoundException":      {FunctionName: aws.String("other")},
			"InvalidRequestContentException": {FunctionName: aws.String("sweep"), Payload: []byte("{")},
			"RequestTooLargeException": {
				FunctionName: aws.String("sweep"), InvocationType: types.InvocationTypeEvent, Payload: []byte(`"` + strings.Repeat("x", 1<<20) + `"`),
			},
		} {
			if _, err := client.Invoke(ctx, in); codeOf(err) != code {
				t.Errorf("%v; want %s", err, code)
			}
		}
	})
}

func TestAnAsynchronousInvocationThatFailsComesAgainTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		var at []time.Duration
		cloud, client := function(func(context.Context, []byte) ([]byte, error) {
			at = append(at, time.Since(begin))
			time.Sleep(time.Second)
			return nil, errors.New("no")
		})
		out, err := client.Invoke(ctx, &lambda.InvokeInput{FunctionName: aws.String("sweep"), InvocationType: types.InvocationTypeEvent, Payload: []byte(`{}`)})
		if err != nil || out.StatusCode != http.StatusAccepted || time.Since(begin) > time.Second {
			t.Fatalf("%+v, %v after %s", out, err, time.Since(begin))
		}
		time.Sleep(time.Hour)
		synctest.Wait() // also orders what the handler wrote before what is read here
		want := []time.Duration{0, 61 * time.Second, 182 * time.Second}
		if len(at) != 3 || at[0] != want[0] || at[1] != want[1] || at[2] != want[2] {
			t.Errorf("attempts at %v; want %v", at, want)
		}
		all := cloud.Lambda.Invocations()
		if len(all) != 3 || all[0].ID != all[2].ID || all[2].Attempt != 3 || all[2].Err == nil || !all[0].Async {
			t.Errorf("%+v", all)
		}
	})
}
