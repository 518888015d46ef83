package simulation

import (
	"github.com/keysmith/keysmith/shared/functest"

	"bytes"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws"
)

// A variant stands between a worker and the cloud; nil changes nothing. The
// broken ones show that the runs would notice.
type variant func(c *call, send func() (*http.Response, error)) (*http.Response, error)

// A sim is one random run.
type sim struct {
	*testing.T
	seed    uint64
	rng     *rand.Rand
	cloud   *fakeaws.Cloud
	begin   time.Time
	variant variant
	plan    plan
	keys    []*managedKey
	workers [2]*worker

	held      []fakeaws.Message // received, for the next turn
	turns     int
	left      int         // actions of the script that are still to come
	hot       *managedKey // what the last action was about
	duels     int         // uploads of a duel
	swept     bool        // the messages of sweeps are on their way
	faster    int         // number of the worker that is ahead
	requests  int
	sentAt    map[string]time.Time // of requests
	replays   [][]byte
	faults    int
	denied    map[string]time.Time // until when, by action
	kills     int
	stalled   int
	dead      int // messages that ended in the dead-letter queue
	meddlings int // changes of keys and statuses past keysmith
	calm      bool
	moved     int // lines of the history until everything was at rest

	mu      sync.Mutex // what follows is also touched by the workers' goroutines
	parked  []*call
	history []string
	fresh   []line
	broken  []string
	log     bytes.Buffer
}

// plan is how hostile a run is.
type plan struct {
	actions  int
	faults   int     // at most
	faultP   float64 // for each call
	staleP   float64 // for each read of a policy
	lateP    float64 // for each put
	stallP   float64 // for each put: that it lingers in its worker before it is sent
	kills    int
	denials  bool
	bypass   bool    // the deployment lets objects skip KMS's own check
	shuffled bool    // triggers come late and twice
	pace     float64 // how soon one action follows another
	duel     bool    // two documents take turns on one key, and little else happens
	meddled  bool    // somebody changes keys and statuses past keysmith, often
	sweeps   int     // messages of sweeps that come in the quarter of an hour after the script, for each key
}

func newSim(t *testing.T, seed uint64, v variant) *sim {
	s := &sim{
		T: t, seed: seed, variant: v, begin: time.Now(), sentAt: map[string]time.Time{}, denied: map[string]time.Time{},
		rng:   rand.New(rand.NewPCG(seed, 0x6368616f73)), //nolint:gosec // a replayable run
		cloud: fakeaws.New(fakeaws.Options{Account: functest.Account, Seed: int64(seed)}),
	}
	s.plan = plan{
		actions: 2 + s.rng.IntN(8), faults: s.rng.IntN(25), kills: s.rng.IntN(4),
		faultP: []float64{0, 0.03, 0.1, 0.25}[s.rng.IntN(4)], staleP: []float64{0, 0.1, 0.4}[s.rng.IntN(3)],
		denials: s.rng.IntN(4) == 0, bypass: s.rng.IntN(4) == 0, shuffled: s.rng.IntN(2) > 0,
		pace: []float64{0.02, 0.1, 0.3}[s.rng.IntN(3)], stallP: []float64{0, 0.3}[s.rng.IntN(2)],
	}
	if s.rng.IntN(3) == 0 {
		s.plan.duel, s.plan.denials, s.plan.shuffled = true, false, false
		s.plan.actions, s.plan.pace = 2+s.rng.IntN(3), []float64{0.01, 0.15}[s.rng.IntN(2)]
		s.plan.stallP = []float64{0.1, 0.5}[s.rng.IntN(2)]
		s.plan.lateP, s.plan.staleP = []float64{0, 0.4}[s.rng.IntN(2)], []float64{0, 0.7}[s.rng.IntN(2)]
	}
	s.plan.sweeps, s.plan.meddled = s.rng.IntN(4), s.rng.IntN(4) == 0
	s.left = s.plan.actions
	s.setTheScene()
	for n := range s.workers {
		s.workers[n] = s.newWorker(n + 1)
	}
	return s
}

func (s *sim) setTheScene() {
	c := s.cloud
	c.SetCaller(functest.Writer)
	c.KMS.SetIAM(functest.Writer, true)
	c.S3.CreateBucket(functest.Bucket, true)
	c.S3.NotifyEventBridge(functest.Bucket, true)
	c.SQS.CreateQueue("dead", nil)
	queue := c.SQS.CreateQueue("apply", map[string]string{
		"VisibilityTimeout": "720",
		"RedrivePolicy":     `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:` + functest.Account + `:dead","maxReceiveCount":10}`,
	})
	pattern := `{"source":["aws.s3"],"detail-type":["Object Created"],"detail":{"object":{"key":[{"prefix":"policies/"}]}}}`
	if err := c.Events.PutRule("uploads", "default", pattern, fakeaws.Target{ARN: queue}); err != nil {
		s.Fatal(err)
	}
	c.KMS.CreateKey(fakeaws.KeySpec{ID: guarded, Policy: functest.Policy("old")})
	for _, role := range []string{"alice", "bob", "carol", "breakglass"} {
		c.KMS.AddPrincipal("arn:aws:iam::" + functest.Account + ":role/" + role)
	}
	keys := []int{1, 1, 1, 2, 2, 3}[s.rng.IntN(6)]
	if s.plan.duel {
		keys = 1
	}
	for i := range keys {
		s.keys = append(s.keys, s.newKey(i))
	}
}

// run plays the script and then lets everything come to rest.
func (s *sim) run() {
	const tooMany = 6000
	for n := 0; ; n++ {
		synctest.Wait()
		s.settle()
		s.sweepLater()
		if s.left == 0 && s.atRest() {
			break
		}
		if n > tooMany || len(s.broken) > 0 {
			s.breaks("comes to rest", n <= tooMany, "after %d moves there is still work under way", n)
			return
		}
		s.move()
	}
	s.checkRest()
}

// move does one thing that may happen next.
func (s *sim) move() {
	waiting := s.waiting()
	dice := s.rng.Float64()
	switch {
	case s.left > 0 && s.rng.Float64() < s.plan.pace:
		s.left--
		s.act()
	case s.kills < s.plan.kills && dice < 0.015 && s.killOne(waiting):
	case dice < 0.25 && s.deliver():
	case len(waiting) == 0:
		if s.deliver() {
			return
		}
		s.idle()
	case dice < 0.27:
		s.sleep(time.Duration(1+s.rng.IntN(3000)) * time.Millisecond)
	default:
		s.goOn(waiting)
	}
}

// goOn lets a call through. One worker is the faster one for a while: wrong
// orders are those in which one overtakes the other by many steps.
func (s *sim) goOn(waiting []*call) {
	if s.rng.IntN(15) == 0 {
		s.faster = s.rng.IntN(3) // 0: neither
	}
	var its []*call
	for _, c := range waiting {
		if c.worker.number == s.faster {
			its = append(its, c)
		}
	}
	switch {
	case len(its) > 0 && s.rng.IntN(10) > 0:
		waiting = its
	case s.faster > 0 && s.workers[s.faster-1].turn != nil && len(its) == 0 && s.rng.IntN(5) > 0:
		s.sleep(500 * time.Millisecond) // it waits for the time, the other for it
		return
	}
	if c := waiting[s.rng.IntN(len(waiting))]; !s.stalls(c) {
		s.letThrough(c)
	}
}

// mostStalls bounds them: a worker that is always too slow never ends.
const mostStalls = 6

// stalls makes a put linger while the other worker may read, put and prove: the
// wrong orders are those in which an old put comes after a whole newer run.
func (s *sim) stalls(c *call) bool {
	if c.action != "PutKeyPolicy" || c.lingered || s.calm || s.stalled == mostStalls || s.rng.Float64() >= s.plan.stallP {
		return false
	}
	c.lingered = true
	s.stalled++
	c.until = time.Now().Add(time.Duration(4000+s.rng.IntN(800)) * time.Millisecond)
	s.faster = 3 - c.worker.number
	if s.plan.duel || s.left > 0 && s.rng.IntN(2) == 0 {
		s.left = max(0, s.left-1)
		s.act() // what the put is too late for
	}
	return true
}

// lingers reports whether some put is held back now.
func (s *sim) lingers() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.parked, func(c *call) bool { return time.Now().Before(c.until) })
}

// idle lets time pass while nobody has anything to do at once.
func (s *sim) idle() {
	if s.left > 0 && s.rng.IntN(2) == 0 {
		s.left--
		s.act()
		return
	}
	naps := []time.Duration{200 * time.Millisecond, time.Second, 3 * time.Second, 20 * time.Second}
	if s.lingers() {
		naps = naps[:1]
	} else if s.busy() {
		naps = naps[:3]
	} else if s.left == 0 {
		naps = []time.Duration{30 * time.Second}
	}
	s.sleep(naps[s.rng.IntN(len(naps))])
}

// sleep lets time pass, in which late puts may land.
func (s *sim) sleep(d time.Duration) {
	time.Sleep(d)
	s.watchKeys()
}

func (s *sim) busy() bool { return s.workers[0].turn != nil || s.workers[1].turn != nil }

// atRest: every message is acknowledged or in the dead-letter queue.
func (s *sim) atRest() bool {
	return !s.busy() && len(s.held) == 0 && s.cloud.SQS.Depth("apply") == 0
}

// stop ends what still runs, so that the bubble can end.
func (s *sim) stop() {
	for _, w := range s.workers {
		s.bury(w)
	}
	time.Sleep(time.Minute) // no call of a dead worker takes longer
}
