package simulation

import (
	"github.com/keysmith/keysmith/shared/functest"

	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/keysmith/keysmith/shared/awsconfig"
	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/invocation"
	"github.com/keysmith/keysmith/shared/settings"
)

// A worker is one process of the function. It has one turn at a time.
type worker struct {
	sim    *sim
	number int
	h      *invocation.Handler
	turn   *turn
	dead   bool // guarded by sim.mu
}

// A turn is one invocation, with what can be seen of it from outside.
type turn struct {
	number   int
	began    time.Time
	ended    time.Time // before done is closed
	messages []fakeaws.Message
	cancel   context.CancelFunc
	done     chan struct{}
	out      []byte
	err      error

	threads map[*managedKey]*thread // guarded by sim.mu
	answers map[string]bool         // ids of the triggers that an event of this turn answers
}

const (
	provingReads = 2
	attempts     = 3
)

// newWorker is a cold start.
func (s *sim) newWorker(number int) *worker {
	w := &worker{sim: s, number: number}
	env := map[string]string{
		"POLICY_BUCKET": functest.Bucket, "APPLY_QUEUE_URL": "http://aws.test/" + functest.Account + "/apply",
		"VERIFY_READS": strconv.Itoa(provingReads), "VERIFY_TIMEOUT": "20s",
		"BREAK_GLASS_PRINCIPALS": strings.Replace(glass, functest.Account, "{account}", 1), "PROTECTED_KEYS": guarded,
		"ALLOW_LOCKOUT_BYPASS": strconv.FormatBool(s.plan.bypass),
	}
	cfg, err := settings.Load(func(name string) string { return env[name] })
	if err != nil {
		s.Fatal(err)
	}
	w.h = invocation.New(cfg, aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String("http://aws.test"),
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
		HTTPClient:  &http.Client{Transport: w, Timeout: awsconfig.AttemptTimeout},
		Retryer:     steadyRetries,
	}, slog.New(slog.NewJSONHandler(s, nil)), invocation.Options{
		Version: "test", Metrics: io.Discard, Jitter: func(d time.Duration) time.Duration { return d / 2 },
	})
	return w
}

// steadyRetries are the SDK's, without its dice: a seed must replay.
func steadyRetries() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = attempts
		o.Backoff = retry.BackoffDelayerFunc(func(attempt int, _ error) (time.Duration, error) {
			return 100 * time.Millisecond << attempt, nil
		})
	})
}

func (w *worker) who() string { return fmt.Sprint("worker ", w.number) }

func (w *worker) isDead() bool {
	w.sim.mu.Lock()
	defer w.sim.mu.Unlock()
	return w.dead
}

// deliver hands a batch to an idle worker; false if there is none, or nothing
// to hand out.
func (s *sim) deliver() bool {
	w := s.workers[s.rng.IntN(len(s.workers))]
	if w.turn != nil {
		return false
	}
	batch := s.receive(1 + s.rng.IntN(4))
	if len(batch) == 0 {
		return false
	}
	s.turns++
	w.turn = &turn{
		number: s.turns, began: time.Now(), messages: batch, done: make(chan struct{}),
		threads: map[*managedKey]*thread{}, answers: map[string]bool{},
	}
	for _, m := range batch {
		s.tell(w.who(), "receives %s (receive %d)", s.label(m.Body), m.ReceiveCount)
	}
	w.begin()
	return true
}

// receive takes messages for one batch. A request that brings a policy, or
// that only plans, comes alone: it would share its key with another goroutine
// of the same turn, and no seed could tell the two apart.
func (s *sim) receive(limit int) []fakeaws.Message {
	if len(s.held) == 0 {
		s.held = s.cloud.SQS.Receive("apply", limit)
	}
	var batch []fakeaws.Message
	for len(s.held) > 0 {
		m := s.held[0]
		if s.about(m.Body).alone {
			if len(batch) == 0 {
				batch, s.held = append(batch, m), s.held[1:]
			}
			break
		}
		batch, s.held = append(batch, m), s.held[1:]
	}
	return batch
}

func (w *worker) begin() {
	t := w.turn
	ctx, cancel := context.WithTimeout(context.Background(), functest.Timeout)
	t.cancel = cancel
	ctx = lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{
		AwsRequestID: fmt.Sprint("turn-", t.number), InvokedFunctionArn: "arn:aws:lambda:us-east-1:" + functest.Account + ":function:apply",
	})
	payload := functest.BatchOf(t.messages)
	go func() {
		defer close(t.done)
		defer cancel()
		t.out, t.err = w.h.Invoke(ctx, payload)
		t.ended = time.Now()
	}()
}

// settle does what Lambda does when an invocation has ended.
func (s *sim) settle() {
	for _, w := range s.workers {
		if w.turn == nil {
			continue
		}
		select {
		case <-w.turn.done:
			t := w.turn
			w.turn = nil
			s.settleTurn(w, t)
		default:
		}
	}
}

func (s *sim) settleTurn(w *worker, t *turn) {
	var answer struct {
		BatchItemFailures []struct{ ItemIdentifier string }
	}
	if t.err != nil || json.Unmarshal(t.out, &answer) != nil {
		s.breaks("answers a batch", false, "turn %d: %v %s", t.number, t.err, t.out)
	}
	took := t.ended.Sub(t.began)
	s.breaks("I13: time is bounded", took < functest.Timeout, "turn %d took %s", t.number, took)
	back := map[string]bool{}
	for _, f := range answer.BatchItemFailures {
		back[f.ItemIdentifier] = true
	}
	for _, m := range t.messages {
		if back[m.ID] {
			s.tell(w.who(), "returns %s", s.label(m.Body))
			continue
		}
		s.tell(w.who(), "acknowledges %s", s.label(m.Body))
		s.checkAcknowledged(t, m)
		s.cloud.SQS.Delete("apply", m.Receipt)
	}
	s.checkTurn(t, back)
}

// killOne ends a busy worker as SIGKILL would: before a call of its is sent,
// or right after it took effect. Its messages come again.
func (s *sim) killOne(waiting []*call) bool {
	if len(waiting) == 0 {
		return false
	}
	c := waiting[s.rng.IntN(len(waiting))]
	s.kills++
	w := c.worker
	effect := s.rng.IntN(3) > 0
	s.mu.Lock()
	w.dead = true
	s.mu.Unlock()
	switch {
	case !effect:
		s.tell(w.who(), "%s: is killed before it is sent", c)
	case c.action == "PutKeyPolicy" && s.rng.IntN(2) == 0:
		s.tell(w.who(), "%s: is killed, the put is on its way", c)
		end := s.cloud.Fault(fakeaws.Fault{Service: "kms", Action: c.api(), Times: 1, Kind: fakeaws.Late, Delay: s.lateness()})
		s.pass(c)
		end()
	default:
		s.tell(w.who(), "%s: is killed when it took effect", c)
		s.pass(c)
	}
	s.bury(w)
	s.workers[w.number-1] = s.newWorker(w.number)
	return true
}

// bury makes sure that nothing of w reaches the cloud any more.
func (s *sim) bury(w *worker) {
	s.mu.Lock()
	w.dead = true
	var rest []*call
	for _, c := range s.parked {
		if c.worker != w {
			rest = append(rest, c)
			continue
		}
		c.lost = true
		close(c.open)
	}
	s.parked = rest
	s.mu.Unlock()
	if w.turn != nil {
		w.turn.cancel()
	}
	synctest.Wait()
}
