package converge

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/kmskey"
	"github.com/keysmith/keysmith/shared/objectkey"
	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/target"
	"github.com/keysmith/keysmith/shared/trigger"
)

// own is the place of the stack.
func (s *Settings) own() target.Place {
	return target.Place{Partition: s.Partition, Account: s.Account, Region: s.Region}
}

// locate finds the account and Region of the job's key, which must be a target.
func (r *run) locate() error {
	p, err := r.c.Targets.Place(r.c.own(), r.job.Name)
	switch {
	case err == nil:
		r.at = r.c.Reach.At(r.c.own(), p)
		return nil
	case r.job.Kind == trigger.CloudTrail:
		return passed("CloudTrail reports a change of a key that is no target: " + err.Error())
	}
	r.at = &target.Target{Place: p} // only for the report: nothing is asked there
	return badName(err)
}

// describe finds the key and refuses those that keysmith must not touch. A key
// whose policy does not let keysmith describe it can still be converged: what
// its key id cannot tell is then taken from the stack's own account and Region.
func (r *run) describe(ctx context.Context) error {
	ref := r.job.Name.KeyID
	if r.arn.KeyID == "" && r.protectedByName() {
		return protected(ref)
	}
	for r.arn.KeyID == "" {
		key, err := r.describeKey(ctx, ref)
		class := kmskey.Classify(err)
		switch {
		case class == kmskey.None:
			return r.aim(key)
		case class == kmskey.NoCredentials:
			return again("describing the key: %s", kmskey.Message(err))
		case class == kmskey.NoAccess:
			return r.noAccess(err)
		case class != kmskey.NotFound && class.Refusal():
			return r.undescribed(ref, err)
		}
		if err := r.pause(ctx, &wait{class, "describing the key " + ref, err}, nil); err != nil {
			return err
		}
		r.forgetPolicy() // it was read before the wait
	}
	return nil
}

func (r *run) undescribed(ref string, err error) error {
	if !objectkey.IsKeyID(ref) || r.at.Account == "" || r.set != nil {
		return r.resolving(outcome.AccessDenied, "describing the key %s: %s", ref, kmskey.Message(err))
	}
	return r.aim(kmskey.Key{ARN: r.at.Key(ref).String(), ID: ref, Account: r.at.Account})
}

// noAccess is the verdict where no call can be made in the key's account and
// Region. A role that was just made takes minutes to be seen everywhere.
func (r *run) noAccess(err error) error {
	return r.resolving(outcome.AccessDenied, "the key %s of account %s in %s cannot be reached: %s", r.job.Name.KeyID, r.at.Account, r.at.Region, kmskey.Message(err))
}

// aim makes key the run's target, unless keysmith must not touch it.
func (r *run) aim(key kmskey.Key) error {
	arn, ok := objectkey.ParseARN(key.ARN)
	if !ok {
		return failed(outcome.Internal, false, "describing the key: KMS calls it %q, which is not a key ARN", key.ARN)
	}
	if r.at.Account != "" && (arn.Account != r.at.Account || arn.Region != r.at.Region) {
		return failed(outcome.Internal, false, "describing the key %s of account %s in %s: KMS answered for %s", r.job.Name.KeyID, r.at.Account, r.at.Region, arn)
	}
	r.subject = subject{key, arn}
	if err := r.inSet(); err != nil {
		return err
	}
	if other := r.foreign(arn.Account); other != "" {
		return passed("the event is of account " + other + ", the key of " + arn.Account)
	}
	if r.otherKey(arn) {
		return passed("CloudTrail reports a call for a key of another Region")
	}
	if key.AWSManaged {
		return rejected(outcome.ProtectedKey, "AWS manages this key, and its key policy cannot be changed; use a customer managed key",
			note("key-aws-managed", keypolicy.Error, "AWS manages this key, and its policy cannot be changed. Use a customer managed key."))
	}
	if r.c.protects(arn) {
		return protected(key.ID)
	}
	return nil
}

func protected(id string) error {
	return rejected(outcome.ProtectedKey, "the key is protected (PROTECTED_KEYS): keysmith never changes its policy",
		note("key-protected", keypolicy.Error, "PROTECTED_KEYS names "+id+", so keysmith never changes its policy. Change it by hand, or remove the key from the list."))
}

// foreign returns the account of an event that is not the one it must come from:
// the bucket's events come from the stack's own account, CloudTrail's from that of
// the key. Somebody forwarded a copy.
func (r *run) foreign(account string) string {
	if r.job.Kind != trigger.CloudTrail && r.c.Account != "" {
		account = r.c.Account
	}
	for _, h := range r.job.Hints {
		if h.Account == "" || h.Account == account {
			return ""
		}
	}
	if len(r.job.Hints) == 0 {
		return ""
	}
	return r.job.Hints[0].Account
}

// otherKey reports whether everything that led here is a call that CloudTrail reports
// for another key: a key of another Region can have the same key id.
func (r *run) otherKey(arn objectkey.ARN) bool {
	if r.job.Kind != trigger.CloudTrail || r.set != nil {
		return false
	}
	return !slices.ContainsFunc(r.job.Hints, func(h trigger.Trigger) bool { return h.Key == "" || h.Key == arn.String() })
}

// listed reports whether the list of protected keys may mean this one, as far as
// its id tells before KMS describes it.
func (r *run) listed() bool {
	return slices.ContainsFunc(r.c.ProtectedKeys, func(p string) bool { return strings.HasSuffix(p, r.job.Name.KeyID) })
}

// protectedByName reports whether the key's name alone says that it is
// protected: then KMS need not be asked, and the key need not exist.
func (r *run) protectedByName() bool {
	id := r.job.Name.KeyID
	return objectkey.IsKeyID(id) && r.c.protects(r.at.Key(id)) && r.foreign(r.at.Account) == ""
}

// protects compares after resolution, so that no spelling of a key gets past.
func (c *Converger) protects(key objectkey.ARN) bool {
	return slices.ContainsFunc(c.ProtectedKeys, key.NamedBy)
}

// state tells what a person should know of the key's state. Its policy can be
// changed in every state, so none is a reason to refuse.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
func (r *run) state() []keypolicy.Finding {
	if r.key.State == "" || r.key.State == "Enabled" {
		return nil
	}
	return []keypolicy.Finding{note("key-state", keypolicy.Warning,
		fmt.Sprintf("The key is in the state %s. The policy takes effect in this state too.", r.key.State))}
}

// note is a finding about something else than the policy's text.
func note(rule string, s keypolicy.Severity, message string) keypolicy.Finding {
	return keypolicy.Finding{Rule: rule, Severity: s, Message: message, Line: 1, Column: 1, Path: "$"}
}

// named is the key as an error names it, with its state if KMS has told it.
func (r *run) named() string {
	if r.key.State == "" {
		return "the key " + r.key.ARN
	}
	return "the key " + r.key.ARN + ", which is in state " + r.key.State
}
