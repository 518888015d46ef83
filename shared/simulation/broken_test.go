package simulation

import (
	"github.com/keysmith/keysmith/shared/effort"
	"github.com/keysmith/keysmith/shared/functest"

	"bytes"
	"crypto/md5" //nolint:gosec // what SQS sends
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
)

// The random runs are worth something only if they find what is wrong. So each
// of these breaks one rule of the protocol, from outside: it stands between
// the worker and the cloud, answers in the cloud's place, and the worker does
// not know.

const soonEnough = 600 // seeds

// Those that take hundreds of seeds to be found are left out of a brief run.
func TestBrokenWorkersAreFoundOut(t *testing.T) {
	for name, broken := range map[string]func() variant{
		"the reads of the proof are made up":             noProof,
		"the event is lost and the message acknowledged": noEvent,
		"the policy that is replaced is not kept":        noHistory,
		"another document is put than was checked":       putUnchecked,
		"an older version is put than the one just read": putOlder,
		"a put is confirmed that was never sent":         noPut,
		"a refusal is acknowledged without saying why":   noEventOfRefusals,
	} {
		isFoundOut(t, name, broken)
	}
	if effort.Brief() {
		return
	}
	if effort.Of(1, 0, 0) > 0 { // it takes 326 seeds
		isFoundOut(t, "a request is stored whatever the object is now", storeAnyway)
	}
	for name, broken := range map[string]func() variant{
		"a put that got no answer is sent again":        putAgain,
		"no reconcile is queued after an ambiguous put": noReconcile,
	} {
		isFoundOut(t, name, broken)
	}
}

func isFoundOut(t *testing.T, name string, broken func() variant) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		for seed := uint64(1); seed <= soonEnough; seed++ {
			if s := playSeed(t, seed, broken()); len(s.broken) > 0 {
				t.Logf("after %d seeds: %s", seed, s.broken[0])
				return
			}
		}
		t.Errorf("%d seeds did not find it", soonEnough)
	})
}

type send = func() (*http.Response, error)

// fakeAnswer is an answer that the cloud never gave.
func fakeAnswer(c *call, body string, header http.Header) (*http.Response, error) {
	if header == nil {
		header = http.Header{}
	}
	header.Set("Content-Type", "application/x-amz-json-1.1")
	return &http.Response{
		StatusCode: http.StatusOK, Status: "OK", Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: c.r,
		Header: header, Body: io.NopCloser(bytes.NewReader([]byte(body))), ContentLength: int64(len(body)),
	}, nil
}

// instead answers calls of one action by itself, where it likes.
func instead(action string, f func(c *call) (body string, ours bool)) variant {
	return func(c *call, send send) (*http.Response, error) {
		if c.action == action {
			if body, ours := f(c); ours {
				return fakeAnswer(c, body, nil)
			}
		}
		return send()
	}
}

// memories are what a broken worker keeps in mind; never locked while a call
// is under way, which would stop the bubble's clock.
type memories[T any] struct {
	mu   sync.Mutex
	kept map[string]T
}

func (r *memories[T]) get(c *call) (T, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	v, ok := r.kept[r.name(c)]
	return v, ok
}

func (r *memories[T]) set(c *call, v T) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.kept == nil {
		r.kept = map[string]T{}
	}
	r.kept[r.name(c)] = v
}

func (r *memories[T]) name(c *call) string { return fmt.Sprint(c.turn.number, c.key.name()) }

// noProof answers each read after a put with what was put.
func noProof() variant {
	var put memories[string]
	return func(c *call, send send) (*http.Response, error) {
		text, ok := put.get(c)
		switch {
		case c.action == "PutKeyPolicy":
			put.set(c, c.put())
		case c.action == "GetKeyPolicy" && ok:
			return fakeAnswer(c, string(functest.JSON(functest.M{"Policy": text, "PolicyName": "default"})), nil)
		}
		return send()
	}
}

// putAgain sends a put that got no answer once more, as SDKs do by themselves:
// the first copy may still be on its way.
func putAgain() variant {
	return func(c *call, send send) (*http.Response, error) {
		answer, err := send()
		if c.action == "PutKeyPolicy" && err != nil && c.r.Context().Err() == nil {
			c.r.Body = io.NopCloser(bytes.NewReader(c.body))
			return send()
		}
		return answer, err
	}
}

func noPut() variant {
	return instead("PutKeyPolicy", func(*call) (string, bool) { return "{}", true })
}

func noReconcile() variant {
	return instead("SendMessage", func(c *call) (string, bool) {
		var in struct{ MessageBody string }
		_ = json.Unmarshal(c.body, &in)
		return fmt.Sprintf(`{"MessageId": "1", "MD5OfMessageBody": "%x"}`, md5.Sum([]byte(in.MessageBody))), true //nolint:gosec // SQS's own
	})
}

// taken is an answer that says that the bus took every entry of a call.
func taken(c *call) string {
	entries := slices.Repeat([]string{`{"EventId": "1"}`}, strings.Count(string(c.body), `"DetailType"`))
	return `{"FailedEntryCount": 0, "Entries": [` + strings.Join(entries, ",") + `]}`
}

func noEvent() variant {
	return instead("PutEvents", func(c *call) (string, bool) { return taken(c), true })
}

func noEventOfRefusals() variant {
	return instead("PutEvents", func(c *call) (string, bool) { return taken(c), strings.Contains(string(c.body), "Policy Rejected") })
}

func noHistory() variant {
	return instead("PutObject", func(c *call) (string, bool) { return "", c.history() })
}

// rewrite sends another policy than the worker's.
func rewrite(c *call, text string) {
	var in map[string]any
	if json.Unmarshal(c.body, &in) == nil {
		in["Policy"] = text
		setBody(c, functest.JSON(in))
	}
}

func setBody(c *call, body []byte) {
	c.body = body
	c.r.Body, c.r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
}

// putUnchecked puts whatever is newest when the put is sent.
func putUnchecked() variant {
	return func(c *call, send send) (*http.Response, error) {
		if c.action == "PutKeyPolicy" {
			all := c.worker.sim.versions(c.key)
			rewrite(c, string(all[len(all)-1].Body))
		}
		return send()
	}
}

// putOlder puts what the object was when the worker first saw it.
func putOlder() variant {
	var first memories[string]
	return func(c *call, send send) (*http.Response, error) {
		if c.action != "PutKeyPolicy" {
			return send()
		}
		if text, ok := first.get(c); ok {
			rewrite(c, text)
		} else {
			first.set(c, c.put())
		}
		return send()
	}
}

// storeAnyway takes the condition off the write that stores a request.
func storeAnyway() variant {
	return func(c *call, send send) (*http.Response, error) {
		if c.action == "PutObject" {
			c.r.Header.Del("If-Match")
			c.r.Header.Del("If-None-Match")
		}
		return send()
	}
}
