package converge

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/keysmith/keysmith/shared/bucket"
	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/kmskey"
	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/status"
	"github.com/keysmith/keysmith/shared/target"
	"github.com/keysmith/keysmith/shared/trigger"
)

// readObject reads what is wanted now, whatever the trigger said.
func (r *run) readObject(ctx context.Context) (desired, error) {
	if r.job.Inline != nil {
		return desired{text: r.job.Inline}, nil
	}
	none := desired{object: bucket.Object{Key: r.job.Name.Object}} // of no version
	r.askForKey(ctx)
	o, err := r.c.Bucket.Read(ctx, r.job.Name.Object)
	for try := 0; err != nil && !errors.Is(err, bucket.ErrGone) && !r.absent(err) && try < rereads; try++ {
		if err := sleep(ctx, rereadPause<<try); err != nil {
			return none, err
		}
		o, err = r.c.Bucket.Read(ctx, r.job.Name.Object)
	}
	switch {
	case errors.Is(err, bucket.ErrGone), r.described && bucket.Missing(err):
		// Deleting a text must never delete access.
		r.debts.unread = false
		r.debts.removed = r.described && (r.status == nil || r.status.Outcome != status.Removed)
		return none, passed("the object is deleted; the policy in force stays")
	case r.absent(err):
		return none, passed("CloudTrail reports a change of a key that has no policy in the bucket")
	case err != nil:
		return none, r.unreadable(err)
	}
	r.debts.unread = false
	return desired{object: o, text: o.Bytes}, r.leftToRequest(ctx, o)
}

// absent reports whether err says that the bucket has nothing for a key that only
// CloudTrail has named: it reports calls for every key of the account.
func (r *run) absent(err error) bool {
	return !r.described && r.job.Kind == trigger.CloudTrail && len(r.puts.ids) == 0 && bucket.Missing(err)
}

// A read that is refused may be a moment's trouble: two more reads, then it is reported.
const (
	rereads     = 2
	rereadPause = 200 * time.Millisecond
)

func (r *run) unreadable(err error) error {
	switch {
	case kmskey.Classify(err) == kmskey.NoCredentials:
		return again("reading the object: %s", kmskey.Message(err))
	case bucket.Denied(err):
		return r.resolving(outcome.Unreadable, "the object may not be read: %s", kmskey.Message(err))
	}
	return failed(outcome.Unreadable, bucket.Transient(err), "reading the object: %s", kmskey.Message(err))
}

// check finds the key and judges the policy that is wanted for it.
func (r *run) check(ctx context.Context, want desired) (desired, error) {
	if err := r.describe(ctx); err != nil {
		r.recallProtected(ctx, want, err)
		return want, err
	}
	if err := r.single(ctx); err != nil {
		return want, err
	}
	return r.judge(want)
}

// judge checks a desired policy and returns it with what was found. The bytes
// that pass here are the bytes that are put.
func (r *run) judge(d desired) (desired, error) {
	switch {
	case d.text == nil && d.object.Size > bucket.MaxObject:
		return d, rejected(outcome.TooLarge,
			fmt.Sprintf("the object has %d bytes, so it was not read: a key policy has at most %d", d.object.Size, keypolicy.MaxSize),
			note("policy-too-large", keypolicy.Error, "A key policy has at most 32,768 bytes. Merge statements, or replace lists of principals with a condition."))
	case encoded(d.object.Encoding):
		return d, rejected(outcome.InvalidPolicy, "the object is stored with Content-Encoding "+d.object.Encoding,
			note("content-encoding", keypolicy.Error, fmt.Sprintf("The object has Content-Encoding %q. Store the policy as plain JSON, without an encoding.", d.object.Encoding)))
	}
	d.report = r.examine(d.text)
	if reason := d.report.Reason(r.c.RejectAt, r.c.AcceptRules); reason != keypolicy.Accepted {
		return d, rejected(outcome.Code(reason), why(d.report.Findings))
	}
	d.canonical = d.report.Policy.Canonical(r.arn.Partition)
	if !d.canonical.Equal(d.canonical) {
		return d, failed(outcome.Internal, false, "a policy that was accepted has no canonical form")
	}
	r.bypass(&d)
	r.reads.want = served{string(d.text), d.report.Policy, d.canonical}
	return d, nil
}

// policyName is the object that the policy is, or would be. Guardrails and their
// exceptions name keys by it.
func (r *run) policyName() string {
	if r.job.Name.Object == "" {
		return target.Name(r.c.own(), r.at.Place, r.arn.KeyID)
	}
	return r.job.Name.Object
}

// keyFacts are what is known of the key.
func (r *run) keyFacts() keypolicy.Key {
	return keypolicy.Key{
		Partition: r.arn.Partition, Account: r.arn.Account, Region: r.arn.Region, ID: r.arn.KeyID, Org: r.at.Org,
		Usage: r.key.Usage, Spec: r.key.Spec, Origin: r.key.Origin,
	}
}

func encoded(encoding string) bool {
	return encoding != "" && encoding != "identity" && encoding != "aws-chunked"
}

// bypassKey is the object metadata that asks to skip KMS's own lockout check.
const bypassKey = "bypass-policy-lockout-safety-check"

// bypass needs both opt-ins: the object's and the deployment's. Without the
// deployment's the policy is put like any other, and KMS's check stays on.
func (r *run) bypass(d *desired) {
	if d.object.Metadata[bypassKey] != "true" {
		return
	}
	if d.bypass = r.c.AllowBypass; !d.bypass {
		d.notes = append(d.notes, note("lockout-bypass", keypolicy.Warning,
			"The object asks to skip KMS's lockout check. This deployment does not allow that, so the check stays on."))
	}
}

// why says in one sentence what the worst finding is; the findings say it all.
func why(findings []keypolicy.Finding) string {
	if len(findings) == 0 {
		return "the policy is not accepted"
	}
	worst := findings[0]
	for _, f := range findings[1:] {
		if f.Severity > worst.Severity {
			worst = f
		}
	}
	words := fmt.Sprintf("line %d, column %d: %s", worst.Line, worst.Column, worst.Message)
	if n := len(findings); n > 1 {
		return fmt.Sprintf("%s (the worst of %d findings)", words, n)
	}
	return words
}

// readInForce returns what is about to be replaced. Where that may not be read
// there is no put: it could neither be kept nor proven.
func (r *run) readInForce(ctx context.Context) (served, error) {
	text, err := r.readPolicy(ctx)
	switch class := kmskey.Classify(err); class {
	case kmskey.None:
	case kmskey.NoCredentials:
		return served{}, again("reading the policy in force: %s", kmskey.Message(err))
	case kmskey.NoAccess:
		return served{}, r.noAccess(err)
	case kmskey.AccessDenied:
		return served{}, r.resolving(outcome.Unverified,
			"the policy in force may not be read, so a new one could not be verified; nothing was put: %s", kmskey.Message(err))
	default:
		if class != kmskey.NotFound && class.Refusal() {
			return served{}, failed(outcome.Internal, false, "KMS refused to show the policy in force of %s: %s", r.named(), kmskey.Message(err))
		}
		return served{}, &wait{class, "reading the policy in force", err}
	}
	inForce := r.served(text)
	r.reads.ids = append(r.reads.ids, inForce.id())
	if r.reads.first == nil {
		first := inForce
		r.reads.first = &first
	}
	return inForce, nil
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
