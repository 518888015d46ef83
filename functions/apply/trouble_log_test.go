package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// What others write must not forge a line of the log, move a terminal's
// cursor, or bring a policy into it.

const (
	nasty  = "x\n{\"level\":\"INFO\",\"msg\":\"reported\",\"outcome\":\"forged\"}\r\x1b[2J\x1b]0;owned\x07\u2028\u202e\x00"
	forged = `"outcome":"forged"`
)

func TestNobodysTextForgesALineOfTheLog(t *testing.T) {
	for name, scene := range map[string]func(*world){
		"an object key":              func(w *world) { _, _ = w.invoke(uploaded("policies/"+nasty, "")) },
		"an object key, from S3":     func(w *world) { _, _ = w.invoke(notified("policies/" + nasty)) },
		"a version":                  func(w *world) { w.upload(policy("new")); _, _ = w.invoke(uploaded(objectName, nasty)) },
		"a bucket":                   func(w *world) { _, _ = w.invoke(renamed(uploaded(objectName, ""), policyBkt, nasty)) },
		"an event's id":              func(w *world) { _, _ = w.invoke(requested(nasty, time.Now(), m{"object": objectName})) },
		"a source and a detail-type": func(w *world) { _, _ = w.invoke(toJSON(m{"source": nasty, "detail-type": nasty})) },
		"a member of a request":      func(w *world) { _, _ = w.invoke(requested("r1", time.Now(), m{nasty: 1})) },
		"a key":                      func(w *world) { _, _ = w.invoke(requested("r1", time.Now(), m{"key": nasty, "policy": policy("x")})) },
		"an alias": func(w *world) {
			_, _ = w.invoke(requested("r1", time.Now(), m{"key": "alias/" + nasty, "policy": policy("x")}))
		},
		"a look": func(w *world) { _, _ = w.invoke(look("policies/"+nasty, nasty)) },
		"a message's id": func(w *world) {
			_, _ = w.invoke(toJSON(m{"Records": []m{{"messageId": nasty, "receiptHandle": nasty, "body": nasty, "eventSource": "aws:sqs"}}}))
		},
		"an action, a principal and a Sid": func(w *world) {
			_, _ = w.invoke(uploaded(objectName, w.upload(string(toJSON(m{"Version": nasty, "Statement": []m{{"Sid": nasty, "Effect": nasty,
				"Principal": m{"AWS": nasty, nasty: nasty}, "Action": nasty, "Resource": nasty, "Condition": m{nasty: m{nasty: nasty}}, nasty: nasty}}})))))
		},
		"metadata": func(w *world) {
			w.cloud.S3.Put(policyBkt, objectName, []byte(policy("new")), map[string]string{"bypass-policy-lockout-safety-check": nasty, "commit": nasty})
			_, _ = w.invoke(uploaded(objectName, ""))
		},
		"an error of KMS": func(w *world) {
			w.upload(policy("new"))
			w.intercept = first(always, "PutKeyPolicy", fails(400, "AccessDeniedException", nasty+policy("secret")))
			_, _ = w.invoke(uploaded(objectName, ""))
		},
		"an error of S3": func(w *world) {
			w.upload(policy("new"))
			w.intercept = first(always, http.MethodGet, fails(403, nasty, nasty))
			_, _ = w.invoke(uploaded(objectName, ""))
		},
		"an error of the bus": func(w *world) {
			w.upload(policy("new"))
			w.intercept = first(always, "PutEvents", fails(400, "InvalidArgument", nasty))
			_, _ = w.invoke(uploaded(objectName, ""))
		},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, nil, func(w *world) {
				scene(w)
				w.checkLines("log", w.log.String(), "msg")
				w.checkLines("metrics", w.emf.String(), "_aws")
				if w.log.Len()+w.emf.Len() == 0 {
					t.Error("nothing was written, so nothing was tried")
				}
			})
		})
	}
}

func renamed(event []byte, old, name string) []byte {
	return []byte(strings.Replace(string(event), fmt.Sprintf("%q", old), string(toJSON(name)), 1))
}

// checkLines: each line is one JSON object that keysmith wrote, and holds
// nothing that a terminal would obey.
func (w *world) checkLines(what, text, member string) {
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
		if strings.ContainsFunc(strings.TrimSuffix(line, "\n"), func(r rune) bool { return r < ' ' || r == 0x7f || r == 0x2028 }) {
			w.Errorf("%s: control characters: %q", what, line)
		}
	}
}
