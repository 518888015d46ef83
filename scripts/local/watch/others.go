package watch

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/keysmith/keysmith/scripts/local/stack"
	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/objectkey"
)

func cutPolicies(object string) (rest string, ok bool) { return strings.CutPrefix(object, "policies/") }

// objects shows what happened in the bucket without a result event: deletions,
// and objects that keysmith does not read.
func (w *watcher) objects() error {
	changes, err := w.stack.ObjectChanges()
	if err != nil {
		return err
	}
	for _, c := range changes {
		switch {
		case c.Deleted:
			w.deleted(c.Object)
		case !ours(c.Object):
			w.note("%s was stored in the bucket. keysmith reads only policies/ and plans/, so nothing happens.", c.Object)
		}
	}
	return nil
}

// ours reports whether keysmith reads or writes an object of this name.
func ours(object string) bool {
	for _, prefix := range []string{"history/", "status/", "holds/", "canary/"} {
		if strings.HasPrefix(object, prefix) {
			return true
		}
	}
	return objectkey.Ours(object)
}

func (w *watcher) deleted(object string) {
	name, err := objectkey.Parse(object)
	switch {
	case err != nil:
		w.note("%s was deleted from the bucket. It was not the policy of a key.", object)
	case name.Plan:
		w.note("%s was deleted from the bucket. It was only a plan.", object)
	default:
		w.note("%s was deleted from the bucket. The policy in force stays as it is: keysmith never removes access because an object is gone.", object)
	}
}

// ensureKey makes the key of an object, where that is asked for.
func (w *watcher) ensureKey(object string) {
	name, err := objectkey.Parse(object)
	if err != nil || !w.cfg.CreateKeys || w.stack.Cloud.KMS.Policy(name.KeyID) != "" {
		return
	}
	w.stack.Cloud.KMS.CreateKey(fakeaws.KeySpec{ID: name.KeyID})
	w.do("create key %s", name.KeyID)
}

// handPuts shows the policies that somebody put on a key past keysmith.
func (w *watcher) handPuts() {
	for _, put := range w.stack.PutsByOthers() {
		object := objectkey.For(put.KeyID)
		w.heading(put.Time, object)
		w.note("%s changed the policy of the key directly in KMS, not through keysmith.", put.Caller)
		w.compare(object, put)
	}
}

// compare shows how what is in force differs from the bucket.
func (w *watcher) compare(object string, put fakeaws.KeyPut) {
	desired, ok := w.stack.Cloud.S3.Get(w.stack.Bucket(), object)
	if !ok {
		w.line("The bucket has no %s, so keysmith does not manage this key.", object)
		return
	}
	inForce := w.stack.Cloud.KMS.Policy(put.KeyID)
	if keypolicy.SameText(inForce, string(desired.Body), "aws") {
		w.line("It is the same as the policy in the bucket: the key is in sync.")
		return
	}
	w.line("The key has drifted: KMS serves another policy than the bucket holds.")
	options := keypolicy.Options{Key: keypolicy.Key{Partition: "aws", Account: w.stack.Account(), Region: w.stack.Region(), ID: put.KeyID}}
	from, to := keypolicy.Check(desired.Body, options).Policy, keypolicy.Check([]byte(inForce), options).Policy
	w.report.Differences("In force, compared with the bucket:", w.stack.Account(),
		keypolicy.Diff(from, to, "aws"), keypolicy.CompareAccess(from, to, options.Key))
	w.report.Drifted(w.stack.Bucket(), object, put.KeyID)
}

// failures shows invocations that failed. A function that does not start says
// why only in its log.
func (w *watcher) failures() {
	err := w.stack.Failures()
	if err == nil {
		return
	}
	w.heading(time.Now(), "the function")
	w.failed("An invocation failed: %v", err)
	w.line("SQS delivers its messages again after the visibility timeout. The function's log ends:")
	w.screen.Verbatim(6, w.log.Last(8))
}

// deadLetters shows what keysmith has given up, and what was never delivered.
func (w *watcher) deadLetters() {
	for _, letter := range w.stack.DeadLetters() {
		w.heading(time.Now(), subjectOf(letter))
		w.failed("The message is in the dead-letter queue %s: %s. It is not handled any more.", letter.Queue, cause(letter))
		w.line("To try again, upload the policy or send the request again. To see the message:")
		w.screen.Verbatim(6, "go run ./scripts/deadletters list \\\n  -dead "+w.stack.QueueURL(letter.Queue))
	}
	lost := w.stack.Cloud.Events.Lost()
	for _, l := range lost[min(w.lost, len(lost)):] {
		w.failed("The event %q reached no queue: the target of rule %s does not exist or refused it.", l.Entry.DetailType, l.Rule)
	}
	w.lost = len(lost)
}

func cause(letter stack.DeadLetter) string {
	if letter.Receives == 0 {
		return "it could not be delivered"
	}
	return "it was delivered too often without success"
}

// subjectOf names what a message was about, as far as it can be read.
func subjectOf(letter stack.DeadLetter) string {
	var body struct {
		Detail struct {
			Object json.RawMessage
			Key    string
		}
		Object string
	}
	_ = json.Unmarshal([]byte(letter.Body), &body) // what cannot be read has no name
	var s3 struct{ Key string }
	var request string
	switch {
	case json.Unmarshal(body.Detail.Object, &s3) == nil && s3.Key != "":
		return s3.Key
	case json.Unmarshal(body.Detail.Object, &request) == nil && request != "":
		return "request for " + request
	case body.Detail.Key != "":
		return "request for " + body.Detail.Key
	case body.Object != "":
		return body.Object
	}
	return "a message that names no object and no key"
}
