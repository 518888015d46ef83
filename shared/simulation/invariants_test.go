package simulation

import (
	"github.com/keysmith/keysmith/shared/effort"
	"github.com/keysmith/keysmith/shared/functest"

	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/keysmith/keysmith/shared/fakeaws"
)

// Each invariant that random runs check, and a worker that breaks it: a check
// that nothing can fail would be none. Those that take dozens of seeds to be found are
// left out of a brief run.
func TestEachInvariantOfTheRandomRunsCanFail(t *testing.T) {
	for invariant, broken := range map[string]func() variant{
		"I1":  noReconcile,     // at rest the last acceptable upload is in force
		"I2":  noEvent,         // every trigger has its event
		"I3":  noProof,         // Applied follows equal reads
		"I4":  putUnchecked,    // what is put is what passed
		"I5":  skipKMSsCheck,   // KMS's own check stays on
		"I6":  putLockout,      // nobody is locked out
		"I7":  forceTheRefused, // a refusal changes nothing
		"I8":  readTheOld,      // no put is older than what was read
		"I9":  sayFailedUnread, // an ambiguous answer is read back
		"I12": logPolicies,     // no policy text in the log
		"I13": callWithoutEnd,  // calls are bounded
		"I14": sayAnotherCode,  // the same input gets the same verdict
		"I15": touchTheGuarded, // a protected key is never touched
		"I16": reportOwnPuts,   // drift is somebody else's
		"I17": trustStatus,     // a change by hand is reported
		"I18": noReRead,        // a put over something newer does not go unnoticed
		"I19": olderStatusWins, // the status describes the newest version
	} {
		if effort.Brief() && slices.Contains([]string{"I1", "I14", "I19"}, invariant) {
			continue
		}
		t.Run(invariant, func(t *testing.T) {
			t.Parallel()
			for seed := uint64(1); seed <= soonEnough; seed++ {
				for _, line := range playSeed(t, seed, broken()).broken {
					if strings.Contains(line, `breaks "`+invariant+":") {
						t.Logf("after %d seeds: %.200s", seed, line)
						return
					}
				}
			}
			t.Errorf("%d seeds did not find it", soonEnough)
		})
	}
}

func atPut(f func(c *call)) variant {
	return func(c *call, send send) (*http.Response, error) {
		if c.action == "PutKeyPolicy" {
			f(c)
		}
		return send()
	}
}

func skipKMSsCheck() variant {
	return atPut(func(c *call) {
		var in map[string]any
		if json.Unmarshal(c.body, &in) == nil {
			in["BypassPolicyLockoutSafetyCheck"] = true
			setBody(c, functest.JSON(in))
		}
	})
}

func putLockout() variant { return atPut(func(c *call) { rewrite(c, functest.Lockout) }) }

func logPolicies() variant {
	return atPut(func(c *call) { fmt.Fprintf(c.worker.sim, "%s\n", c.put()) })
}

// touchTheGuarded brings into force what it says it refused to put.
func touchTheGuarded() variant {
	return func(c *call, send send) (*http.Response, error) {
		if c.action == "PutEvents" && strings.Contains(string(c.body), "PROTECTED_KEY") && strings.Contains(string(c.body), guarded) {
			c.worker.sim.cloud.KMS.SetPolicy(guarded, functest.Policy("new"))
		}
		return send()
	}
}

// forceTheRefused brings a document into force of which it says Rejected.
func forceTheRefused() variant {
	return func(c *call, send send) (*http.Response, error) {
		if c.action == "PutEvents" && c.key != nil && strings.Contains(string(c.body), "Policy Rejected") {
			c.worker.sim.cloud.KMS.SetPolicy(c.key.id, functest.Lockout)
		}
		return send()
	}
}

// readTheOld answers each later reading of an object with the first one.
func readTheOld() variant {
	type reading struct {
		header http.Header
		body   []byte
	}
	var first memories[reading]
	return func(c *call, send send) (*http.Response, error) {
		if c.action != "GetObject" || c.history() {
			return send()
		}
		if r, ok := first.get(c); ok {
			return fakeAnswer(c, string(r.body), r.header.Clone())
		}
		answer, err := send()
		if err == nil && answer.StatusCode == http.StatusOK {
			if body, err := drain(answer); err == nil {
				first.set(c, reading{answer.Header.Clone(), body})
			}
		}
		return answer, err
	}
}

// sayFailedUnread gets an ambiguous answer to its put and gives up without
// asking KMS.
func sayFailedUnread() variant {
	var mu sync.Mutex
	put := map[string]bool{}
	return func(c *call, send send) (*http.Response, error) {
		mu.Lock()
		after := put[fmt.Sprint(c.turn.number, c.key.name())]
		put[fmt.Sprint(c.turn.number, c.key.name())] = after || c.action == "PutKeyPolicy"
		mu.Unlock()
		switch {
		case c.action == "PutKeyPolicy":
			end := c.worker.sim.cloud.Fault(fakeaws.Fault{Service: "kms", Action: "PutKeyPolicy", Kind: fakeaws.DropAfter})
			defer end()
			return send()
		case after && c.action == "GetKeyPolicy":
			return refused(c, "AccessDeniedException")
		}
		return send()
	}
}

func refused(c *call, code string) (*http.Response, error) {
	body := functest.JSON(functest.M{"__type": code})
	answer, err := fakeAnswer(c, "", nil)
	answer.StatusCode, answer.Status = http.StatusBadRequest, "Bad Request"
	answer.Body, answer.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return answer, err
}

func callWithoutEnd() variant {
	return func(c *call, send send) (*http.Response, error) {
		if c.action != "GetObject" || c.history() {
			return send()
		}
		for range mostCalls {
			if answer, err := send(); err == nil {
				_ = answer.Body.Close()
			}
		}
		return send()
	}
}

func sayAnotherCode() variant {
	return func(c *call, send send) (*http.Response, error) {
		if c.action == "PutEvents" && strings.Contains(string(c.body), "Policy Rejected") {
			setBody(c, bytes.Replace(c.body, []byte(`\"code\":\"INVALID_POLICY\"`), []byte(`\"code\":\"GUARDRAIL\"`), 1))
		}
		return send()
	}
}
