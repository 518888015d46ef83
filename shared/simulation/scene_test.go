package simulation

import (
	"github.com/keysmith/keysmith/shared/functest"

	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/objectkey"
)

// A managedKey is one KMS key and its object.
type managedKey struct {
	id, object, label string
	handed            bool // somebody has put a policy past keysmith
}

func (k *managedKey) name() string {
	if k == nil {
		return "-"
	}
	return k.label
}

func (s *sim) newKey(i int) *managedKey {
	id := fmt.Sprintf("6f1c7a52-3c0e-4a86-9d7e-0b6a5f2e9c%02d", 10+i)
	s.cloud.KMS.CreateKey(fakeaws.KeySpec{ID: id, Policy: rolePolicy("old", "dave")})
	label := fmt.Sprintf("key%d", i+1)
	s.cloud.KMS.CreateAlias("alias/"+label, id)
	return &managedKey{id: id, object: objectkey.For(id), label: label}
}

func (s *sim) keyIn(text string) *managedKey {
	for _, k := range s.keys {
		if strings.Contains(text, k.id) || strings.Contains(text, "alias/"+k.label) {
			return k
		}
	}
	return nil
}

// A doc is something that people put into the bucket.
type doc struct {
	name, text string
	refusal    string // what keysmith must say; empty: acceptable
	kmsRefuses bool   // our check cannot know
}

// glass is the break-glass principal of these deployments, and guarded a key
// that they never touch.
const (
	glass   = "arn:aws:iam::" + functest.Account + ":role/breakglass"
	guarded = "6f1c7a52-3c0e-4a86-9d7e-0b6a5f2e9c99"
)

func rolePolicy(name, role string) string {
	return withStatement(functest.PolicyWith(name, `"arn:aws:iam::`+functest.Account+`:role/`+role+`"`),
		`{"Sid": "glass", "Effect": "Allow", "Principal": {"AWS": "`+glass+`"}, "Action": "kms:PutKeyPolicy", "Resource": "*"}`)
}

// withStatement adds one to a policy that policyWith wrote.
func withStatement(policy, statement string) string {
	return strings.TrimSuffix(policy, "\n  ]\n}") + ",\n    " + statement + "\n  ]\n}"
}

var docs = sync.OnceValue(func() []doc {
	return []doc{
		{name: "A", text: rolePolicy("A", "alice")},
		{name: "B", text: rolePolicy("B", "bob")},
		{name: "C", text: rolePolicy("C", "carol")},
		{name: "New", text: rolePolicy("New", "newcomer")}, // a role that KMS comes to see while it is applied
		{name: "typo", text: functest.Typo, refusal: "INVALID_POLICY"},
		{name: "lockout", text: functest.Lockout, refusal: "LOCKOUT"},
		{name: "no glass", text: functest.Policy("no glass"), refusal: "LOCKOUT"},
		{name: "deny", text: withStatement(rolePolicy("deny", "alice"),
			`{"Effect": "Deny", "Principal": "*", "Action": "kms:Put*", "Resource": "*"}`), refusal: "LOCKOUT"},
		{name: "outsider", text: withStatement(rolePolicy("outsider", "alice"),
			`{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::999999999999:root"}, "Action": "kms:Decrypt", "Resource": "*"}`), refusal: "GUARDRAIL"},
		{name: "empty", text: "", refusal: "INVALID_POLICY"},
		{name: "nobody", text: rolePolicy("nobody", "nobody"), kmsRefuses: true},
	}
})

// docOf finds the document that a text is; the zero doc if it is none.
func (s *sim) docOf(text string) doc {
	for _, d := range docs() {
		if d.text == text {
			return d
		}
	}
	return doc{}
}

// act is one thing that the world does.
func (s *sim) act() {
	k := s.keys[s.rng.IntN(len(s.keys))]
	if s.hot != nil && s.rng.IntN(3) > 0 {
		k = s.hot
	}
	s.hot = k
	if s.plan.meddled && !s.plan.duel && s.rng.IntN(3) == 0 {
		s.disturb(k)
		return
	}
	switch dice := s.rng.IntN(20); {
	case dice < 9 || s.plan.duel:
		s.uploadSome(k)
	case dice < 10:
		end := s.disturbDelivery()
		s.tell("world", "deletes %s", k.label)
		s.cloud.S3.Delete(functest.Bucket, k.object)
		end()
	case dice < 14:
		s.request(k)
	case dice < 16:
		reason := []string{"sweep", "cloudtrail"}[s.rng.IntN(2)]
		s.tell("world", "sends a reconcile of %s (%s)", k.label, reason)
		s.send(functest.Reconcile(k.object, reason))
	case dice < 18 && len(s.replays) > 0:
		s.tell("world", "sends an earlier request once more")
		s.send(s.replays[s.rng.IntN(len(s.replays))])
	case dice < 19:
		s.tell("world", "uploads A for the key that is never touched")
		s.cloud.S3.Put(functest.Bucket, objectkey.For(guarded), []byte(docs()[0].text), nil)
	case s.rng.IntN(2) == 0:
		s.disturb(k)
	default:
		junk := []string{"not JSON", `{"Event": "s3:TestEvent"}`, `{"source": "keysmith", "detail-type": "KMS Key Policy Applied"}`}
		one := junk[s.rng.IntN(len(junk))]
		s.tell("world", "sends %s", one)
		s.send([]byte(one))
	}
}

func (s *sim) uploadSome(k *managedKey) {
	d := s.someDoc()
	var meta map[string]string
	note := ""
	if s.rng.IntN(12) == 0 && !s.plan.duel {
		meta = map[string]string{"bypass-policy-lockout-safety-check": "true"}
		note = ", asking to skip KMS's check"
	}
	defer s.disturbDelivery()()
	version := s.cloud.S3.Put(functest.Bucket, k.object, []byte(d.text), meta)
	s.tell("world", "uploads %s for %s (version %s)%s", d.name, k.label, short(version), note)
}

func short(version string) string { return version[:min(6, len(version))] }

// someDoc is an acceptable one, mostly.
func (s *sim) someDoc() doc {
	all := docs()
	if s.plan.duel {
		s.duels++
		return all[s.duels%2]
	}
	d := all[s.rng.IntN(3)]
	if s.rng.IntN(3) == 0 {
		d = all[s.rng.IntN(len(all))]
	}
	if d.name == "New" {
		s.cloud.KMS.AddPrincipalAfter("arn:aws:iam::"+functest.Account+":role/newcomer", time.Duration(s.rng.IntN(25))*time.Second)
	}
	return d
}

// disturbDelivery lets EventBridge be late, or deliver twice.
func (s *sim) disturbDelivery() (end func()) {
	if !s.plan.shuffled || s.rng.IntN(2) == 0 {
		return func() {}
	}
	f := fakeaws.Fault{Service: "events", Action: "Deliver", Kind: fakeaws.Slow, Delay: time.Duration(1+s.rng.IntN(120)) * time.Second}
	if s.rng.IntN(2) == 0 {
		f.Kind = fakeaws.Duplicate
	}
	return s.cloud.Fault(f)
}

// send puts a message on the queue, sometimes late, sometimes twice.
func (s *sim) send(body []byte) {
	copies := 1
	if s.plan.shuffled && s.rng.IntN(4) == 0 {
		copies = 2
	}
	for range copies {
		delay := 0
		if s.plan.shuffled && s.rng.IntN(2) == 0 {
			delay = s.rng.IntN(120)
		}
		s.cloud.SQS.SendAfter("apply", string(body), time.Duration(delay)*time.Second)
	}
}

// sweepLater sends what sweeps send, when the script is over: while puts that are
// late may still land, and reads may show what was.
func (s *sim) sweepLater() {
	if s.left > 0 || s.swept {
		return
	}
	s.swept = true
	for _, k := range s.keys {
		for range s.plan.sweeps {
			reason := []string{"sweep", "cloudtrail"}[s.rng.IntN(2)]
			s.cloud.SQS.SendAfter("apply", string(functest.Reconcile(k.object, reason)), time.Duration(s.rng.IntN(900))*time.Second)
		}
	}
}

// request asks for something on the request bus.
func (s *sim) request(k *managedKey) {
	s.requests++
	id := fmt.Sprintf("r%02d", s.requests)
	d := s.someDoc()
	detail := functest.M{"object": k.object}
	words := "to apply " + k.label
	switch s.rng.IntN(4) {
	case 0:
	case 1:
		detail["dryRun"] = true
		words = "to plan " + k.label
	case 2:
		detail, words = functest.M{"key": "alias/" + k.label, "policy": d.text}, "for "+d.name+" on "+k.label+", by alias"
	default:
		detail, words = functest.M{"key": k.id, "policy": d.text}, "for "+d.name+" on "+k.label
	}
	s.tell("world", "asks %s (%s)", words, id)
	body := functest.Requested(id, time.Now(), detail)
	s.replays, s.sentAt[id] = append(s.replays, body), time.Now()
	s.send(body)
}

// A topic is what a message is about, read by the test's own eyes.
type topic struct {
	key     *managedKey
	kind    string    // upload, request, sweep, late-put, or "" for none of keysmith's business
	id      string    // of a request
	sent    time.Time // exactly; the event tells whole seconds
	version string    // of an upload
	alone   bool
	garbage bool // it cannot be read
}

func (t topic) reconciles() bool {
	return t.kind == "sweep" || t.kind == "cloudtrail" || t.kind == "late-put"
}

func (s *sim) about(body string) topic {
	var b struct {
		Keysmith, Reason, ID, Source string
		DetailType                   string `json:"detail-type"`
		Detail                       struct {
			Policy *json.RawMessage
			DryRun bool
			Object json.RawMessage
		}
	}
	if json.Unmarshal([]byte(body), &b) != nil {
		return topic{garbage: true}
	}
	if strings.Contains(body, guarded) {
		return topic{}
	}
	t := topic{key: s.keyIn(body)}
	switch {
	case b.Keysmith == "reconcile":
		t.kind = b.Reason
	case b.Source == "aws.s3":
		t.kind = "upload"
		var o struct {
			Version string `json:"version-id"`
		}
		_ = json.Unmarshal(b.Detail.Object, &o)
		t.version = o.Version
	case b.DetailType == "KMS Key Policy Apply Requested":
		t.kind, t.id, t.sent = "request", b.ID, s.sentAt[b.ID]
		t.alone = b.Detail.Policy != nil || b.Detail.DryRun
	}
	return t
}

func (s *sim) label(body string) string {
	t := s.about(body)
	switch {
	case t.garbage:
		return "garbage"
	case t.kind == "":
		return "a message that is not ours"
	case t.id != "":
		return "request " + t.id + " about " + t.key.name()
	}
	return t.kind + " of " + t.key.name()
}
