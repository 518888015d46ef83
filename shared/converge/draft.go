package converge

import (
	"slices"
	"strings"

	"github.com/keysmith/keysmith/shared/bucket"
	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/objectkey"
	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/trigger"
)

// draft tells v about the policy that the run is at.
func (r *run) draft(v verdict) Draft {
	d := outcome.Data{
		Trigger:  string(r.job.Kind),
		Key:      r.outcomeKey(),
		Object:   r.object(),
		Policy:   r.policy(),
		Findings: slices.Concat(v.Findings, r.job.Notes, r.desired.notes, r.state(), r.desired.report.Findings),
	}
	if r.before != nil {
		d.Previous = &outcome.Previous{CanonicalSHA256: r.before.canonical.Text, History: r.history}
		r.differences(&d, v)
	}
	if r.proof.Reads > 0 {
		proof := r.proof
		d.Verification = &proof
	}
	if v.Code != "" {
		d.Error = &outcome.Error{Code: v.Code, Message: v.Message, Retryable: v.Retryable}
	}
	return Draft{Type: v.Type, Data: d}
}

// differences tells what was, would be, or is different from the bucket. Drift
// is told from the bucket's policy to the one in force; all else the other way.
func (r *run) differences(d *outcome.Data, v verdict) {
	from, to := r.before.policy, r.desired.report.Policy
	switch {
	case v.Type == outcome.DriftDetected:
		from, to = to, r.inForce.policy
	case v.Type == outcome.Planned:
	case r.unproven == nil:
		return // nothing was put
	default:
		d.Changed = !r.before.canonical.Equal(r.desired.canonical)
	}
	if to == nil || r.before.canonical.Equal(r.desired.canonical) && v.Type != outcome.DriftDetected {
		return
	}
	d.Changes = keypolicy.Diff(from, to, r.arn.Partition)
	d.Access = keypolicy.CompareAccess(from, to, r.arn.Partition)
}

// outcomeKey names the key as far as it is known: of an alias that leads
// nowhere, there is no ARN.
func (r *run) outcomeKey() *outcome.Key {
	s := r.c.Settings
	id := r.job.Name.KeyID
	k := &outcome.Key{ARN: r.key.ARN, ID: r.arn.KeyID, Aliases: r.job.Aliases, Account: r.arn.Account, Region: r.arn.Region}
	switch {
	case k.ARN != "":
		return k
	case s.Account == "" || id == "":
		return nil
	case objectkey.IsKeyID(id):
		k.ARN, k.ID = objectkey.ARN{Partition: s.Partition, Region: s.Region, Account: s.Account, KeyID: id}.String(), id
	}
	k.Account, k.Region = s.Account, s.Region
	return k
}

func (r *run) object() *outcome.Object {
	if r.job.Name.Object == "" {
		return nil
	}
	o := r.desired.object
	out := &outcome.Object{
		Bucket: r.c.Bucket.Name, Key: r.job.Name.Object,
		VersionID: o.ID, ETag: unquoted(o.ETag), Commit: o.Metadata["commit"],
	}
	for _, h := range r.job.Hints {
		if h.Requester != "" && sameVersion(h, o.Version) {
			out.UploadedBy = &outcome.Uploader{Requester: h.Requester, SourceIP: h.SourceIP}
		}
	}
	return out
}

// sameVersion tells whether an upload's event is of the version that was read:
// who stored another one must not be named.
func sameVersion(h trigger.Trigger, v bucket.Version) bool {
	if v.ID != "" {
		return h.VersionID == v.ID
	}
	return h.ETag != "" && unquoted(h.ETag) == unquoted(v.ETag)
}

// unquoted is an entity tag as S3's events spell it; its answers quote it.
func unquoted(etag string) string { return strings.Trim(etag, `"`) }

func (r *run) policy() *outcome.Policy {
	d := r.desired
	if d.text == nil {
		return nil
	}
	return &outcome.Policy{
		SHA256: digest(d.text), Bytes: len(d.text),
		CanonicalSHA256: d.canonical.Text, LockoutBypass: d.bypass,
	}
}
