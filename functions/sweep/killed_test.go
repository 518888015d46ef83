package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/objectkey"
	"github.com/keysmith/keysmith/shared/runtimeapi"
	"github.com/keysmith/keysmith/shared/sweep"
)

const (
	account = "111122223333"
	bucket  = "keysmith-policies"
	keys    = 45
)

// The very program that is deployed, ended by SIGKILL at each of its calls in
// turn, and started again when the lease has ended: no object is forgotten.
func TestTheBinarySurvivesSIGKILLAtEveryCall(t *testing.T) {
	bootstrap := filepath.Join(t.TempDir(), "bootstrap")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-tags", "lambda.norpc", "-o", bootstrap, ".").CombinedOutput()
	if err != nil {
		t.Fatalf("building the function: %v\n%s", err, out)
	}
	for k := int64(1); ; k++ {
		p := newProcess(t)
		p.fatal.Store(k)
		_, err := p.sweep(bootstrap)
		if err == nil { // it makes fewer than k calls
			if k < 12 {
				t.Errorf("a sweep has only %d calls", k-1)
			}
			return
		}
		var killed *runtimeapi.FunctionError
		if !errors.As(err, &killed) || killed.Type != runtimeapi.TypeExit {
			t.Fatalf("call %d: %v", k, err)
		}
		p.fatal.Store(0)
		p.late.Store(int64(time.Minute))
		if a, err := p.sweep(bootstrap); err != nil || a.After != "" || a.Skipped != "" {
			t.Fatalf("killed at call %d, then %+v, %v", k, a, err)
		}
		p.check(fmt.Sprintf("killed at call %d", k))
	}
}

// A process is the function's program, over one fake AWS on the loopback
// interface.
type process struct {
	*testing.T
	cloud   *fakeaws.Cloud
	late    atomic.Int64 // how far AWS's clock is ahead of this machine's
	calls   atomic.Int64
	fatal   atomic.Int64 // which call never arrives; 0: none
	sandbox atomic.Pointer[runtimeapi.Sandbox]
}

func newProcess(t *testing.T) *process {
	t.Helper()
	p := &process{T: t}
	p.cloud = fakeaws.New(fakeaws.Options{Account: account, Now: func() time.Time { return time.Now().Add(time.Duration(p.late.Load())) }})
	p.cloud.S3.CreateBucket(bucket, true)
	p.cloud.SQS.CreateQueue("reconcile", nil)
	for i := range keys {
		p.cloud.S3.Put(bucket, objectkey.For(fmt.Sprintf("6f1c7a52-3c0e-4a86-9d7e-%012x", i)), []byte("{}"), nil)
	}
	p.cloud.BeforeEach(func(fakeaws.Call) {
		if p.calls.Add(1) == p.fatal.Load() {
			p.sandbox.Load().Kill()
			panic(http.ErrAbortHandler)
		}
	})
	return p
}

func (p *process) sweep(bootstrap string) (a sweep.Answer, err error) {
	p.Helper()
	p.calls.Store(0)
	ctx, cancel := context.WithTimeout(p.Context(), 30*time.Second)
	defer cancel()
	url, stop := fakeaws.Start(p.cloud)
	defer stop()
	sandbox, err := runtimeapi.Start(ctx, runtimeapi.Config{
		Bootstrap: bootstrap, Timeout: 30 * time.Second, FunctionARN: p.cloud.Lambda.ARN("sweep"),
		Env: runtimeapi.Environment(url, "AKIDEXAMPLE", map[string]string{
			"POLICY_BUCKET": bucket, "RECONCILE_QUEUE_URL": url + "/" + account + "/reconcile", "SWEEP_READS_PER_SECOND": "1000",
		}),
	})
	if err != nil {
		p.Fatal(err)
	}
	defer sandbox.Kill()
	p.sandbox.Store(sandbox)
	out, err := sandbox.Invoke(ctx, []byte(`{"keysmith": "sweep"}`))
	if err == nil {
		err = json.Unmarshal(out, &a)
	}
	return a, err
}

func (p *process) check(when string) {
	p.Helper()
	asked := map[string]bool{}
	for _, body := range p.cloud.SQS.Bodies("reconcile") {
		var m struct{ Object string }
		if err := json.Unmarshal([]byte(body), &m); err != nil {
			p.Fatal(err)
		}
		asked[m.Object] = true
	}
	if len(asked) != keys {
		p.Errorf("%s: %d of %d objects got a message", when, len(asked), keys)
	}
}
