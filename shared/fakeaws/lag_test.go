package fakeaws_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keysmith/keysmith/shared/fakeaws"
)

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
		other := c.cloud.KMS.CreateKey(fakeaws.KeySpec{})
		_, err := c.kms.PutKeyPolicy(ctx, &kms.PutKeyPolicyInput{KeyId: &other, Policy: aws.String(policyFor(`"` + account + `"`))})
		if err != nil {
			t.Errorf("for another key: %v", err)
		}
	})
}

func TestSlowAnswersTakeTheirTime(t *testing.T) {
	for _, kind := range []fakeaws.Kind{fakeaws.Slow, fakeaws.SlowBody} {
		synctest.Test(t, func(t *testing.T) {
			c := bubble(fakeaws.Options{})
			c.cloud.KMS.CreateKey(fakeaws.KeySpec{ID: keyID})
			c.cloud.Fault(fakeaws.Fault{Kind: kind, Delay: 20 * time.Second})
			begin := time.Now()
			if got := readPolicy(c); got == "" || time.Since(begin) != 20*time.Second {
				t.Errorf("%s: got %q after %v", kind, got, time.Since(begin))
			}
		})
	}
}
