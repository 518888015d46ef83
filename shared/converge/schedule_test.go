package converge_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/effort"
	"github.com/keysmith/keysmith/shared/functest"
	"github.com/keysmith/keysmith/shared/outcome"
)

// Random schedules of a key that keysmith repairs and others change: by hand, with
// events of CloudTrail that come late, twice, in another order or never; with
// sweeps, holds, uploads that expect a policy, and messages that come again. The
// workers are the function's own code.
//
// What must hold is checked at each put and at the end. That the checks can fail
// is shown by workers that are broken.

// A schedule is one world with what is known about it from outside.
type schedule struct {
	*functest.World
	dice *rand.Rand

	trails  [][]byte // events of CloudTrail that may still be delivered
	upload  []byte   // the event of the newest upload
	desired string   // name of the policy that it has
	applied bool     // it was reported Applied
	held    bool     // there is a hold that has not ended
	left    bool     // what is in force only removes access: it is to be left
	believe bool     // a broken worker: it takes CloudTrail's word for a reason to put
	most    int      // changes that the brake allows within an hour; 0: all
	repairs []time.Time
	changes []time.Time
	faults  []string
	notes   []string
}

// note keeps what happened, to be shown with a fault.
func (s *schedule) note(format string, args ...any) {
	s.notes = append(s.notes, time.Now().Format("15:04:05 ")+fmt.Sprintf(format, args...))
}

func (s *schedule) fault(format string, args ...any) {
	s.faults = append(s.faults, fmt.Sprintf(format, args...))
}

// deliver hands a message to the function as the queue does, and checks what that
// has put.
func (s *schedule) deliver(body []byte, reconciles bool) {
	before, was, held, left, applied := s.Puts(), s.InForce(functest.KeyID), s.held, s.left, s.applied
	if s.believe && bytes.Contains(body, []byte("aws.kms")) {
		body = functest.Uploaded(functest.ObjectName, s.version())
	}
	seen := len(s.Events())
	s.note("deliver %.60s; %s in force", body, was)
	s.Cloud.SQS.Send("apply", string(body))
	for range 3 { // a message that is returned comes again, or waits for later steps
		messages := s.Cloud.SQS.Receive("apply", 10)
		if len(messages) == 0 {
			break
		}
		s.Settle("apply", messages)
		time.Sleep(time.Minute)
	}
	for _, e := range s.Events()[seen:] {
		s.note("%s %s", functest.Say(e), e.Detail.Data.Trigger)
		if e.Type == outcome.Applied && functest.VersionOf(e) == s.version() {
			s.applied, s.left = true, false
		}
		if got := functest.Say(e); got == "Rejected HELD" || got == "Failed BRAKE" && !reconciles {
			// It waits for the end of the hold, or its message for a token, and is then put like
			// an upload; the event may name another message that was handled with it.
			s.applied = false
		}
		if s.applied && functest.Say(e) == "Rejected STALE" && functest.VersionOf(e) == s.version() {
			s.fault("a version that was applied is refused as stale")
		}
	}
	if s.Puts() == before {
		return
	}
	switch {
	case held:
		s.fault("something was put while the key was on hold")
	case reconciles && left && applied:
		s.fault("a change that only removes access was repaired")
	case reconciles && was == s.desired && applied:
		s.fault("what is in sync was repaired")
	}
	if was != s.InForce(functest.KeyID) {
		s.countChanges()
	}
	if reconciles && applied {
		s.countRepair()
	}
}

// countChanges checks that the brake is kept to.
func (s *schedule) countChanges() {
	now, recent := time.Now(), 0
	s.changes = append(s.changes, now)
	for _, at := range s.changes {
		if now.Sub(at) < time.Hour {
			recent++
		}
	}
	if s.most > 0 && recent > s.most {
		s.fault("%d changes within an hour; the brake allows %d", recent, s.most)
	}
}

// countRepair checks that no fight is fought for ever.
func (s *schedule) countRepair() {
	now := time.Now()
	s.repairs = append(s.repairs, now)
	recent := 0
	for _, at := range s.repairs {
		if now.Sub(at) < 24*time.Hour {
			recent++
		}
	}
	if recent > rounds {
		s.fault("%d repairs within a day", recent)
	}
}

func (s *schedule) version() string {
	o, _ := s.Cloud.S3.Get(functest.Bucket, functest.ObjectName)
	return o.VersionID
}

// steps are what can happen, each as likely as it stands here.
func (s *schedule) step() {
	switch s.dice.IntN(10) {
	case 0:
		s.uploads()
	case 1, 2:
		s.note("wider by hand")
		s.trails = append(s.trails, changedBy(s.World, wider, jane))
		s.left = false
	case 3:
		s.note("narrower by hand")
		s.trails = append(s.trails, changedBy(s.World, narrower, jane))
		s.left = true
	case 4, 5, 6:
		if len(s.trails) > 0 { // any of them, and it may come again
			s.deliver(s.trails[s.dice.IntN(len(s.trails))], true)
		}
	case 7:
		s.deliver(functest.Reconcile(functest.ObjectName, "sweep"), true)
	case 8:
		s.holds()
	case 9:
		s.deliver(s.upload, false) // delivered once more
	}
	time.Sleep(time.Duration(s.dice.IntN(40)) * time.Minute)
}

func (s *schedule) uploads() {
	s.desired = fmt.Sprint("version ", s.dice.IntN(3))
	metadata := map[string]string{}
	if s.dice.IntN(2) == 0 {
		metadata["expected-previous"] = digestOf(s.T, s.Cloud.KMS.Policy(functest.KeyID))
	}
	version := s.Cloud.S3.Put(functest.Bucket, functest.ObjectName, []byte(functest.Policy(s.desired)), metadata)
	s.upload, s.applied, s.repairs = functest.Uploaded(functest.ObjectName, version), false, nil
	s.deliver(s.upload, false)
}

// holds freezes the key, or lets it go and delivers what its deletion leads to.
func (s *schedule) holds() {
	if !s.held {
		s.note("hold")
		freeze(s.World, 0)
		s.held = true
		return
	}
	s.Cloud.S3.Delete(functest.Bucket, holdName)
	s.held = false
	s.deliver(functest.Reconcile(functest.ObjectName, "sweep"), !s.waits())
}

// waits reports whether the newest version is still to be applied: then its put is
// no repair.
func (s *schedule) waits() bool { return !s.applied }

// rest lets everything be dealt with, and checks what is left.
func (s *schedule) rest() {
	if s.held {
		s.holds()
	}
	for range 4 {
		time.Sleep(20 * time.Minute)
		s.deliver(functest.Reconcile(functest.ObjectName, "sweep"), s.applied)
	}
	if s.InForce(functest.KeyID) == s.desired || !s.applied {
		return
	}
	drifts := slices.ContainsFunc(s.Events(), func(e outcome.Event) bool { return e.Type == outcome.DriftDetected })
	if !drifts {
		s.fault("%s is in force, not %s, and keysmith says nothing", s.InForce(functest.KeyID), s.desired)
		return
	}
	switch got := repairOf(s.World); got {
	case outcome.RepairHeld, outcome.RepairContested:
	default:
		s.fault("%s is in force, not %s, and keysmith says %q", s.InForce(functest.KeyID), s.desired, got)
	}
}

// brakeOf is the brake of a third of the schedules.
func brakeOf(seed uint64) int {
	if seed%3 == 0 {
		return 2
	}
	return 0
}

// run plays one schedule.
func run(t *testing.T, seed uint64, by worker, plot func(*schedule)) (faults []string) {
	t.Helper()
	env := map[string]string{"DRIFT_MODE": "enforce"}
	most := brakeOf(seed)
	if most > 0 && !by.loose {
		env["CHANGES_PER_HOUR"] = strconv.Itoa(most)
	}
	functest.Play(t, env, func(w *functest.World) {
		if by.blind != nil {
			w.Client.Transport = blinded{w, by.blind}
		}
		s := &schedule{World: w, dice: rand.New(rand.NewPCG(seed, 1)), most: most, believe: by.believe} //nolint:gosec // no secret
		s.uploads()
		plot(s)
		s.rest()
		if faults = s.faults; len(faults) > 0 && by.blind == nil && !by.believe && !by.loose {
			t.Log(strings.Join(s.notes, "\n"))
		}
	})
	return faults
}

func anything(s *schedule) {
	for range 14 {
		s.step()
	}
}

// fights is somebody who puts the same again after each repair.
func fights(s *schedule) {
	for range 6 {
		s.deliver(changedBy(s.World, wider, jane), true)
	}
}

func TestRandomSchedulesOfRepairsKeepTheirPromises(t *testing.T) {
	for seed := range uint64(effort.Of(10_000, 25, 5)) { //nolint:gosec // a small number
		if faults := run(t, seed, worker{}, anything); len(faults) > 0 {
			t.Fatalf("seed %d: %s", seed, strings.Join(faults, "; "))
		}
	}
}
