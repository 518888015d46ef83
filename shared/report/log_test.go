package report_test

import (
	"github.com/keysmith/keysmith/shared/functest"

	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode"
)

// What others write must not forge a line of the log, move a terminal's
// cursor, or bring a policy into it.

const (
	nasty  = "x\n{\"level\":\"INFO\",\"msg\":\"reported\",\"outcome\":\"forged\"}\r\x1b[2J\x1b]0;owned\x07\u2028\u202e\u0085\u009b2J\x7f\x00"
	forged = `"outcome":"forged"`
)

func TestNobodysTextForgesALineOfTheLog(t *testing.T) {
	for name, scene := range map[string]func(*functest.World){
		"an object key":          func(w *functest.World) { _, _ = w.Invoke(functest.Uploaded("policies/"+nasty, "")) },
		"an object key, from S3": func(w *functest.World) { _, _ = w.Invoke(functest.Notified("policies/" + nasty)) },
		"a version": func(w *functest.World) {
			w.Upload(functest.Policy("new"))
			_, _ = w.Invoke(functest.Uploaded(functest.ObjectName, nasty))
		},
		"a bucket": func(w *functest.World) {
			_, _ = w.Invoke(renamed(functest.Uploaded(functest.ObjectName, ""), functest.Bucket, nasty))
		},
		"an event's id": func(w *functest.World) {
			_, _ = w.Invoke(functest.Requested(nasty, time.Now(), functest.M{"object": functest.ObjectName}))
		},
		"a source and a detail-type": func(w *functest.World) {
			_, _ = w.Invoke(functest.JSON(functest.M{"source": nasty, "detail-type": nasty}))
		},
		"a member of a request": func(w *functest.World) { _, _ = w.Invoke(functest.Requested("r1", time.Now(), functest.M{nasty: 1})) },
		"a key": func(w *functest.World) {
			_, _ = w.Invoke(functest.Requested("r1", time.Now(), functest.M{"key": nasty, "policy": functest.Policy("x")}))
		},
		"an alias": func(w *functest.World) {
			_, _ = w.Invoke(functest.Requested("r1", time.Now(), functest.M{"key": "alias/" + nasty, "policy": functest.Policy("x")}))
		},
		"a reconcile": func(w *functest.World) { _, _ = w.Invoke(functest.Reconcile("policies/"+nasty, nasty)) },
		"a message's id": func(w *functest.World) {
			_, _ = w.Invoke(functest.JSON(functest.M{"Records": []functest.M{{"messageId": nasty, "receiptHandle": nasty, "body": nasty, "eventSource": "aws:sqs"}}}))
		},
		"an action, a principal and a Sid": func(w *functest.World) {
			_, _ = w.Invoke(functest.Uploaded(functest.ObjectName, w.Upload(string(functest.JSON(functest.M{"Version": nasty, "Statement": []functest.M{{"Sid": nasty, "Effect": nasty,
				"Principal": functest.M{"AWS": nasty, nasty: nasty}, "Action": nasty, "Resource": nasty, "Condition": functest.M{nasty: functest.M{nasty: nasty}}, nasty: nasty}}})))))
		},
		"metadata": func(w *functest.World) {
			w.Cloud.S3.Put(functest.Bucket, functest.ObjectName, []byte(functest.Policy("new")), map[string]string{"bypass-policy-lockout-safety-check": nasty, "commit": nasty})
			_, _ = w.Invoke(functest.Uploaded(functest.ObjectName, ""))
		},
		"an error of KMS": func(w *functest.World) {
			w.Upload(functest.Policy("new"))
			w.Intercept = functest.First(functest.Always, "PutKeyPolicy", functest.Fails(400, "AccessDeniedException", nasty+functest.Policy("secret")))
			_, _ = w.Invoke(functest.Uploaded(functest.ObjectName, ""))
		},
		"an error of S3": func(w *functest.World) {
			w.Upload(functest.Policy("new"))
			w.Intercept = functest.First(functest.Always, http.MethodGet, functest.Fails(403, nasty, nasty))
			_, _ = w.Invoke(functest.Uploaded(functest.ObjectName, ""))
		},
		"an error of the bus": func(w *functest.World) {
			w.Upload(functest.Policy("new"))
			w.Intercept = functest.First(functest.Always, "PutEvents", functest.Fails(400, "InvalidArgument", nasty))
			_, _ = w.Invoke(functest.Uploaded(functest.ObjectName, ""))
		},
	} {
		t.Run(name, func(t *testing.T) {
			functest.Play(t, nil, func(w *functest.World) {
				scene(w)
				checkLines(w, "log", w.Logs.String(), "msg")
				checkLines(w, "metrics", w.EMF.String(), "_aws")
				if w.Logs.Len()+w.EMF.Len() == 0 {
					t.Error("nothing was written, so nothing was tried")
				}
			})
		})
	}
}

func renamed(event []byte, old, name string) []byte {
	return []byte(strings.Replace(string(event), fmt.Sprintf("%q", old), string(functest.JSON(name)), 1))
}

// checkLines: each line is one JSON object that keysmith wrote, and holds
// nothing that a terminal would obey.
func checkLines(w *functest.World, what, text, member string) {
	w.Helper()
	for line := range strings.Lines(text) {
		var entry map[string]any
		if err := json.Unmarshal([]byte(line), &entry); err != nil || entry[member] == nil {
			w.Errorf("%s: %q is no entry: %v", what, line, err)
			continue
		}
		if entry["outcome"] == "forged" || strings.Contains(line, forged) {
			w.Errorf("%s: a forged entry: %q", what, line)
		}
		if strings.ContainsFunc(strings.TrimSuffix(line, "\n"), func(r rune) bool { return unicode.IsControl(r) || r == 0x2028 || r == 0x202e }) {
			w.Errorf("%s: control characters: %q", what, line)
		}
	}
}
