package simulation

import (
	"github.com/keysmith/keysmith/shared/functest"

	"strings"
	"testing/synctest"
	"time"

	"github.com/keysmith/keysmith/shared/outcome"
)

// checkRest holds everything at rest against what was promised. Then faults
// end, what lies in the dead-letter queue is sent back, and one reconcile of each
// object stands for the sweep: after that there is no excuse left.
func (s *sim) checkRest() {
	s.tell("--", "everything is at rest")
	s.moved = len(s.history)
	s.sleep(15 * time.Minute) // for whatever is still on its way to KMS
	dead := s.deadKeys()
	for _, k := range s.keys {
		s.checkReported(k, dead[k])
		if !dead[k] && !s.refused(k) && !s.inForceByHand(k) && !s.seemsHeld(k) {
			s.checkInForce(k, "I1: at rest the last acceptable upload is in force")
		}
		if !dead[k] {
			s.checkStatus(k, false)
		}
	}
	s.sweep()
	for _, k := range s.keys {
		s.checkStatus(k, true)
		if s.inForceByHand(k) {
			s.checkDriftTold(k)
		} else if !s.refused(k) { // what failed for good is not put again
			s.checkInForce(k, "I1: after one sweep the last acceptable upload is in force")
		}
	}
	s.checkDrift(s.keys[s.rng.IntN(len(s.keys))])
	s.breaks("I15: a protected key is never touched", functest.IDOf(s.cloud.KMS.Policy(guarded)) == "old", "its policy is another one")
	s.checkLog()
}

// deadKeys are those that a message in the dead-letter queue is about.
func (s *sim) deadKeys() map[*managedKey]bool {
	dead := map[*managedKey]bool{}
	for {
		list := s.cloud.SQS.Receive("dead", 10)
		if len(list) == 0 {
			return dead
		}
		for _, one := range list {
			s.dead++
			s.cloud.SQS.Delete("dead", one.Receipt)
			if t := s.about(one.Body); t.key != nil {
				dead[t.key] = true
				s.send([]byte(one.Body)) // an operator sends it back
			}
		}
	}
}

// refused: the newest object was answered with a failure that is final, such
// as a missing permission. A mismatch is one only where somebody has put past
// keysmith: otherwise what was put still comes out on top.
func (s *sim) refused(k *managedKey) bool {
	all := s.versions(k)
	for _, e := range s.events() {
		d := e.Detail.Data
		if e.Type != outcome.Failed || d.Error.Retryable || d.Error.Code == outcome.VerifyMismatch && !k.handed || d.Object == nil || d.Object.Key != k.object || len(all) == 0 {
			continue
		}
		if d.Object.VersionID == all[len(all)-1].VersionID || !e.Detail.Metadata.Time.Before(all[len(all)-1].Modified.Truncate(time.Second)) {
			return true
		}
	}
	return false
}

// seemsHeld: S3 refused to report whether a hold is on the newest version, so there seems to
// be one. The next sweep looks again.
func (s *sim) seemsHeld(k *managedKey) bool {
	held := false
	for _, e := range s.events() {
		if all := s.versions(k); len(all) > 0 && functest.VersionOf(e) == all[len(all)-1].VersionID {
			held = code(e) == outcome.Held
		}
	}
	return held
}

func (s *sim) inForceByHand(k *managedKey) bool {
	return k.handed && functest.IDOf(s.cloud.KMS.Policy(k.id)) == byHand
}

// checkDriftTold: what somebody put by hand is reported, unless there is nothing
// to compare it with.
func (s *sim) checkDriftTold(k *managedKey) {
	all := s.versions(k)
	if len(all) == 0 || !s.acceptable(all[len(all)-1]) {
		return
	}
	for _, e := range s.events() {
		if o := e.Detail.Data.Object; o != nil && o.Key == k.object && (e.Type == outcome.DriftDetected || e.Type == outcome.Failed) {
			return
		}
	}
	s.breaks("I17: after one sweep a change by hand is reported or repaired", false, "%s", k.label)
}

// checkDrift: long after keysmith's last put, what somebody puts by hand is
// reported and left, and so is its end.
func (s *sim) checkDrift(k *managedKey) {
	all, was := s.versions(k), s.cloud.KMS.Policy(k.id)
	if len(all) == 0 || !s.acceptable(all[len(all)-1]) || s.refused(k) || s.inForceByHand(k) {
		return
	}
	s.sleep(time.Hour)
	s.tell("world", "changes the policy of %s by hand", k.label)
	k.handed = true
	s.cloud.KMS.SetPolicy(k.id, functest.Policy(byHand))
	before := s.told(k, outcome.DriftDetected)
	s.sweep()
	s.breaks("I17: a sweep reports a change by hand", s.told(k, outcome.DriftDetected) == before+1, "%s", k.label)
	s.breaks("I17: a sweep leaves a change by hand", s.inForceByHand(k), "%s", k.label)
	s.tell("world", "puts back the policy of %s by hand", k.label)
	s.cloud.KMS.SetPolicy(k.id, was)
	before = s.told(k, outcome.DriftResolved)
	s.sweep()
	s.breaks("I17: a sweep reports the end of a drift", s.told(k, outcome.DriftResolved) == before+1, "%s", k.label)
}

// told counts the events of a type about a key's object.
func (s *sim) told(k *managedKey, what outcome.Type) (n int) {
	for _, e := range s.events() {
		if o := e.Detail.Data.Object; o != nil && o.Key == k.object && e.Type == what {
			n++
		}
	}
	return n
}

// checkReported: the newest version has its event (I2).
func (s *sim) checkReported(k *managedKey, dead bool) {
	all := s.versions(k)
	if len(all) == 0 || dead || all[len(all)-1].DeleteMarker {
		return
	}
	newest := all[len(all)-1]
	for _, e := range s.events() {
		unreadable := code(e) == outcome.Unreadable && e.Detail.Data.Object.Key == k.object
		if functest.VersionOf(e) == newest.VersionID || unreadable {
			return
		}
	}
	s.breaks("I2: every upload has its event", false, "none of version %s of %s", short(newest.VersionID), k.label)
}

func (s *sim) checkInForce(k *managedKey, promise string) {
	id := functest.IDOf(s.cloud.KMS.Policy(k.id))
	all := s.versions(k)
	if len(all) == 0 || !s.acceptable(all[len(all)-1]) {
		return // any that was accepted before may stay: watchKeys has seen to that
	}
	want := s.docOf(string(all[len(all)-1].Body)).name
	s.breaks(promise, id == want, "%s is in force on %s; want %s", id, k.label, want)
}

// sweep reconciles every object once, without faults: as after a put of
// keysmith's own, except where somebody else's policy is in force, which only a
// sweep leaves there and reports.
func (s *sim) sweep() {
	s.calm = true
	s.tell("--", "faults end; a sweep reconciles everything")
	for _, k := range s.keys {
		if len(s.versions(k)) > 0 {
			reason := "late-put"
			if s.inForceByHand(k) {
				reason = "sweep"
			}
			s.cloud.SQS.Send("apply", string(functest.Reconcile(k.object, reason)))
		}
	}
	for range 5000 {
		synctest.Wait()
		s.settle()
		switch waiting := s.waiting(); {
		case len(waiting) > 0:
			s.letThrough(waiting[0])
		case s.deliver():
		case s.atRest():
			return
		case s.busy():
			s.sleep(time.Second)
		default:
			s.sleep(30 * time.Second)
		}
	}
	s.breaks("comes to rest", false, "the sweep does not end")
}

// checkLog: no policy text is logged (I12).
func (s *sim) checkLog() {
	s.mu.Lock()
	text := s.log.String()
	s.mu.Unlock()
	s.breaks("I12: no policy text in the log", !strings.Contains(text, `Statement\"`) && !strings.Contains(text, `"Statement"`), "%d bytes of log", len(text))
}
