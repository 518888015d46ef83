package samtemplate

import (
	"os"
	"strconv"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/keysmith/keysmith/shared/capacity"
)

const (
	reportTime   = 10 * time.Second // what the function keeps free before its deadline
	lambdaAtOnce = 5                // instances that read a queue from the start
)

// A pace is what a quota makes of the function.
type pace struct {
	capacity.Stack
	timeout time.Duration
}

func paceOf(t *testing.T, quota string) pace {
	t.Helper()
	f := load(t, map[string]string{"PutQuota": quota}).Functions[0]
	puts, err := strconv.ParseFloat(f.Environment["PUTS_PER_SECOND"], 64)
	if err != nil {
		t.Fatalf("a quota of %s: %v", quota, err)
	}
	all, err := strconv.ParseFloat(quota, 64)
	if err != nil {
		t.Fatal(err)
	}
	reads, err := strconv.Atoi(f.Environment["VERIFY_READS"])
	interval, err1 := time.ParseDuration(f.Environment["VERIFY_INTERVAL"])
	if err != nil || err1 != nil {
		t.Fatal(err, err1)
	}
	return pace{capacity.Stack{
		Quota: all, Instances: f.Sources[0].MaximumConcurrency, Batch: f.Sources[0].BatchSize, Puts: puts, Proof: capacity.Proof(reads, interval),
	}, f.Timeout}
}

// offered are the values that the template allows a parameter.
func offered(t *testing.T, parameter string) []string {
	t.Helper()
	text, err := os.ReadFile(templateFile)
	if err != nil {
		t.Fatal(err)
	}
	var template struct {
		Parameters map[string]struct {
			AllowedValues []string `yaml:"AllowedValues"`
		} `yaml:"Parameters"`
	}
	if err := yaml.Unmarshal(text, &template); err != nil {
		t.Fatal(err)
	}
	return template.Parameters[parameter].AllowedValues
}

// known are the paces that were read, since each costs a run through the template.
var known []pace

// paces are those of all quotas that the template offers.
func paces(t *testing.T) []pace {
	t.Helper()
	if len(known) > 0 {
		return known
	}
	for _, quota := range offered(t, "PutQuota") {
		known = append(known, paceOf(t, quota))
	}
	if len(known) == 0 {
		t.Fatal("the template offers no quotas")
	}
	return known
}

// full is how long an instance puts the keys of a full batch.
func (p pace) full() time.Duration {
	return time.Duration(float64(p.Batch) / p.Puts * float64(time.Second))
}

func TestEachQuotaIsUsedByNineTenthsAndNeverExceeded(t *testing.T) {
	for _, p := range paces(t) {
		if all := float64(p.Instances) * p.Puts; all > 0.99*p.Quota+0.001 {
			t.Errorf("a quota of %v: %d instances put %v a second", p.Quota, p.Instances, all)
		}
		if used := p.Reaches(1) / p.Quota; used < 0.92 {
			t.Errorf("a quota of %v: only %.3f of it is used", p.Quota, used)
		}
	}
}

// 40 accounts in 3 Regions: what bounds them is that each instance proves one batch
// at a time.
func TestEachQuotaBringsManyPlacesToFourFifthsOfWhatIsAllowed(t *testing.T) {
	for _, p := range paces(t) {
		allowed, by := p.Allowed(40 * 3)
		if reaches := p.Reaches(40 * 3); by != "concurrency" || reaches < 0.8*allowed {
			t.Errorf("a quota of %v: %.1f keys a second of %.1f that %s allow", p.Quota, reaches, allowed, by)
		}
	}
}

func TestAFullBatchLeavesTimeToProveItsLastKey(t *testing.T) {
	for _, p := range paces(t) {
		if left := p.timeout - reportTime - p.full(); left < 40*time.Second {
			t.Errorf("a quota of %v: %s are left after the last put of a batch", p.Quota, left)
		}
	}
}

func TestTheUsualQuotaTakesAThousandKeysInOneEvenRound(t *testing.T) {
	if p := paceOf(t, "15"); p.Instances != lambdaAtOnce || p.Instances*p.Batch != 1000 {
		t.Errorf("%d instances take %d keys each", p.Instances, p.Batch)
	}
}

func TestPutsPerSecondStandsAboveTheQuota(t *testing.T) {
	f := load(t, map[string]string{"PutsPerSecond": "100"}).Functions[0]
	if got := f.Environment["PUTS_PER_SECOND"]; got != "100" {
		t.Errorf("got %s", got)
	}
}
