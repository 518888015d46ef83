package converge

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/keysmith/keysmith/shared/bucket"
	"github.com/keysmith/keysmith/shared/kmskey"
	"github.com/keysmith/keysmith/shared/objectkey"
	"github.com/keysmith/keysmith/shared/outcome"
)

// Metadata of a copy in the history: what was going to replace it.
const (
	replacedByObject  = "replaced-by-object"
	replacedByVersion = "replaced-by-version"
	replacedByPolicy  = "replaced-by-canonical-sha256"
	replacedBySession = "replaced-by-session" // as CloudTrail reports it, where a role was assumed
)

// keepHistory stores what is about to be replaced by something different, as
// KMS returned it, with the name of what is going to be put. Without that copy
// there is no put: other runs know by it what reads may show.
func (r *run) keepHistory(ctx context.Context, want desired, over served) error {
	id := copyID(over, want)
	if over.canonical.Equal(want.canonical) || slices.Contains(r.puts.copied, id) {
		return nil
	}
	name, err := r.keep(ctx, []byte(over.text), r.replacedBy(want))
	if err == nil {
		r.puts.copied = append(r.puts.copied, id)
		if r.puts.copy == "" {
			r.puts.copy = name
		}
		return nil
	}
	switch {
	case kmskey.Classify(err) == kmskey.NoCredentials:
		return again("storing the previous policy in the history: %s", kmskey.Message(err))
	case bucket.Transient(err):
		return &wait{kmskey.Ambiguous, "storing the previous policy in the history", err}
	}
	return r.resolving(outcome.AccessDenied, "the previous policy could not be stored in the history, so nothing was put: %s", kmskey.Message(err))
}

func (r *run) replacedBy(want desired) map[string]string {
	m := map[string]string{
		replacedByObject: want.object.Key, replacedByVersion: want.object.ID, replacedByPolicy: want.canonical.Text,
	}
	if session := r.at.Session(); session != "" {
		m[replacedBySession] = session
	}
	if r.mending != nil {
		m[repairMark] = r.mending.round
	}
	return m
}

// copyID tells the copies apart that one run makes.
func copyID(over served, want desired) string { return over.id() + " by " + want.canonical.Text }

// keep stores text in the history under the first free name: another run may
// keep the same policy in the same moment, because of another version.
func (r *run) keep(ctx context.Context, text []byte, metadata map[string]string) (name string, err error) {
	sum := digest(text)
	for at := range maxChanges {
		name = objectkey.History(r.arn.Account, r.arn.Region, r.arn.KeyID, time.Now().Add(time.Duration(at)*time.Millisecond), sum)
		err = r.c.Bucket.Keep(ctx, name, text, metadata)
		if !errors.Is(err, bucket.ErrChanged) {
			break
		}
	}
	return name, err
}

// put sends the desired policy once, and returns the put if KMS confirmed it.
func (r *run) put(ctx context.Context, want desired) (sent, error) {
	put := sent{want: want}
	switch err := r.timeToProve(); {
	case err != nil:
		return put, err
	case time.Since(r.puts.released) > agedAfter:
		return put, &aged{} // somebody may have put the key on hold since
	}
	r.puts.paid = false
	r.puts.calls++
	if r.job.Redelivered || r.job.sweeps() {
		// An earlier run may have been killed with its put under way. And if this one
		// is, a sweep's message only compares when it comes again.
		r.reconcileLater(ctx)
	}
	sending, cancel := context.WithDeadline(ctx, r.budget.Add(-r.c.proofTime()))
	defer cancel()
	err := r.at.Keys.Put(sending, r.arn.KeyID, string(want.text), want.bypass)
	if session := r.at.Session(); session != "" {
		r.c.Log.InfoContext(ctx, "put with the role of another account", "key", r.arn.String(), "object", want.object.Key, "version", want.object.ID, "session", session)
	}
	switch class := kmskey.Classify(err); class {
	case kmskey.None:
		put.confirmed = true
		r.mayBeInForce(put)
		return put, nil
	case kmskey.Ambiguous:
		r.mayBeInForce(put)
		r.reconcileLater(ctx)
		// No read can confirm it: a stale one shows the same policy where it was in
		// force shortly before, by somebody else's hand perhaps. So the next round
		// puts again what is the newest then, until KMS confirms.
		return put, &wait{class, "putting the policy", err}
	case kmskey.Unsent, kmskey.Throttled, kmskey.MissingPrincipal, kmskey.NotFound:
		return put, &wait{class, "putting the policy", err}
	case kmskey.NoAccess:
		return put, r.noAccess(err)
	case kmskey.NoCredentials:
		return put, again("putting the policy: %s", kmskey.Message(err))
	default:
		return put, r.refused(class, err)
	}
}

func (r *run) refused(class kmskey.Class, err error) error {
	words := kmskey.Message(err)
	switch class {
	case kmskey.Lockout:
		return failed(outcome.Lockout, false, "KMS refused the policy, because keysmith's role could not change it again: %s; allow that role kms:PutKeyPolicy in the policy, directly or through the account root and IAM", words)
	case kmskey.InvalidPolicy:
		return failed(outcome.InvalidPolicy, false, "KMS refused the document: %s", words)
	case kmskey.AccessDenied:
		v := r.resolving(outcome.AccessDenied, "keysmith's role may not put the policy of %s: %s; allow that role kms:DescribeKey, kms:GetKeyPolicy and kms:PutKeyPolicy in the key's policy, directly or through the account root and IAM", r.named(), words)
		// Somebody has stopped keysmith: when it goes on, the message must still be there, however old it is.
		v.Retryable = v.Retryable || r.job.Queued && strings.Contains(words, stoppedBy)
		return v
	}
	return failed(outcome.Internal, false, "KMS refused to change the policy of %s: %s", r.named(), words)
}

// stoppedBy are AWS's words for what scripts/stop does to the role.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
const stoppedBy = "explicit deny in an identity-based policy"

// mayBeInForce records a put that has taken effect, or may have.
func (r *run) mayBeInForce(put sent) {
	r.puts.unverified = &put
	r.puts.ids = append(r.puts.ids, put.want.canonical.Text)
	r.puts.copied, r.debts.unread = nil, true
	r.puts.tokenUsed = true
}

// agedAfter is how old the read object may be when its put is sent. A longer
// wait for the quota means another round, with the token in hand.
const agedAfter = time.Second

// pay takes one token of this instance's share of the put quota, if there is
// still time to prove and to report what is put.
func (r *run) pay(ctx context.Context) error {
	if err := r.timeToProve(); err != nil {
		return err
	}
	if r.puts.paid {
		return nil
	}
	start := time.Now()
	if err := r.at.Puts.Wait(ctx); err != nil {
		return again("the PutKeyPolicy quota allowed no call in the time that was left")
	}
	r.puts.paid = true
	if time.Since(start) > agedAfter {
		return &aged{}
	}
	return r.timeToProve()
}

// aged asks for another round because what was read is not fresh any more.
type aged struct{}

func (*aged) Error() string { return "the reads became too old while the put waited for the quota" }

// timeToProve is nil while what is put can still be proven.
func (r *run) timeToProve() error {
	if time.Now().After(r.lastRound()) {
		return again("too little time is left to verify a put")
	}
	return nil
}

// putTime is what a put gets at least. However long it hangs, the time for the
// proof is left: nobody else could report its outcome.
const putTime = time.Second

// proofTime is what the fewest reads that prove a policy take.
func (s *Settings) proofTime() time.Duration {
	return time.Duration(s.VerifyReads)*s.VerifyInterval + time.Second
}

// Needs is the time that an invocation must have left for another key to be
// read, put, proven and reported, where nothing goes wrong.
func (s *Settings) Needs() time.Duration {
	return time.Second + putTime + s.proofTime() + reportTime
}
