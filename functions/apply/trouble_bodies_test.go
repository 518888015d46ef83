package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/awsconfig"
	"github.com/keysmith/keysmith/shared/bucket"
	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/invocation"
	"github.com/keysmith/keysmith/shared/settings"
)

func TestAnObjectThatDoesNotArriveAsItIsStoredChangesNothing(t *testing.T) {
	get := func(f fakeaws.Fault) fakeaws.Fault {
		f.Service, f.Action = "s3", "GetObject"
		return f
	}
	for name, c := range map[string]struct {
		object fakeaws.Object
		fault  fakeaws.Fault
		want   string
		again  bool // handed back
	}{
		"row 32: encrypted with a key of the writer's own": {fakeaws.Object{CustomerKey: "AES256"}, fakeaws.Fault{}, "Failed UNREADABLE", false},
		"row 32: in the deep archive":                      {fakeaws.Object{StorageClass: "DEEP_ARCHIVE"}, fakeaws.Fault{}, "Failed UNREADABLE", false},
		"half of it, for ever":                             {fakeaws.Object{}, get(fakeaws.Fault{Kind: fakeaws.Truncate}), "Failed UNREADABLE", true},
		"half of it, once":                                 {fakeaws.Object{}, get(fakeaws.Fault{Kind: fakeaws.Truncate, Times: 1}), "Applied", false},
		"an answer that takes a minute":                    {fakeaws.Object{}, get(fakeaws.Fault{Kind: fakeaws.Slow, Delay: time.Minute}), "Failed UNREADABLE", true},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, nil, func(w *world) {
				c.object.Key, c.object.Body = objectName, []byte(policy("new"))
				w.cloud.S3.PutObject(policyBkt, c.object)
				if c.fault.Kind != "" {
					w.cloud.Fault(c.fault)
				}
				_, err := w.invoke(uploaded(objectName, ""))
				if got := sayAll(w.events()); got != c.want || (err != nil) != c.again {
					t.Errorf("%s, handed back: %v; want %s, handed back %v", got, err, c.want, c.again)
				}
				if in := w.inForce(keyID); (in == "new") != (c.want == "Applied") {
					t.Errorf("%s is in force", in)
				}
			})
		})
	}
}

// endless is a body without an end; it counts what is taken of it.
type endless struct{ taken int }

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	e.taken += len(p)
	return len(p), nil
}

func TestNoMoreOfABodyIsReadThanAPolicyMayHave(t *testing.T) {
	for name, length := range map[string]int64{"of an honest length": 1 << 30, "of a length that is a lie": 100, "of no known length": -1} {
		t.Run(name, func(t *testing.T) {
			play(t, nil, func(w *world) {
				w.upload(policy("new"))
				var body endless
				w.intercept = first(always, http.MethodGet, func(send func() (*http.Response, error)) (*http.Response, error) {
					answer, err := send()
					answer.Header = http.Header{"X-Amz-Version-Id": {"v"}, "Etag": {`"e"`}}
					if length > 0 {
						answer.Header.Set("Content-Length", "100")
					}
					answer.Body, answer.ContentLength = io.NopCloser(&body), length
					return answer, err
				})
				_, _ = w.invoke(uploaded(objectName, ""))
				if got := sayAll(w.events()); !strings.HasPrefix(got, "Rejected") || w.puts() != 0 {
					t.Errorf("%s, %d puts", got, w.puts())
				}
				if most := bucket.MaxObject + 4096; body.taken > most {
					t.Errorf("%d bytes were read; want at most %d", body.taken, most)
				}
			})
		})
	}
}

// trickle gives a byte a second, as long as somebody waits for it.
type trickle struct {
	ctx  context.Context //nolint:containedctx // a response's body ends with its request
	text io.Reader
}

func (b trickle) Read(p []byte) (int, error) {
	select {
	case <-time.After(time.Second):
		return b.text.Read(p[:1])
	case <-b.ctx.Done():
		return 0, b.ctx.Err()
	}
}

func TestABodyThatTricklesCostsSecondsAndOnlyItsOwnKey(t *testing.T) {
	play(t, map[string]string{"PUTS_PER_SECOND": "100"}, func(w *world) {
		w.upload(policy("new"))
		w.cloud.S3.Put(policyBkt, "policies/"+otherID+".json", []byte(policy("new")), nil)
		w.intercept = func(action string, send func() (*http.Response, error)) (*http.Response, error) {
			answer, err := send()
			if err == nil && action == http.MethodGet && strings.HasSuffix(answer.Request.URL.Path, objectName) {
				answer.Body = io.NopCloser(trickle{answer.Request.Context(), answer.Body})
			}
			return answer, err
		}
		start := time.Now()
		back := w.batch(uploaded(objectName, ""), uploaded("policies/"+otherID+".json", ""))
		if took := time.Since(start); back != "m0" || took > 30*time.Second {
			t.Errorf("handed back %q after %s", back, took)
		}
		if w.inForce(keyID) != "old" || w.inForce(otherID) != "new" {
			t.Errorf("in force: %s and %s", w.inForce(keyID), w.inForce(otherID))
		}
	})
}

// deployed is the function as main makes it, with the SDK's own defaults and
// the HTTP client that is deployed, over a socket.
func deployed(t *testing.T) (*invocation.Handler, *fakeaws.Cloud) {
	t.Helper()
	cloud := fakeaws.New(fakeaws.Options{Account: account})
	url, stop := fakeaws.Start(cloud)
	t.Cleanup(stop)
	cloud.SetCaller(writer)
	cloud.KMS.AddPrincipal("arn:aws:iam::" + account + ":role/alice")
	cloud.KMS.CreateKey(fakeaws.KeySpec{ID: keyID, Policy: policy("old")})
	cloud.S3.CreateBucket(policyBkt, true)
	for name, value := range map[string]string{"AWS_ENDPOINT_URL": url, "AWS_REGION": "us-east-1",
		"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret"} {
		t.Setenv(name, value)
	}
	env := map[string]string{"POLICY_BUCKET": policyBkt, "WRITER_ROLE_ARN": writer, "VERIFY_READS": "2", "VERIFY_INTERVAL": "1ms"}
	s, err := settings.Load(func(name string) string { return env[name] })
	if err != nil {
		t.Fatal(err)
	}
	sdk, err := awsconfig.FromEnvironment(invocation.Connections)
	if err != nil {
		t.Fatal(err)
	}
	return invocation.New(s, sdk, slog.New(slog.DiscardHandler), invocation.Options{Version: "test", Metrics: io.Discard}), cloud
}

// Row 32.
func TestBytesThatAreNotThoseOfTheObjectsChecksumAreNotUsed(t *testing.T) {
	for name, c := range map[string]struct {
		times int
		want  string
	}{
		"for ever": {0, "Failed UNREADABLE"},
		"once":     {1, "Applied"},
	} {
		t.Run(name, func(t *testing.T) {
			h, cloud := deployed(t)
			cloud.S3.Put(policyBkt, objectName, []byte(policy("new")), nil)
			cloud.Fault(fakeaws.Fault{Service: "s3", Action: "GetObject", Kind: fakeaws.Corrupt, Times: c.times})
			_, err := h.Invoke(t.Context(), uploaded(objectName, ""))
			told := cloud.Events.Entries("default")
			if len(told) != 1 {
				t.Fatalf("%d events, %v", len(told), err)
			}
			got := say(readEvent(t, told[0].DetailType, told[0].Detail))
			if got != c.want || (err == nil) != (got == "Applied") || (idOf(cloud.KMS.Policy(keyID)) == "new") != (got == "Applied") {
				t.Errorf("%s, handed back: %v, %s in force", got, err, idOf(cloud.KMS.Policy(keyID)))
			}
		})
	}
}

// It is the HTTP client that must not decompress.
func TestACompressedObjectIsNeverDecompressed(t *testing.T) {
	h, cloud := deployed(t)
	bomb := zipped(t, strings.Repeat(" ", 20<<20))
	for name, object := range map[string]fakeaws.Object{
		"a bomb that says so":         {Body: bomb, ContentEncoding: "gzip"},
		"a bomb that does not say so": {Body: bomb},
		"a good policy, compressed":   {Body: zipped(t, policy("new")), ContentEncoding: "gzip"},
	} {
		object.Key = objectName
		cloud.S3.PutObject(policyBkt, object)
		out, err := h.Invoke(t.Context(), uploaded(objectName, ""))
		if err != nil || !bytes.Contains(out, []byte(`"KMS Key Policy Rejected"`)) || !bytes.Contains(out, []byte("INVALID_POLICY")) {
			t.Errorf("%s: %s, %v", name, out, err)
		}
	}
	if puts := cloud.KMS.Puts(); len(puts) > 0 {
		t.Errorf("put: %+v", puts)
	}
}

func zipped(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := io.WriteString(z, text); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
