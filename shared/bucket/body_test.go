package bucket_test

import (
	"github.com/keysmith/keysmith/shared/functest"

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
		again  bool // returned
	}{
		"row 32: encrypted with a key of the writer's own": {fakeaws.Object{CustomerKey: "AES256"}, fakeaws.Fault{}, "Failed UNREADABLE", false},
		"row 32: in the deep archive":                      {fakeaws.Object{StorageClass: "DEEP_ARCHIVE"}, fakeaws.Fault{}, "Failed UNREADABLE", false},
		"half of it, for ever":                             {fakeaws.Object{}, get(fakeaws.Fault{Kind: fakeaws.Truncate}), "Failed UNREADABLE", true},
		"half of it, once":                                 {fakeaws.Object{}, get(fakeaws.Fault{Kind: fakeaws.Truncate, Times: 1}), "Applied", false},
		"an answer that takes a minute":                    {fakeaws.Object{}, get(fakeaws.Fault{Kind: fakeaws.Slow, Delay: time.Minute}), "Failed UNREADABLE", true},
	} {
		t.Run(name, func(t *testing.T) {
			functest.Play(t, nil, func(w *functest.World) {
				c.object.Key, c.object.Body = functest.ObjectName, []byte(functest.Policy("new"))
				w.Cloud.S3.PutObject(functest.Bucket, c.object)
				if c.fault.Kind != "" {
					w.Cloud.Fault(c.fault)
				}
				_, err := w.Invoke(functest.Uploaded(functest.ObjectName, ""))
				if got := functest.SayAll(w.Events()); got != c.want || (err != nil) != c.again {
					t.Errorf("%s, returned: %v; want %s, returned %v", got, err, c.want, c.again)
				}
				if in := w.InForce(functest.KeyID); (in == "new") != (c.want == "Applied") {
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
			functest.Play(t, nil, func(w *functest.World) {
				w.Upload(functest.Policy("new"))
				var body endless
				w.Intercept = functest.First(functest.Always, http.MethodGet, func(send func() (*http.Response, error)) (*http.Response, error) {
					answer, err := send()
					answer.Header = http.Header{"X-Amz-Version-Id": {"v"}, "Etag": {`"e"`}}
					if length > 0 {
						answer.Header.Set("Content-Length", "100")
					}
					answer.Body, answer.ContentLength = io.NopCloser(&body), length
					return answer, err
				})
				_, _ = w.Invoke(functest.Uploaded(functest.ObjectName, ""))
				if got := functest.SayAll(w.Events()); !strings.HasPrefix(got, "Rejected") || w.Puts() != 0 {
					t.Errorf("%s, %d puts", got, w.Puts())
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
	functest.Play(t, map[string]string{"PUTS_PER_SECOND": "100"}, func(w *functest.World) {
		w.Upload(functest.Policy("new"))
		w.Cloud.S3.Put(functest.Bucket, "policies/"+functest.OtherID+".json", []byte(functest.Policy("new")), nil)
		w.Intercept = func(action string, send func() (*http.Response, error)) (*http.Response, error) {
			answer, err := send()
			if err == nil && action == http.MethodGet && strings.HasSuffix(answer.Request.URL.Path, functest.ObjectName) {
				answer.Body = io.NopCloser(trickle{answer.Request.Context(), answer.Body})
			}
			return answer, err
		}
		start := time.Now()
		back := w.Batch(functest.Uploaded(functest.ObjectName, ""), functest.Uploaded("policies/"+functest.OtherID+".json", ""))
		if took := time.Since(start); back != "m0" || took > 30*time.Second {
			t.Errorf("returned %q after %s", back, took)
		}
		if w.InForce(functest.KeyID) != "old" || w.InForce(functest.OtherID) != "new" {
			t.Errorf("in force: %s and %s", w.InForce(functest.KeyID), w.InForce(functest.OtherID))
		}
	})
}

// deployed is the function as main makes it, with the SDK's own defaults and
// the HTTP client that is deployed, over a socket.
func deployed(t *testing.T) (*invocation.Handler, *fakeaws.Cloud) {
	t.Helper()
	cloud := fakeaws.New(fakeaws.Options{Account: functest.Account})
	url, stop := fakeaws.Start(cloud)
	t.Cleanup(stop)
	cloud.SetCaller(functest.Writer)
	cloud.KMS.AddPrincipal("arn:aws:iam::" + functest.Account + ":role/alice")
	cloud.KMS.CreateKey(fakeaws.KeySpec{ID: functest.KeyID, Policy: functest.Policy("old")})
	cloud.S3.CreateBucket(functest.Bucket, true)
	for name, value := range map[string]string{"AWS_ENDPOINT_URL": url, "AWS_REGION": "us-east-1",
		"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret"} {
		t.Setenv(name, value)
	}
	env := map[string]string{"POLICY_BUCKET": functest.Bucket, "WRITER_ROLE_ARN": functest.Writer, "VERIFY_READS": "2", "VERIFY_INTERVAL": "1ms"}
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
			cloud.S3.Put(functest.Bucket, functest.ObjectName, []byte(functest.Policy("new")), nil)
			cloud.Fault(fakeaws.Fault{Service: "s3", Action: "GetObject", Kind: fakeaws.Corrupt, Times: c.times})
			_, err := h.Invoke(t.Context(), functest.Uploaded(functest.ObjectName, ""))
			told := cloud.Events.Entries("default")
			if len(told) != 1 {
				t.Fatalf("%d events, %v", len(told), err)
			}
			got := functest.Say(functest.ReadEvent(t, told[0].DetailType, told[0].Detail))
			if got != c.want || (err == nil) != (got == "Applied") || (functest.IDOf(cloud.KMS.Policy(functest.KeyID)) == "new") != (got == "Applied") {
				t.Errorf("%s, returned: %v, %s in force", got, err, functest.IDOf(cloud.KMS.Policy(functest.KeyID)))
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
		"a good policy, compressed":   {Body: zipped(t, functest.Policy("new")), ContentEncoding: "gzip"},
	} {
		object.Key = functest.ObjectName
		cloud.S3.PutObject(functest.Bucket, object)
		out, err := h.Invoke(t.Context(), functest.Uploaded(functest.ObjectName, ""))
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
