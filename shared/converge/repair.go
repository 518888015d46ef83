package converge

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/keysmith/keysmith/shared/bucket"
	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/trigger"
)

const (
	// repairMark is the metadata of a copy in the history that a repair made.
	repairMark = "repair"
	// authorWithin is how long a repair waits for CloudTrail to say who made the
	// change: it comes minutes late.
	authorWithin = 15 * time.Minute
	// rounds is how often a key is repaired within fightFor. After that somebody
	// else changes it again and again, and keysmith stops fighting.
	rounds   = 3
	fightFor = 24 * time.Hour
)

// A repairError goes on to the put: the drift that was found is repaired.
type repairError struct {
	drift   verdict // what is reported of it
	report  bool    // it is news
	version bucket.Version
	round   string // see round
}

func (*repairError) Error() string { return "drift that is repaired" }

// decided ends the reads of a drift with its report, or goes on to its repair.
// known says why it need not be reported; empty if it must be.
func (r *run) decided(ctx context.Context, found served, drift *outcome.Drift, want desired, known string) error {
	gone := r.deleted(found, want)
	answer, err := r.answer(ctx, found, drift, want, gone != nil)
	if err != nil {
		return err
	}
	drift.Repair = cmp.Or(answer, outcome.RepairPending)
	if old := r.open(); old != nil && old.Repair != drift.Repair {
		known = ""
	}
	v := verdict{Type: outcome.DriftDetected, found: &found, drift: drift, Findings: gone}
	switch {
	case answer == repairNow:
		return r.unlessChanged(ctx, want, &repairError{v, known == "", want.object.Version, r.thisRound(drift)})
	case known != "":
		r.found.drift = &v
		return passed(known)
	}
	r.debts.lookAgain = answer == outcome.RepairPending
	return r.unlessChanged(ctx, want, v)
}

// repairNow is the answer to a drift that is repaired at once.
const repairNow outcome.Repair = ""

// answer says what is done about a drift. Once somebody has won a fight, that
// stays until the object is uploaded again, however long it takes.
func (r *run) answer(ctx context.Context, found served, drift *outcome.Drift, want desired, gone bool) (outcome.Repair, error) {
	switch {
	case !r.c.RepairDrift || r.stood != applied || r.status == nil || gone:
		return outcome.RepairNone, nil
	case drift.Author != nil && r.breaksGlass(drift.Author.ARN), !r.needsRepair(found, want):
		return outcome.RepairHeld, nil
	}
	held, err := r.hold(ctx)
	if err != nil {
		return "", again("%v; nothing was repaired", err)
	}
	fought, err := r.fought(ctx, want, r.thisRound(drift))
	switch {
	case err != nil:
		return "", again("reading the history: %v; nothing was repaired", err)
	case held != nil:
		return outcome.RepairHeld, nil
	case fought >= rounds, r.open() != nil && r.open().Repair == outcome.RepairContested:
		return outcome.RepairContested, nil
	case drift.Author == nil && r.seenFor(found) < authorWithin:
		return outcome.RepairPending, nil
	}
	return repairNow, nil
}

// seenFor is how long ago the policy that is found was seen first.
func (r *run) seenFor(found served) time.Duration {
	if told, same := r.reported(found); same {
		return time.Since(told.First)
	}
	return 0
}

// needsRepair reports whether the policy that was found allows something that the
// wanted one does not, locks out, or whether that is undecided. One that provably
// only removes access may be somebody's answer to an incident.
func (r *run) needsRepair(found served, want desired) bool {
	if found.policy == nil {
		return true
	}
	if proof := keypolicy.NoNewAccess(want.report.Policy, found.policy, r.keyFacts()); proof.Verdict != keypolicy.Proven {
		return true
	}
	report := r.examineIn(r.at.Region, []byte(found.text))
	return outcome.Code(report.Reason(r.c.RejectAt, r.c.AcceptRules)) == outcome.Lockout
}

// breaksGlass reports whether the caller with this ARN, perhaps a session, is one of
// the break-glass principals. The ARN of a session does not have its role's path.
func (r *run) breaksGlass(caller string) bool {
	for _, p := range r.c.Options.BreakGlass {
		p = strings.ReplaceAll(p, "{account}", r.arn.Account)
		account, path, isRole := strings.Cut(strings.TrimPrefix(p, "arn:"+r.arn.Partition+":iam::"), ":role/")
		session := "arn:" + r.arn.Partition + ":sts::" + account + ":assumed-role/" + path[strings.LastIndex(path, "/")+1:] + "/"
		if p == caller || isRole && strings.HasPrefix(caller, session) {
			return true
		}
	}
	return false
}

// thisRound names the round that the repair of a drift belongs to: however often
// its run is killed or ends without a proof, it is the same one while keysmith has not
// verified the policy again, and the drift has the same author.
func (r *run) thisRound(drift *outcome.Drift) string {
	event := ""
	if drift.Author != nil {
		event = drift.Author.EventID
	}
	since := ""
	if r.status != nil && r.status.LastApplied != nil {
		since = r.status.LastApplied.Time.UTC().Format(time.RFC3339Nano)
	}
	return digest([]byte(since + " " + event))[:16]
}

// fought counts the rounds of a fight about this version within the last day, without
// the one that is named. The history holds each repair, and nobody can edit it. A
// repair that is made again later than reads can be stale is another round.
func (r *run) fought(ctx context.Context, want desired, now string) (n int, err error) {
	last, at := "", time.Time{}
	err = r.eachRepair(ctx, want, time.Now().Add(-fightFor), func(o bucket.Object) {
		if round := o.Metadata[repairMark]; round != last || o.Modified.Sub(at) >= staleFor {
			last, at = round, o.Modified
			n++
		}
	})
	if last == now && time.Since(at) < staleFor {
		n--
	}
	return n, err
}

// eachRepair calls f with the copies in the history that repairs of this version have
// made since then, in their order.
func (r *run) eachRepair(ctx context.Context, want desired, since time.Time, f func(bucket.Object)) error {
	return r.eachCopy(ctx, since, func(o bucket.Object) {
		if o.Metadata[repairMark] != "" && o.Metadata[replacedByVersion] == want.object.ID {
			f(o)
		}
	})
}

// mend makes the run one that repairs.
func (r *run) mend(e *repairError, want desired) error {
	if e.report && r.mending == nil && !r.job.ReadsOnly {
		r.debts.earlier = append(r.debts.earlier, r.draft(e.drift, want))
	}
	r.mending = e
	return nil
}

// mended is what is reported beside the proof of a repair: the drift has ended.
func (r *run) mended(v verdict) (verdict, bool) {
	if r.mending == nil || v.Type != outcome.Applied {
		return v, false
	}
	return verdict{Type: outcome.DriftResolved, drift: r.mending.drift.drift, reads: v.reads}, true
}

// lastChange is who changed the policy last, as far as the messages tell that led
// here. What was done before keysmith verified the policy is not what is found now.
func (r *run) lastChange() *trigger.Author {
	var last *trigger.Author
	for _, h := range r.job.Hints {
		a := h.Author
		if a == nil || h.Key != r.arn.String() || !r.afterVerified(a.Time) || last != nil && !a.Time.After(last.Time) {
			continue
		}
		last = a
	}
	return last
}

// afterVerified reports whether a call was made after keysmith verified what it put
// last. CloudTrail tells the second.
func (r *run) afterVerified(t time.Time) bool {
	return r.status == nil || r.status.LastApplied == nil || !t.Before(r.status.LastApplied.Time.Truncate(time.Second))
}

// ownBusiness reports whether a late reconcile that finds another policy repairs it
// like an upload. Where drift is repaired, a policy that keysmith has not put of
// late is somebody else's, and is judged like any other drift: it may be one that
// is to be left.
func (r *run) ownBusiness(ctx context.Context, found served) bool {
	return !r.c.RepairDrift || r.inHistory(ctx, time.Now().Add(-ownFor), func(c copied) bool { return c.by == found.id() })
}

// ownFor is how far back a put can be that a late reconcile looks for: its message
// is delayed by 15 minutes, and may come again for longer.
const ownFor = 2 * time.Hour
