package samtemplate

import (
	"os"
	"strconv"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

const (
	proof        = 4400 * time.Millisecond // five reads a second apart, their calls, and the next batch on its way
	reportTime   = 10 * time.Second        // what the function keeps free before its deadline
	lambdaAtOnce = 5                       // instances that read a queue from the start
)

// A pace is what a quota makes of the function.
type pace struct {
	quota            float64
	instances, batch int
	puts             float64 // a second and instance
	timeout          time.Duration
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
	return pace{all, f.Sources[0].MaximumConcurrency, f.Sources[0].BatchSize, puts, f.Timeout}
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

// paces are those of all quotas that the template offers.
func paces(t *testing.T) (list []pace) {
	t.Helper()
	for _, quota := range offered(t, "PutQuota") {
		list = append(list, paceOf(t, quota))
	}
	if len(list) == 0 {
		t.Fatal("the template offers no quotas")
	}
	return list
}

// full is how long an instance puts the keys of a full batch.
func (p pace) full() time.Duration {
	return time.Duration(float64(p.batch) / p.puts * float64(time.Second))
}

func TestEachQuotaIsUsedByNineTenthsAndNeverExceeded(t *testing.T) {
	for _, p := range paces(t) {
		all := float64(p.instances) * p.puts
		if all > 0.99*p.quota+0.001 {
			t.Errorf("a quota of %v: %d instances put %v a second", p.quota, p.instances, all)
		}
		if used := all / p.quota * float64(p.full()) / float64(p.full()+proof); used < 0.92 {
			t.Errorf("a quota of %v: only %.3f of it is used", p.quota, used)
		}
	}
}

func TestAFullBatchLeavesTimeToProveItsLastKey(t *testing.T) {
	for _, p := range paces(t) {
		if left := p.timeout - reportTime - p.full(); left < 40*time.Second {
			t.Errorf("a quota of %v: %s are left after the last put of a batch", p.quota, left)
		}
	}
}

func TestTheUsualQuotaTakesAThousandKeysInOneEvenRound(t *testing.T) {
	if p := paceOf(t, "15"); p.instances != lambdaAtOnce || p.instances*p.batch != 1000 {
		t.Errorf("%d instances take %d keys each", p.instances, p.batch)
	}
}

func TestPutsPerSecondStandsAboveTheQuota(t *testing.T) {
	f := load(t, map[string]string{"PutsPerSecond": "100"}).Functions[0]
	if got := f.Environment["PUTS_PER_SECOND"]; got != "100" {
		t.Errorf("got %s", got)
	}
}
