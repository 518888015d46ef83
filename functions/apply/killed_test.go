package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/functest"
	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/runtimeapi"
)

// The very program that is deployed, ended by SIGKILL at each of its API calls
// in turn, and invoked again as SQS would: nothing is lost, whatever it was
// doing.

func TestTheBinarySurvivesSIGKILLAtEveryCall(t *testing.T) {
	killedAtEachCall(t, 9, 50, func(*process) {}, (*process).check)
}

// killedAtEachCall lets the program do one job again and again, and kills it at the
// next call each time, until it makes no further one. It makes at least least calls
// and at most most.
func killedAtEachCall(t *testing.T, least, most int, prepare func(*process), check func(p *process, when string)) {
	t.Helper()
	bootstrap := buildBootstrap(t)
	for _, when := range []string{"before the call takes effect", "after it took effect, before the answer"} {
		t.Run(when, func(t *testing.T) {
			for k := 1; ; k++ {
				if k > most {
					t.Fatalf("a run makes more than %d calls", most)
				}
				p := newProcess(t, bootstrap, strings.HasPrefix(when, "before"))
				prepare(p)
				deliveries := p.deliverUntilDone(func(delivery int) int {
					if delivery == 1 {
						return k
					}
					return 0
				})
				check(p, fmt.Sprintf("killed at call %d", k))
				if deliveries == 1 { // it made fewer than k calls
					if k < least {
						t.Errorf("a run has only %d calls", k-1)
					}
					return
				}
			}
		})
	}
}

func TestTheBinarySurvivesBeingKilledAgainAndAgain(t *testing.T) {
	bootstrap := buildBootstrap(t)
	p := newProcess(t, bootstrap, false)
	deliveries := p.deliverUntilDone(func(delivery int) int { return delivery })
	p.check("killed one call later in each delivery")
	if deliveries < 8 {
		t.Errorf("%d deliveries; want one for each call", deliveries)
	}
}

// The same with the key of another account: credentials of its role are asked for
// again, and no call is made with those of another account.
func TestTheBinarySurvivesBeingKilledWithAnAssumedRole(t *testing.T) {
	p := newProcess(t, buildBootstrap(t), false)
	p.key = "arn:aws:kms:" + functest.ElsewhereRegion + ":" + functest.Elsewhere + ":key/" + functest.KeyID
	w := functest.World{T: t, Cloud: p.cloud}
	w.DeployRoles(functest.Elsewhere)
	w.KeyElsewhere(functest.Elsewhere, functest.ElsewhereRegion, functest.KeyID)
	p.version = p.cloud.S3.Put(functest.Bucket, functest.ElsewhereObject, []byte(functest.PolicyOf(functest.Elsewhere, "new")), nil)
	p.body = functest.Uploaded(functest.ElsewhereObject, p.version)
	for name, value := range functest.Targets() {
		p.env = append(p.env, name+"="+value)
	}
	deliveries := p.deliverUntilDone(func(delivery int) int { return delivery })
	p.check("killed one call later in each delivery")
	assumed := 0
	for _, c := range p.cloud.Calls() {
		if c.Action == "AssumeRole" {
			assumed++
		}
		if c.Service == "kms" && !strings.Contains(c.Caller, ":"+functest.Elsewhere+":assumed-role/") {
			t.Errorf("%s of %s was called by %s", c.Action, c.Resource, c.Caller)
		}
	}
	if deliveries < 9 || assumed < 8 {
		t.Errorf("%d deliveries, the role was assumed %d times", deliveries, assumed)
	}
}

func buildBootstrap(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bootstrap")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-tags", "lambda.norpc", "-o", path, ".").CombinedOutput()
	if err != nil {
		t.Fatalf("building the function: %v\n%s", err, out)
	}
	return path
}

// A process is the function's program, again and again, over one fake AWS on
// the loopback interface.
type process struct {
	*testing.T
	cloud   *fakeaws.Cloud
	config  runtimeapi.Config
	key     string // ARN of its key
	version string
	before  bool     // kill before a call takes effect, rather than after
	body    []byte   // what is delivered
	env     []string // beside what the function needs

	sandbox atomic.Pointer[runtimeapi.Sandbox]
	calls   atomic.Int64
	numbers sync.Map     // of the calls, by request id
	fatal   atomic.Int64 // which call is the last one; 0: none
}

func newProcess(t *testing.T, bootstrap string, before bool) *process {
	t.Helper()
	p := &process{
		T: t, cloud: fakeaws.New(fakeaws.Options{Account: functest.Account}), before: before,
		key: "arn:aws:kms:us-east-1:" + functest.Account + ":key/" + functest.KeyID,
	}
	p.cloud.SetCaller(functest.Writer)
	p.cloud.KMS.AddPrincipal("arn:aws:iam::" + functest.Account + ":role/alice")
	p.cloud.KMS.CreateKey(fakeaws.KeySpec{ID: functest.KeyID, Policy: functest.Policy("old")})
	p.cloud.S3.CreateBucket(functest.Bucket, true)
	p.cloud.SQS.CreateQueue("apply", nil)
	p.version = p.cloud.S3.Put(functest.Bucket, functest.ObjectName, []byte(functest.Policy("new")), nil)
	p.body = functest.Uploaded(functest.ObjectName, p.version)
	p.cloud.BeforeEach(func(c fakeaws.Call) { p.called(c, true) })
	p.cloud.AfterEach(func(c fakeaws.Call) { p.called(c, false) })
	p.config = runtimeapi.Config{
		Bootstrap: bootstrap, Timeout: 30 * time.Second,
		FunctionARN: "arn:aws:lambda:us-east-1:" + functest.Account + ":function:apply",
	}
	return p
}

// called runs in the fake, around each call. Calls may be under way at once:
// each keeps the number that it began with.
func (p *process) called(c fakeaws.Call, before bool) {
	if before {
		p.numbers.Store(c.RequestID, p.calls.Add(1))
	}
	n, _ := p.numbers.Load(c.RequestID)
	if before != p.before || n != p.fatal.Load() {
		return
	}
	p.sandbox.Load().Kill()
	if before {
		panic(http.ErrAbortHandler) // the call never arrived
	}
}

// deliverUntilDone hands the upload to the function until it acknowledges it;
// killAt tells for each delivery which call is its last, 0 for none.
func (p *process) deliverUntilDone(killAt func(delivery int) int) (deliveries int) {
	p.Helper()
	for delivery := 1; delivery <= 50; delivery++ {
		p.calls.Store(0)
		p.fatal.Store(int64(killAt(delivery)))
		answer, err := p.invoke(delivery)
		var killed *runtimeapi.FunctionError
		switch {
		case errors.As(err, &killed) && killed.Type == runtimeapi.TypeExit:
			continue // its message comes again
		case err != nil:
			p.Fatalf("delivery %d: %v", delivery, err)
		}
		var out struct {
			BatchItemFailures []struct{ ItemIdentifier string }
		}
		if err := json.Unmarshal(answer, &out); err != nil || len(out.BatchItemFailures) != 0 {
			p.Fatalf("delivery %d is not acknowledged: %s", delivery, answer)
		}
		return delivery
	}
	p.Fatal("fifty deliveries did not suffice")
	return 0
}

func (p *process) invoke(delivery int) ([]byte, error) {
	ctx, cancel := context.WithTimeout(p.Context(), 60*time.Second)
	defer cancel()
	url, stop := fakeaws.Start(p.cloud)
	defer stop() // what the killed one still had under way ends before the next one starts
	p.config.Env = []string{
		"AWS_ENDPOINT_URL=" + url, "AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=secret", "AWS_REGION=us-east-1",
		"POLICY_BUCKET=" + functest.Bucket, "APPLY_QUEUE_URL=" + url + "/" + functest.Account + "/apply",
		"VERIFY_READS=2", "VERIFY_INTERVAL=1ms",
	}
	p.config.Env = append(p.config.Env, p.env...)
	sandbox, err := runtimeapi.Start(ctx, p.config)
	if err != nil {
		return nil, err
	}
	defer sandbox.Kill()
	p.sandbox.Store(sandbox)
	return sandbox.Invoke(ctx, functest.JSON(functest.M{"Records": []functest.M{{
		"messageId": "m0", "receiptHandle": "", "body": string(p.body), "eventSource": "aws:sqs",
		"attributes": functest.M{"ApproximateReceiveCount": strconv.Itoa(delivery)},
	}}}))
}

// check: in force, reported, and what was replaced is kept.
func (p *process) check(when string) {
	p.Helper()
	if got := functest.IDOf(p.cloud.KMS.Policy(p.key)); got != "new" {
		p.Errorf("%s: %s is in force", when, got)
	}
	reported := 0
	for _, entry := range p.cloud.Events.Entries("default") {
		e := functest.ReadEvent(p.T, entry.DetailType, entry.Detail)
		if e.Type == outcome.Applied && functest.VersionOf(e) == p.version {
			reported++
		}
	}
	if reported == 0 {
		p.Errorf("%s: no event reports it", when)
	}
	kept := 0
	for _, name := range p.cloud.S3.Keys(functest.Bucket, "history/") {
		if o, ok := p.cloud.S3.Get(functest.Bucket, name); ok && functest.IDOf(string(o.Body)) == "old" {
			kept++
		}
	}
	if kept == 0 {
		p.Errorf("%s: the history has no copy of what was replaced", when)
	}
}

func TestTheRoleAllowsEveryCallOfTheBinaryThatIsKilled(t *testing.T) {
	role := functest.RoleFor(t, nil)
	p := newProcess(t, buildBootstrap(t), false)
	p.deliverUntilDone(func(delivery int) int { return delivery })
	functest.Permitted(t, role, p.cloud.Calls())
}
