package fakeaws_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keysmith/keysmith/shared/fakeaws"
)

// A put that goes wrong leaves the caller with some error, and the key with
// the new policy or without it.
func TestAPutGoesWrongAsAsked(t *testing.T) {
	tests := []struct {
		name    string
		fault   fakeaws.Fault
		code    string // of the refusal; empty: there is no answer at all
		applied bool
	}{
		{"refused and not done", fakeaws.Fault{Kind: fakeaws.Refuse}, "KMSInternalException", false},
		{"refused though done", fakeaws.Fault{Kind: fakeaws.RefuseAfter, Code: "DependencyTimeoutException"}, "DependencyTimeoutException", true},
		{"denied", fakeaws.Fault{Kind: fakeaws.Refuse, Code: "AccessDeniedException"}, "AccessDeniedException", false},
		{"dropped and not done", fakeaws.Fault{Kind: fakeaws.Drop}, "", false},
		{"dropped though done", fakeaws.Fault{Kind: fakeaws.DropAfter}, "", true},
		{"hanging and not done", fakeaws.Fault{Kind: fakeaws.Hang}, "", false},
		{"hanging though done", fakeaws.Fault{Kind: fakeaws.HangAfter}, "", true},
		{"hanging for a while", fakeaws.Fault{Kind: fakeaws.Hang, Delay: 10 * time.Millisecond}, "", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := start(t, fakeaws.Options{})
			c.cloud.KMS.CreateKey(fakeaws.KeySpec{ID: keyID})
			test.fault.Service, test.fault.Action = "kms", "PutKeyPolicy"
			c.cloud.Fault(test.fault)
			patient, giveUp := context.WithCancel(ctx)
			defer giveUp()
			if strings.HasPrefix(string(test.fault.Kind), "hang") && test.fault.Delay == 0 {
				c.cloud.AfterEach(func(fakeaws.Call) { giveUp() })
			}
			_, err := c.kms.PutKeyPolicy(patient, &kms.PutKeyPolicyInput{
				KeyId: aws.String(keyID), Policy: aws.String(policyFor(`"` + admin + `"`)),
			})
			if err == nil || codeOf(err) != test.code {
				t.Errorf("got %v, want the code %q", err, test.code)
			}
			if applied := strings.Contains(c.cloud.KMS.Policy(keyID), admin); applied != test.applied {
				t.Errorf("done: %v, want %v", applied, test.applied)
			}
			calls := c.cloud.Calls()
			if len(calls) != 1 || !strings.HasSuffix(calls[0].Resource, keyID) || calls[0].Fault != string(test.fault.Kind) {
				t.Errorf("the log of calls says %+v", calls)
			}
		})
	}
}

func TestFaultsSelectTheirCalls(t *testing.T) {
	tests := []struct {
		name  string
		fault fakeaws.Fault
		want  string // for five reads in turn: x is refused
	}{
		{"all", fakeaws.Fault{}, "xxxxx"},
		{"the second", fakeaws.Fault{Nth: 2}, ".x..."},
		{"the first three", fakeaws.Fault{Times: 3}, "xxx.."},
		{"another action", fakeaws.Fault{Service: "kms", Action: "DescribeKey"}, "....."},
		{"this key", fakeaws.Fault{Resource: keyID}, "xxxxx"},
		{"another key", fakeaws.Fault{Resource: "another"}, "....."},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := start(t, fakeaws.Options{Seed: 2})
			c.cloud.KMS.CreateKey(fakeaws.KeySpec{ID: keyID})
			test.fault.Kind = fakeaws.Refuse
			end := c.cloud.Fault(test.fault)
			got := ""
			for range 5 {
				got += map[bool]string{true: ".", false: "x"}[readPolicy(c) != ""]
			}
			if got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
			if end(); readPolicy(c) == "" {
				t.Error("the fault goes on after its end")
			}
		})
	}
}

func TestTheSameSeedThrowsTheSameDice(t *testing.T) {
	run := func(seed int64) (seen string) {
		c := bubble(fakeaws.Options{Seed: seed})
		c.cloud.KMS.CreateKey(fakeaws.KeySpec{ID: keyID})
		c.cloud.Fault(fakeaws.Fault{Kind: fakeaws.Refuse, Probability: 0.5})
		for range 60 {
			seen += map[bool]string{true: ".", false: "x"}[readPolicy(c) != ""]
		}
		return seen
	}
	first := run(1)
	if again := run(1); again != first {
		t.Errorf("the same seed gave %s and %s", first, again)
	}
	if other := run(2); other == first {
		t.Errorf("two seeds gave %s", first)
	}
	if n := strings.Count(first, "x"); n < 15 || n > 45 {
		t.Errorf("every second call was to be refused: %s", first)
	}
}

// readPolicy returns the policy that KMS serves; empty if it refuses.
func readPolicy(c clients) string {
	out, err := c.kms.GetKeyPolicy(ctx, &kms.GetKeyPolicyInput{KeyId: aws.String(keyID)})
	if err != nil {
		return ""
	}
	return aws.ToString(out.Policy)
}
