package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"sync"
	"time"

	"github.com/keysmith/keysmith/scripts/local/stack"
	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/runtimeapi/eventsource"
)

// Documented by AWS, per account, Region and second; and this project's share
// of it for each instance, as template.yaml has it.
const (
	quotaOfPuts     = 15.0
	shareOfInstance = 1.8
)

// visibility is shorter than deployed, though longer than any invocation: a
// message whose receipt is lost on a busy machine need not be waited for as
// long as in earnest.
const visibility = 150 * time.Second

// fleet is a run under way.
type fleet struct {
	set   settings
	scale float64
	stack *stack.Stack
	ids   []string
	began time.Time
	took  time.Duration

	mu          sync.Mutex
	invocations int
	busy        time.Duration // of all invocations
	outcomes    map[string]int
	applied     map[string]bool // key ids
}

func launch(set settings) (*fleet, error) {
	f := &fleet{set: set, scale: float64(set.keys) / quotaOfPuts / set.within.Seconds(), outcomes: map[string]int{}, applied: map[string]bool{}}
	f.scale = max(1, f.scale)
	second := time.Duration(float64(time.Second) / f.scale)
	var err error
	f.stack, err = stack.Start(stack.Config{
		Template: set.template, Bootstrap: set.bootstrap, Window: second, Log: io.Discard, AnyPrincipal: true, Watch: f.watch,
		Visibility: visibility,
		Parameters: map[string]string{
			"KeyArns":        "arn:aws:kms:" + stack.Region + ":" + stack.Account + ":key/*",
			"PutsPerSecond":  strconv.FormatFloat(shareOfInstance*f.scale, 'f', 2, 64),
			"VerifyInterval": second.String(),
		},
	})
	if err != nil {
		return nil, err
	}
	var quotas []fakeaws.Quota
	for _, q := range fakeaws.DocumentedQuotas() {
		q.PerSecond *= f.scale
		quotas = append(quotas, q)
	}
	f.stack.Cloud.SetQuotas(quotas...)
	for i := range set.keys {
		id := fmt.Sprintf("%08x-0000-4000-8000-%012x", i, i)
		f.ids = append(f.ids, id)
		f.stack.Cloud.KMS.CreateKey(fakeaws.KeySpec{ID: id, Policy: policy("before", i)})
	}
	return f, nil
}

func policy(name string, i int) string {
	return fmt.Sprintf(`{"Version": "2012-10-17", "Id": "%s-%d", "Statement": [
  {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::%s:root"}, "Action": "kms:*", "Resource": "*"},
  {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::%s:role/app-%d"}, "Action": ["kms:Decrypt", "kms:GenerateDataKey"], "Resource": "*"}]}`,
		name, i, stack.Account, stack.Account, i)
}

func (f *fleet) watch(d eventsource.Delivery) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.invocations++
	f.busy += d.Took
}

// work uploads all policies at once and waits until each key has its outcome.
func (f *fleet) work(ctx context.Context) error {
	f.began = time.Now()
	for i, id := range f.ids {
		f.stack.Upload("policies/"+id+".json", []byte(policy("after", i)))
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for len(f.applied) < len(f.ids) {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		events, err := f.stack.Results()
		if err != nil {
			return err
		}
		for _, e := range events {
			f.count(e)
		}
		fmt.Printf("\r%6.1f s  %d of %d keys in force and reported, %d dead letters ", time.Since(f.began).Seconds(), len(f.applied), len(f.ids), f.stack.GivenUp())
		if time.Since(f.began) > 5*f.set.within+time.Minute {
			return fmt.Errorf("only %d of %d keys after %s", len(f.applied), len(f.ids), time.Since(f.began).Round(time.Second))
		}
	}
	f.took = time.Since(f.began)
	fmt.Println()
	return nil
}

func (f *fleet) count(e outcome.Event) {
	name := string(e.Type)
	if e.Type == outcome.Applied {
		f.applied[e.Detail.Data.Key.ID] = true
	}
	if e.Detail.Data.Error != nil {
		name += " " + string(e.Detail.Data.Error.Code)
	}
	f.outcomes[name]++
}

// wrong counts the keys that do not have the policy of their object.
func (f *fleet) wrong() int {
	wrong := 0
	for i, id := range f.ids {
		if !keypolicy.SameText(f.stack.Cloud.KMS.Policy(id), policy("after", i), "aws") {
			wrong++
		}
	}
	return wrong
}
