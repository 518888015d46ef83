package sam_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/objectkey"
	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/samtemplate"
)

// Whatever keysmith writes, sends or calls goes through every rule of the template,
// and none lets it come back: keysmith cannot trigger itself.
func TestNoOutputMatchesAPatternOfTheTemplate(t *testing.T) {
	for _, bus := range []string{"default", "own"} {
		stack, cloud := deploy(t, map[string]string{"ResultBus": bus, "DriftMode": "enforce", "ChangesPerHour": "100"})
		patterns := 0
		for _, r := range stack.Rules {
			if len(r.Pattern) > 0 {
				patterns++
			}
		}
		if patterns < 5 {
			t.Errorf("only %d rules have a pattern", patterns)
		}
		for _, b := range stack.Buckets {
			cloud.S3.NotifyEventBridge(b.Name, true)
		}
		before := waiting(stack, cloud)
		for what, output := range outputs(t, stack) {
			if output(cloud); waiting(stack, cloud) != before {
				t.Errorf("ResultBus=%s: %s comes back to %s", bus, what, where(stack, cloud))
				before = waiting(stack, cloud)
			}
		}
		cloud.S3.Put(stack.Buckets[0].Name, object, []byte("{}"), nil)
		if waiting(stack, cloud) == before {
			t.Error("nothing reaches any queue, so nothing was tried")
		}
	}
}

const object = "policies/6f1c7a52-3c0e-4a86-9d7e-0b6a5f2e9c11.json"

// outputs are all that keysmith leaves behind.
func outputs(t *testing.T, stack *samtemplate.Stack) map[string]func(*fakeaws.Cloud) {
	t.Helper()
	bucket, buses := stack.Buckets[0].Name, []string{"default"}
	for _, b := range stack.Buses {
		buses = append(buses, b.Name)
	}
	prefix, _ := objectkey.HistorySince("111122223333", "us-east-1", "6f1c7a52-3c0e-4a86-9d7e-0b6a5f2e9c11", time.Time{})
	all := map[string]func(*fakeaws.Cloud){
		"its own PutKeyPolicy": func(c *fakeaws.Cloud) { c.Events.Publish("default", sample(t, "cloudtrail-own-role")) },
	}
	for _, name := range []string{
		"status/" + object, "status/plans/pr-1/" + object, "status/sweep.json", "status/unmanaged.json", prefix + "20261127T120000.000Z-" + "0.json",
	} {
		all["writing "+name] = func(c *fakeaws.Cloud) { c.S3.Put(bucket, name, []byte("{}"), nil) }
		all["deleting "+name] = func(c *fakeaws.Cloud) { c.S3.Delete(bucket, name) }
	}
	for _, kind := range []outcome.Type{
		outcome.Applied, outcome.Rejected, outcome.Failed, outcome.Planned, outcome.DriftDetected, outcome.DriftResolved,
	} {
		detail, _ := json.Marshal(map[string]any{"data": map[string]any{"object": map[string]any{"bucket": bucket, "key": object}}})
		all[string(kind)] = func(c *fakeaws.Cloud) {
			for _, bus := range buses {
				c.Events.Publish(bus, fakeaws.Entry{
					Source: outcome.Source, DetailType: string(kind), Account: "111122223333", Region: "us-east-1", Time: time.Now(), Detail: detail,
				})
			}
		}
	}
	return all
}
