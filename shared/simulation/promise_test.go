package simulation

import (
	"github.com/keysmith/keysmith/shared/functest"

	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/outcome/outcometest"
	"github.com/keysmith/keysmith/shared/status"
	"github.com/keysmith/keysmith/shared/trigger"
)

// What must hold at every step, whatever goes wrong. The names I1 … I14 are
// those of the invariants that the project holds itself to.

// mostCalls bounds what one turn may ask of AWS for one key (I13): two minutes
// of proving at a read a second, three attempts each, and five rounds.
const mostCalls = 500

// checkPut holds a put, before it is sent, against what its turn has read.
func (s *sim) checkPut(c *call, th *thread) {
	text := c.put()
	if c.key == nil {
		s.breaks("I15: a protected key is never touched", false, "%s", c.body)
		return
	}
	d := s.docOf(text)
	s.breaks("I4: what is put is what was read and passed", text == th.body && d.refusal == "" && d.name != "",
		"%s is put after %s was read", d.name, s.docOf(th.body).name)
	all := s.versions(c.key)
	s.breaks("I8: no put is older than what its turn has read", th.newest >= 0 && all[th.newest].VersionID == th.version,
		"version %s is put, a newer one was seen", short(th.version))
	s.breaks("I6: the account root and the break-glass principal keep kms:PutKeyPolicy", adminsKeepPut(text), "%s", text)
	wanted := th.newest >= 0 && all[th.newest].Metadata["bypass-policy-lockout-safety-check"] == "true"
	s.breaks("I5: KMS's own check is skipped only where both sides asked", !c.bypass() || s.plan.bypass && wanted, "%s", d.name)
	s.breaks("history: what keysmith found is kept before it is replaced",
		functest.IDOf(s.cloud.KMS.Policy(c.key.id)) != "old" || s.keptOriginal(c.key), "no copy of %s", c.key.label)
	s.breaks("I13: calls are bounded", th.calls < mostCalls, "%d calls about %s", th.calls, c.key.label)
}

func (c *call) bypass() bool {
	var in struct{ BypassPolicyLockoutSafetyCheck bool }
	return json.Unmarshal(c.body, &in) == nil && in.BypassPolicyLockoutSafetyCheck
}

func (s *sim) keptOriginal(k *managedKey) bool {
	for _, name := range s.cloud.S3.Keys(functest.Bucket, "history/"+functest.Account+"/us-east-1/"+k.id+"/") {
		if o, ok := s.cloud.S3.Get(functest.Bucket, name); ok && functest.IDOf(string(o.Body)) == "old" {
			return true
		}
	}
	return false
}

// checkEvents holds a claim against what its turn has seen, when it is made.
func (s *sim) checkEvents(c *call, th *thread) {
	s.breaks("I12: no policy text in events", !strings.Contains(string(c.body), `\"Statement\":`), "%s", c.body)
	for _, e := range s.eventsOf(c) {
		s.checkEvent(c, th, e)
	}
}

func (s *sim) checkEvent(c *call, th *thread, e outcome.Event) {
	outcometest.Valid(s.T, e)
	switch e.Type {
	case outcome.Applied:
		s.checkApplied(th, e)
		return
	case outcome.DriftDetected:
		s.breaks("I3: drift is reported after equal reads", equalReads(th.reads) != "", "%v", ids(th.reads))
		own := s.ownPut(c.key, equalReads(th.reads))
		s.breaks("I16: drift is reported only of what somebody else put", !own, "%s", equalReads(th.reads))
	case outcome.DriftResolved:
		s.breaks("I3: the end of drift is reported after equal reads", equalReads(th.reads) != "", "%v", ids(th.reads))
		return
	case outcome.Rejected:
		s.checkRejected(th, e)
	}
	if code(e) == outcome.VerifyMismatch {
		id := equalReads(th.reads)
		s.breaks("I3: a mismatch is reported after equal reads", id != "" && th.put != nil && id != functest.IDOf(th.put.text), "%v", ids(th.reads))
	}
	if e.Type == outcome.Failed && th.put != nil && th.put.unknown && !th.told {
		s.breaks("I9: an ambiguous answer is read back", th.tried > 0, "%s without a read", functest.Say(e))
	}
	told := th.put == nil || th.told || isProof(e) && functest.VersionOf(e) == th.put.version
	s.breaks("what was put is reported before anything else", told || s.overtaken(c.key, th),
		"%s of %s, but the put of %s is not told", functest.Say(e), short(functest.VersionOf(e)), versionShort(th.put))
	s.breaks("what was just proven is not told to have failed", e.Type != outcome.Failed || th.applied == "" || functest.VersionOf(e) != th.applied,
		"%s of %s after Applied", functest.Say(e), short(functest.VersionOf(e)))
}

// ownPut: keysmith put this policy on the key in the last half an hour, and
// nobody else did: a put that came late is repaired, not reported.
func (s *sim) ownPut(k *managedKey, id string) bool {
	own := false
	for _, p := range s.cloud.KMS.Puts() {
		if p.KeyID == k.id && functest.IDOf(p.Policy) == id && time.Since(p.Time) < 30*time.Minute {
			own = true
		}
	}
	return own && id != byHand
}

// byHand is the policy that somebody puts in the console.
const byHand = "by hand"

// checkSilent: what the bus tells everybody wakes nobody up here.
func (s *sim) checkSilent(c *call) {
	var in struct {
		Entries []struct {
			Source, DetailType string
			Detail             string
		}
	}
	_ = json.Unmarshal(c.body, &in)
	for _, e := range in.Entries {
		told := functest.JSON(functest.M{"version": "0", "id": "1", "source": e.Source, "detail-type": e.DetailType, "detail": json.RawMessage(e.Detail)})
		found, _, err := trigger.Parse(told, functest.Bucket)
		s.breaks("I11: no output is a trigger", len(found) == 0 && err == nil, "%s leads to %+v, %v", e.DetailType, found, err)
	}
}

// overtaken: a version has come that the turn has not seen; its own trigger
// tells what became of the key.
func (s *sim) overtaken(k *managedKey, th *thread) bool {
	all := s.versions(k)
	return th.newest < len(all)-1 || !th.gone && th.newest >= 0 && all[th.newest].VersionID != th.version
}

func versionShort(p *sentPut) string {
	if p == nil {
		return "nothing"
	}
	return short(p.version)
}

func code(e outcome.Event) outcome.Code {
	if e.Detail.Data.Error == nil {
		return ""
	}
	return e.Detail.Data.Error.Code
}

func (s *sim) checkApplied(th *thread, e outcome.Event) {
	const promise = "I3: Applied follows equal reads of the very policy"
	if th.put == nil {
		failed := th.status != nil && th.status.Outcome == status.Failed && th.status.VersionID == functest.VersionOf(e)
		s.breaks(promise, failed && equalReads(th.reads) == s.docOf(th.body).name, "nothing was put, then read: %v", ids(th.reads))
		return
	}
	s.breaks(promise, functest.VersionOf(e) == th.put.version, "version %s is reported, %s was put", short(functest.VersionOf(e)), short(th.put.version))
	s.breaks(promise, equalReads(th.reads) == functest.IDOf(th.put.text), "%s was put, then read: %v", functest.IDOf(th.put.text), ids(th.reads))
	if n := len(th.reads); n > 0 {
		s.breaks(promise, digestOf(th.reads[n-1]) == e.Detail.Data.Policy.CanonicalSHA256, "the digest is not of what was read")
	}
}

func (s *sim) checkRejected(th *thread, e outcome.Event) {
	d := e.Detail.Data
	why := len(d.Findings) > 0 && d.Error.Message != ""
	for _, f := range d.Findings {
		why = why && f.Rule != "" && f.Message != "" && (f.Path != "" || f.Line > 0)
	}
	s.breaks("I14: a rejection says what and where", why, "%+v", d.Findings)
	if want := s.docOf(th.body).refusal; functest.VersionOf(e) != "" && functest.VersionOf(e) == th.version && want != "" {
		s.breaks("I14: the same input gets the same verdict", string(code(e)) == want, "%s of %s; want %s", functest.Say(e), s.docOf(th.body).name, want)
	}
}

// equalReads is the Id that the last reads agree on; empty if they do not.
func equalReads(reads []string) string {
	if len(reads) < provingReads {
		return ""
	}
	last := reads[len(reads)-provingReads:]
	for _, r := range last {
		if functest.IDOf(r) != functest.IDOf(last[0]) {
			return ""
		}
	}
	return functest.IDOf(last[0])
}

func ids(reads []string) []string {
	var list []string
	for _, r := range reads {
		list = append(list, functest.IDOf(r))
	}
	return list
}

// checkStored: a request overwrites nothing that is newer than it.
func (s *sim) checkStored(c *call) {
	if len(c.turn.messages) != 1 {
		return
	}
	t := s.about(c.turn.messages[0].Body)
	all := s.versions(c.key)
	if t.kind != "request" || len(all) < 2 {
		s.breaks("only requests write to the bucket", t.kind == "request", "%s", t.kind)
		return
	}
	over := all[len(all)-2]
	if over.Metadata["keysmith-request-id"] != "" {
		return // of two requests the later one wins, whenever it is stored
	}
	sameTag := slices.ContainsFunc(all[:len(all)-2], func(o fakeaws.Object) bool { return o.ETag == over.ETag })
	if over.DeleteMarker || sameTag {
		return // S3 has no condition that tells A from A again, or one deletion from another
	}
	newer := over.Modified.Truncate(time.Second).After(t.sent.Truncate(time.Second)) // the clocks show whole seconds
	s.breaks("a request overwrites nothing newer", !newer, "version %s is of %s, the request of %s",
		short(over.VersionID), over.Modified.Format(time.TimeOnly), t.sent.Format(time.TimeOnly))
}

// watchKeys: a refusal, a deletion or an empty object never changes a policy,
// and nobody is ever locked out (I6, I7).
func (s *sim) watchKeys() {
	for _, k := range s.keys {
		id := functest.IDOf(s.cloud.KMS.Policy(k.id))
		s.breaks("I7: only what was accepted comes into force", id == "old" || k.handed && id == byHand || s.wasAccepted(k, id), "%q is in force on %s", id, k.label)
	}
}

func (s *sim) wasAccepted(k *managedKey, id string) bool {
	for _, o := range s.versions(k) {
		if s.docOf(string(o.Body)).name == id && s.acceptable(o) {
			return true
		}
	}
	return false
}

// adminsKeepPut judges a document independently of keysmith's own check: the
// account root and the break-glass principal have an unconditional Allow each,
// and nothing is denied.
func adminsKeepPut(text string) bool {
	var p struct {
		Statement []struct {
			Effect    string
			Principal map[string]any
			Action    any
			Condition any
		}
	}
	if json.Unmarshal([]byte(text), &p) != nil {
		return false
	}
	kept := map[any]bool{}
	for _, st := range p.Statement {
		if st.Effect == "Deny" {
			return false // what the documents here deny is the put
		}
		if st.Condition == nil && (st.Action == "kms:*" || st.Action == "kms:PutKeyPolicy") {
			kept[st.Principal["AWS"]] = true
		}
	}
	return kept["arn:aws:iam::"+functest.Account+":root"] && kept[glass]
}
