package fakeaws_test

import (
	"context"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

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
			short, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
			defer cancel()
			_, err := c.kms.PutKeyPolicy(short, &kms.PutKeyPolicyInput{
				KeyId: aws.String(keyID), Policy: aws.String(policyFor(`"` + admin + `"`)),
			})
			if err == nil || codeOf(err) != test.code {
				t.Errorf("got %v, want the code %q", err, test.code)
			}
			if applied := strings.Contains(c.cloud.KMS.Policy(keyID), admin); applied != test.applied {
				t.Errorf("done: %v, want %v", applied, test.applied)
			}
			calls := c.cloud.Calls()
			if len(calls) != 1 || calls[0].Fault != string(test.fault.Kind) {
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

func TestStaleReadsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := bubble(fakeaws.Options{})
		c.cloud.KMS.CreateKey(fakeaws.KeySpec{ID: keyID})
		c.cloud.Fault(fakeaws.Fault{Action: "GetKeyPolicy", Kind: fakeaws.Stale, Delay: 10 * time.Second})
		time.Sleep(time.Minute)
		if err := put(c, policyFor(`"`+admin+`"`)); err != nil {
			t.Fatal(err)
		}
		for _, test := range []struct {
			after time.Duration
			fresh bool
		}{{0, false}, {9 * time.Second, false}, {time.Second, true}} {
			time.Sleep(test.after)
			if fresh := strings.Contains(readPolicy(c), admin); fresh != test.fresh {
				t.Errorf("%v later: fresh is %v", test.after, fresh)
			}
		}
	})
}

func TestReadsFlap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := bubble(fakeaws.Options{})
		c.cloud.KMS.CreateKey(fakeaws.KeySpec{ID: keyID})
		c.cloud.Fault(fakeaws.Fault{Action: "GetKeyPolicy", Kind: fakeaws.Flap, Delay: time.Minute})
		time.Sleep(time.Hour)
		if err := put(c, policyFor(`"`+admin+`"`)); err != nil {
			t.Fatal(err)
		}
		turns, last := 0, false
		for range 40 {
			fresh := strings.Contains(readPolicy(c), admin)
			if fresh != last {
				turns++
			}
			last = fresh
		}
		if turns < 5 {
			t.Errorf("40 reads turned %d times", turns)
		}
		time.Sleep(time.Minute)
		for range 20 {
			if !strings.Contains(readPolicy(c), admin) {
				t.Fatal("a read is stale after the end of the flapping")
			}
		}
	})
}

func TestALatePutOverwritesANewerOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := bubble(fakeaws.Options{})
		c.cloud.KMS.CreateKey(fakeaws.KeySpec{ID: keyID})
		c.cloud.Fault(fakeaws.Fault{Action: "PutKeyPolicy", Nth: 1, Kind: fakeaws.Late, Delay: 30 * time.Second})
		if err := put(c, strings.Replace(policyFor(`"`+account+`"`), `"a"`, `"late"`, 1)); err == nil || codeOf(err) != "" {
			t.Errorf("the late put was answered: %v", err)
		}
		if err := put(c, strings.Replace(policyFor(`"`+account+`"`), `"a"`, `"newer"`, 1)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(29 * time.Second)
		if got := readPolicy(c); !strings.Contains(got, "newer") {
			t.Errorf("before it lands: %s", got)
		}
		time.Sleep(time.Second)
		if got := readPolicy(c); !strings.Contains(got, "late") {
			t.Errorf("after it landed: %s", got)
		}
		puts := c.cloud.KMS.Puts()
		if len(puts) != 2 || puts[0].Lands.Sub(puts[0].Time) != 30*time.Second {
			t.Errorf("got %+v", puts)
		}
	})
}

func TestTheQuotaThrottlesWhatIsAboveIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := bubble(fakeaws.Options{})
		c.cloud.KMS.CreateKey(fakeaws.KeySpec{ID: keyID})
		c.cloud.SetQuotas(fakeaws.DocumentedQuotas()...)
		taken := func(n int) (ok int) {
			for range n {
				err := put(c, policyFor(`"`+account+`"`))
				if err == nil {
					ok++
				} else if codeOf(err) != "ThrottlingException" {
					t.Fatal(err)
				}
			}
			return ok
		}
		if got := taken(40); got != 15 {
			t.Errorf("at once: %d puts of 40 were taken", got)
		}
		time.Sleep(time.Second)
		if got := taken(40); got != 15 {
			t.Errorf("a second later: %d puts of 40 were taken", got)
		}
		c.cloud.SetQuotas(fakeaws.Quota{Service: "kms", Action: "PutKeyPolicy", PerSecond: 1, PerResource: true})
		if got := taken(3); got != 1 {
			t.Errorf("for one key: %d puts of 3 were taken", got)
		}
	})
}

func TestABodyCanBeSlowOrCutOff(t *testing.T) {
	for _, mode := range []string{"over HTTP", "in memory"} {
		t.Run(mode, func(t *testing.T) {
			c := bubble(fakeaws.Options{})
			if mode == "over HTTP" {
				c = start(t, fakeaws.Options{})
			}
			c.cloud.S3.CreateBucket("b", true)
			c.cloud.S3.Put("b", "k", []byte(strings.Repeat("x", 1000)), nil)
			read := func() (int, error) {
				out, err := c.s3.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("b"), Key: aws.String("k")})
				if err != nil {
					return 0, err
				}
				body, err := io.ReadAll(out.Body)
				return len(body), err
			}
			end := c.cloud.Fault(fakeaws.Fault{Service: "s3", Kind: fakeaws.Truncate})
			if n, err := read(); err == nil || n != 500 {
				t.Errorf("cut off: got %d bytes, %v", n, err)
			}
			end()
			c.cloud.Fault(fakeaws.Fault{Service: "s3", Kind: fakeaws.SlowBody, Delay: 20 * time.Millisecond})
			begin := time.Now()
			if n, err := read(); err != nil || n != 1000 || time.Since(begin) < 20*time.Millisecond {
				t.Errorf("slow: got %d bytes, %v, after %v", n, err, time.Since(begin))
			}
		})
	}
}

func TestOneEntryOfABatchFails(t *testing.T) {
	c := start(t, fakeaws.Options{})
	c.cloud.Fault(fakeaws.Fault{Service: "events", Action: "PutEvents", Kind: fakeaws.FailEntries, Count: 1})
	entry := ebtypes.PutEventsRequestEntry{Source: aws.String("app"), DetailType: aws.String("t"), Detail: aws.String(`{}`)}
	out, err := c.events.PutEvents(ctx, &eventbridge.PutEventsInput{Entries: []ebtypes.PutEventsRequestEntry{entry, entry}})
	if err != nil || out.FailedEntryCount != 1 || out.Entries[0].ErrorCode == nil || out.Entries[1].EventId == nil {
		t.Errorf("got %+v, %v", out, err)
	}
	if n := len(c.cloud.Events.Entries("default")); n != 1 {
		t.Errorf("the bus took %d entries", n)
	}
}

func TestMessagesComeTwiceAndInAnyOrder(t *testing.T) {
	c := start(t, fakeaws.Options{Seed: 1})
	c.cloud.SQS.CreateQueue("q", nil)
	for _, body := range []string{"1", "2", "3", "4", "5", "6"} {
		c.cloud.SQS.Send("q", body)
	}
	receive := func() (bodies string) {
		out, err := c.sqs.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: aws.String(c.url + "/1/q"), MaxNumberOfMessages: 10})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range out.Messages {
			bodies += aws.ToString(m.Body)
		}
		return bodies
	}
	end := c.cloud.Fault(fakeaws.Fault{Service: "sqs", Action: "ReceiveMessage", Kind: fakeaws.Duplicate})
	if first, second := receive(), receive(); first != "123456" || second != first {
		t.Errorf("got %s, then %s", first, second)
	}
	end()
	c.cloud.Fault(fakeaws.Fault{Service: "sqs", Action: "ReceiveMessage", Kind: fakeaws.Shuffle})
	if got := receive(); len(got) != 6 || got == "123456" {
		t.Errorf("shuffled: got %s", got)
	}
}

func TestEventsAreLostDoubledAndLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := bubble(fakeaws.Options{})
		queue := c.cloud.SQS.CreateQueue("q", nil)
		if err := c.cloud.Events.PutRule("r", "default", `{"source":["app"]}`, fakeaws.Target{ARN: queue}); err != nil {
			t.Fatal(err)
		}
		publish := func(kind fakeaws.Kind, delay time.Duration) int {
			end := c.cloud.Fault(fakeaws.Fault{Service: "events", Action: "Deliver", Kind: kind, Delay: delay})
			defer end()
			c.cloud.Events.Publish("default", fakeaws.Entry{Source: "app", DetailType: "t", Detail: []byte(`{}`)})
			return len(c.cloud.SQS.Receive("q", 10))
		}
		if n := publish(fakeaws.Drop, 0); n != 0 || len(c.cloud.Events.Lost()) != 1 {
			t.Errorf("lost: got %d messages, %+v", n, c.cloud.Events.Lost())
		}
		if n := publish(fakeaws.Duplicate, 0); n != 2 {
			t.Errorf("doubled: got %d messages", n)
		}
		if n := publish(fakeaws.Slow, 5*time.Second); n != 0 {
			t.Errorf("late: got %d messages at once", n)
		}
		time.Sleep(5 * time.Second)
		if n := len(c.cloud.SQS.Receive("q", 10)); n != 1 {
			t.Errorf("late: got %d messages later", n)
		}
	})
}
