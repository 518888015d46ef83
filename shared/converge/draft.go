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

// rollbackOf is the object metadata that says what an upload undoes. It is only
// repeated: what is uploaded is judged as if it were new.
const rollbackOf = "rollback-of"

// draft tells v about the put that it is about, or else about the policy that
// the run was at.
func (r *run) draft(v verdict, want desired) Draft {
	if v.put != nil {
		want = v.put.want
	}
	d := outcome.Data{
		Trigger:  string(r.job.Kind),
		Key:      r.outcomeKey(),
		Object:   r.object(want.object),
		Policy:   want.policy(),
		Findings: slices.Concat(v.Findings, r.job.Notes, want.notes, r.state(), want.report.Findings),
	}
	before, history := r.reads.first, r.puts.copy
	switch {
	case v.found != nil:
		before = v.found
	case v.put != nil && v.put.recalled != nil:
		before, history = &v.put.recalled.over, v.put.recalled.copy
	}
	if before != nil {
		d.Previous = &outcome.Previous{CanonicalSHA256: before.canonical.Text, History: history}
		r.differences(&d, v, *before, want)
	}
	d.Verification, d.Drift = v.reads, v.drift
	if v.Type == outcome.Applied {
		d.RollbackOf = want.object.Metadata[rollbackOf]
	}
	if v.Code != "" {
		d.Error = &outcome.Error{Code: v.Code, Message: v.Message, Retryable: v.Retryable}
	}
	return Draft{Type: v.Type, Data: d, Resolves: v.resolves, Braked: v.Code == outcome.Brake}
}

// differences tells what was, would be, or is different from the bucket. Drift
// is described from the bucket's policy to the one in force; all else the other way.
func (r *run) differences(d *outcome.Data, v verdict, before served, want desired) {
	from, to := before.policy, want.report.Policy
	switch {
	case v.Type == outcome.DriftDetected && to == nil:
		return // what was last applied cannot be read any more
	case v.Type == outcome.DriftDetected:
		from, to = to, from
	case v.Type == outcome.Planned, v.Code == outcome.Stale:
	case v.put == nil:
		return // nothing was put
	default:
		d.Changed = !before.canonical.Equal(want.canonical)
	}
	if to == nil || before.canonical.Equal(want.canonical) && v.Type != outcome.DriftDetected {
		return
	}
	d.Changes = keypolicy.Diff(from, to, r.arn.Partition)
	d.Access = keypolicy.CompareAccess(from, to, r.keyFacts())
	proof := keypolicy.NoNewAccess(from, to, r.keyFacts())
	d.Proof = &outcome.Proof{NoNewAccess: proof.Verdict, Witness: proof.Witness, Reason: proof.Reason}
}

// outcomeKey names the key as far as it is known: of an alias that leads
// nowhere, there is no ARN.
func (r *run) outcomeKey() *outcome.Key {
	id := r.job.Name.KeyID
	k := &outcome.Key{ARN: r.key.ARN, ID: r.arn.KeyID, Aliases: r.job.Aliases, Account: r.arn.Account, Region: r.arn.Region}
	switch {
	case k.ARN != "":
		return k
	case r.at.Account == "" || r.at.Region == "" || id == "":
		return nil
	case objectkey.IsKeyID(id):
		k.ARN, k.ID = r.at.Key(id).String(), id
	}
	k.Account, k.Region = r.at.Account, r.at.Region
	return k
}

func (r *run) object(o bucket.Object) *outcome.Object {
	if r.job.Name.Object == "" {
		return nil
	}
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

// sameVersion reports whether an upload's event is of the version that was read:
// who stored another one must not be named.
func sameVersion(h trigger.Trigger, v bucket.Version) bool {
	if v.ID != "" {
		return h.VersionID == v.ID
	}
	return h.ETag != "" && unquoted(h.ETag) == unquoted(v.ETag)
}

// unquoted is an entity tag as S3's events spell it; its answers quote it.
func unquoted(etag string) string { return strings.Trim(etag, `"`) }

func (d desired) policy() *outcome.Policy {
	if d.text == nil {
		return nil
	}
	return &outcome.Policy{
		SHA256: digest(d.text), Bytes: len(d.text),
		CanonicalSHA256: d.canonical.Text, LockoutBypass: d.bypass,
	}
}
