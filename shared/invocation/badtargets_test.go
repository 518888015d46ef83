package invocation_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/functest"
	"github.com/keysmith/keysmith/shared/objectkey"
	"github.com/keysmith/keysmith/shared/outcome"
)

const (
	mrkThere    = "mrk-6f1c7a523c0e4a869d7e0b6a5f2e9c11"
	goneThere   = "6f1c7a52-3c0e-4a86-9d7e-00000000dead"
	otherMember = "555566667777"
)

// A badTarget is a line of testdata/bad-targets.txt.
type badTarget struct {
	name, kind, about, want string
	words                   []string
}

func badTargets(t *testing.T) (list []badTarget) {
	t.Helper()
	text, err := os.ReadFile("testdata/bad-targets.txt")
	if err != nil {
		t.Fatal(err)
	}
	ids := strings.NewReplacer("KEY", functest.KeyID, "MRK", mrkThere, "GONE", goneThere)
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		parts := strings.Split(line, "|")
		if len(parts) != 4 {
			t.Fatalf("a line of four parts is wanted: %s", line)
		}
		c := badTarget{name: strings.TrimSpace(parts[0]), want: strings.TrimSpace(parts[2])}
		var found bool
		if c.kind, c.about, found = strings.Cut(strings.TrimSpace(parts[1]), " "); !found {
			t.Fatalf("a trigger is wanted: %s", line)
		}
		c.about = keyIDs(ids, c.about)
		for word := range strings.SplitSeq(parts[3], ",") {
			c.words = append(c.words, keyIDs(ids, strings.TrimSpace(word)))
		}
		list = append(list, c)
	}
	return list
}

// keyIDs leaves the names of variables as they are.
func keyIDs(ids *strings.Replacer, text string) string {
	if strings.HasPrefix(text, "TARGET_") {
		return text
	}
	return ids.Replace(text)
}

func (c badTarget) trigger(w *functest.World) []byte {
	if c.kind == "request" {
		return functest.Requested(c.name, time.Now(), functest.M{"key": c.about, "policy": functest.Raw(functest.PolicyOf(functest.Elsewhere, "bad"))})
	}
	w.Cloud.S3.Put(functest.Bucket, c.about, []byte(functest.PolicyOf(functest.Elsewhere, "bad")), nil)
	return functest.Uploaded(c.about, "")
}

// beside makes the targets, and returns keys of three places that are all right.
func beside(w *functest.World) (objects []string) {
	w.DeployRoles(functest.Elsewhere)
	w.Cloud.EnableRegions(functest.Elsewhere, "us-east-1", "eu-west-1")
	w.DeployRolesFor(otherMember, "basil")
	w.KeyElsewhere(otherMember, "eu-west-1", functest.KeyID)
	for _, region := range []string{"us-east-1", "eu-west-1"} {
		w.KeyElsewhere(functest.Elsewhere, region, functest.OtherID)
		objects = append(objects, objectkey.ForKey(functest.Elsewhere, region, functest.OtherID))
	}
	objects = append(objects, objectkey.For(functest.OtherID))
	for _, object := range objects {
		account := functest.Elsewhere
		if object == objectkey.For(functest.OtherID) {
			account = functest.Account
		}
		w.Cloud.S3.Put(functest.Bucket, object, []byte(functest.PolicyOf(account, "new")), nil)
	}
	return objects
}

// All of them come in one batch with keys that are all right. Each gets a message that
// says what is wrong and where, and costs the others nothing.
func TestWhatIsNoTargetOrCannotBeReachedIsNamedAndTheOthersAreDone(t *testing.T) {
	cases := badTargets(t)
	env := functest.Targets("TARGET_ACCOUNTS", functest.Elsewhere+","+otherMember, "TARGET_REGIONS", "*")
	functest.Play(t, env, func(w *functest.World) {
		good := beside(w)
		var bodies [][]byte
		for _, c := range cases {
			bodies = append(bodies, functest.Old(c.trigger(w)))
		}
		for _, object := range good {
			bodies = append(bodies, functest.Uploaded(object, ""))
		}
		w.Batch(bodies...)
		events := w.Events()
		for _, object := range good {
			if e := about(events, object); e == nil || functest.Say(*e) != "Applied" {
				t.Errorf("%s, which is all right: %s", object, functest.SayAll(events))
			}
		}
		for _, c := range cases {
			c.judge(t, c.event(events))
		}
		if len(events) != len(cases)+len(good) || w.Puts() != len(good) {
			t.Errorf("%d events and %d puts for %d bad and %d good triggers", len(events), w.Puts(), len(cases), len(good))
		}
	})
}

func (c badTarget) judge(t *testing.T, e *outcome.Event) {
	t.Helper()
	if e == nil {
		t.Errorf("%s: there is no event", c.name)
		return
	}
	if functest.Say(*e) != c.want {
		t.Errorf("%s: %s: %+v; want %s", c.name, functest.Say(*e), e.Detail.Data.Error, c.want)
		return
	}
	for _, word := range c.words {
		if !strings.Contains(e.Detail.Data.Error.Message, word) {
			t.Errorf("%s: %q does not say %q", c.name, e.Detail.Data.Error.Message, word)
		}
	}
}

// event is that of the request, or of the object.
func (c badTarget) event(events []outcome.Event) *outcome.Event {
	if c.kind == "upload" {
		return about(events, c.about)
	}
	i := slices.IndexFunc(events, func(e outcome.Event) bool { return e.Detail.Metadata.CorrelationID == c.name })
	if i < 0 {
		return nil
	}
	return &events[i]
}

func about(events []outcome.Event, object string) *outcome.Event {
	i := slices.IndexFunc(events, func(e outcome.Event) bool {
		return e.Detail.Data.Trigger == "upload" && e.Detail.Data.Object != nil && e.Detail.Data.Object.Key == object
	})
	if i < 0 {
		return nil
	}
	return &events[i]
}
