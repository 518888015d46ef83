package batch_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/capacity"
	"github.com/keysmith/keysmith/shared/effort"
	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/functest"
	"github.com/keysmith/keysmith/shared/objectkey"
	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/target"
)

// arithmetic is what is to be expected of a stack.
func (p paced) arithmetic(t *testing.T, quota string) capacity.Stack {
	t.Helper()
	all, err := strconv.ParseFloat(quota, 64)
	puts, err1 := strconv.ParseFloat(p.env["PUTS_PER_SECOND"], 64)
	if err != nil || err1 != nil {
		t.Fatal(err, err1)
	}
	return capacity.Stack{Quota: all, Instances: p.instances, Batch: p.batch, Puts: puts, Proof: capacity.Proof(5, time.Second)}
}

// spread makes n keys in accounts x Regions other than the stack's own, each with a
// new policy waiting. The list is sorted, as a tree is.
func spread(w *functest.World, accounts []string, regions []string, n int) (objects []string) {
	places := len(accounts) * len(regions)
	for a, account := range accounts {
		w.DeployRoles(account)
		for r, region := range regions {
			for i := a*len(regions) + r; i < n; i += places {
				id := fmt.Sprintf("6f1c7a52-3c0e-4a86-9d7e-%012x", i)
				w.KeyElsewhere(account, region, id)
				object := objectkey.ForKey(account, region, id)
				w.Cloud.S3.Put(functest.Bucket, object, []byte(functest.PolicyOf(account, "new")), nil)
				objects = append(objects, object)
			}
		}
	}
	return objects
}

// inForce lets a deployed stack work off a queue of uploads, and returns how many
// keys it brought in force a second and how many puts were throttled. KMS lends no
// more than one call to each instance.
func inForce(w *functest.World, p paced, quota float64, objects []string) (perSecond float64, throttled int) {
	w.Cloud.SetQuotas(fakeaws.Quota{Service: "kms", Action: "PutKeyPolicy", PerSecond: quota, AtOnce: p.instances})
	w.Intercept = func(_ string, send func() (*http.Response, error)) (*http.Response, error) {
		time.Sleep(20 * time.Millisecond)
		return send()
	}
	work(w, uploads(objects)...)
	deploy(w, p)
	_, throttled, _ = span(w, "PutKeyPolicy")
	var first, last time.Time
	for _, put := range w.Cloud.KMS.Puts() {
		if first.IsZero() || put.Time.Before(first) {
			first = put.Time
		}
	}
	applied := map[string]bool{}
	for _, e := range w.Events() {
		if e.Type == outcome.Applied {
			applied[e.Detail.Data.Object.Key] = true
			if at := e.Detail.Metadata.Time; at.After(last) {
				last = at
			}
		}
	}
	if len(applied) != len(objects) {
		w.Errorf("%d of %d keys were applied", len(applied), len(objects))
	}
	return float64(len(applied)) / last.Sub(first).Seconds(), throttled
}

// 40 accounts x 3 Regions. With the lowest quota the batches are small, so that few
// keys are several rounds of them. The full effort takes the usual quota: 81, 83 and
// 80.5 % were measured, as the pollers happen to mix the messages, so that it leaves
// them some room.
func TestAFleetOfManyPlacesReachesFourFifthsOfWhatIsAllowedAndIsNeverThrottled(t *testing.T) {
	quota, least := "1", 0.8
	if effort.Full() {
		quota, least = "15", 0.75
	}
	p := pacedFor(t, quota)
	expected := p.arithmetic(t, quota)
	var accounts []string
	for i := range 40 {
		accounts = append(accounts, fmt.Sprintf("4%011d", i))
	}
	regions := []string{"us-east-1", "eu-west-1", "ap-south-1"}
	maps.Copy(p.env, functest.Targets("TARGET_ACCOUNTS", strings.Join(accounts, ","), "TARGET_REGIONS", strings.Join(regions, ",")))
	keys := effort.Of(4, 3, 2) * p.instances * p.batch
	allowed, by := expected.Allowed(len(accounts) * len(regions))
	for name, order := range orders() {
		t.Run(name, func(t *testing.T) {
			functest.Play(t, p.env, func(w *functest.World) {
				reached, throttled := inForce(w, p, expected.Quota, order(spread(w, accounts, regions, keys)))
				t.Logf("%d keys: %.1f a second are reached, %.1f are allowed by %s: %.0f %%", keys, reached, allowed, by, 100*reached/allowed)
				if throttled > 0 || name == asPushed && reached < least*allowed {
					t.Errorf("%.1f keys a second, of %.1f that are allowed by %s; %d puts were throttled", reached, allowed, by, throttled)
				}
			})
		})
	}
}

const asPushed = "as keysmith push uploads them"

// orders are those of the uploads. Nothing is promised of any but the first; what
// they cost is in shared/docs/many-accounts.md.
func orders() map[string]func([]string) []string {
	all := map[string]func([]string) []string{
		asPushed: func(l []string) []string { return target.Spread(l, func(o string) string { return o }) },
	}
	if effort.Full() {
		all["sorted"] = func(l []string) []string { return l }
		all["shuffled"] = func(l []string) []string {
			rand.New(rand.NewPCG(1, 2)).Shuffle(len(l), func(i, j int) { l[i], l[j] = l[j], l[i] })
			return l
		}
	}
	return all
}
