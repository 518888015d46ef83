package main

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/keysmith/keysmith/scripts/local/stack"
	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/runtimeapi/eventsource"
)

// visibility is shorter than deployed, though longer than any invocation: a
// message whose receipt is lost on a busy machine need not be waited for as
// long as in earnest.
const visibility = 150 * time.Second

// fleet is a run under way.
type fleet struct {
	set   settings
	pace  pace
	stack *stack.Stack
	ids   []string
	order []int // in which the keys are uploaded
	began time.Time
	took  time.Duration

	outcomes map[string]int
	applied  map[string]bool // key ids

	mu          sync.Mutex
	invocations int
	troubles    []error       // of invocations and of deliveries
	busy        time.Duration // of all invocations
}

func launch(set settings, p pace, log io.Writer) (*fleet, error) {
	f := &fleet{set: set, pace: p, outcomes: map[string]int{}, applied: map[string]bool{}}
	var err error
	f.stack, err = stack.Start(stack.Config{
		Template: set.template, Bootstrap: set.bootstrap, Parameters: parameters(set), Environment: p.scaled(),
		Log: log, AnyPrincipal: true, Watch: f.watch, Visibility: visibility,
	})
	if err != nil {
		return nil, err
	}
	f.stack.Cloud.SetQuotas(p.quotas()...)
	f.deployRoles()
	for i := range set.keys {
		k := set.key(i)
		f.ids = append(f.ids, k.id)
		f.stack.Cloud.KMS.CreateKey(fakeaws.KeySpec{ID: k.id, Account: k.account, Region: k.region, Policy: f.policy("before", i)})
	}
	f.order, err = set.inOrder()
	return f, err
}

func (f *fleet) policy(name string, i int) string {
	account := f.set.key(i).account
	return fmt.Sprintf(`{"Version": "2012-10-17", "Id": "%s-%d", "Statement": [
  {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::%s:root"}, "Action": "kms:*", "Resource": "*"},
  {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::%s:role/app-%d"}, "Action": ["kms:Decrypt", "kms:GenerateDataKey"], "Resource": "*"}]}`,
		name, i, account, account, i)
}

func (f *fleet) watch(d eventsource.Delivery) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if d.Messages > 0 {
		f.invocations++
		f.busy += d.Took
	}
	if d.Err != nil {
		f.troubles = append(f.troubles, d.Err)
	}
}

// collect counts the result events that have come.
func (f *fleet) collect() error {
	events, err := f.stack.Results()
	for _, e := range events {
		name := string(e.Type)
		if e.Type == outcome.Applied {
			f.applied[e.Detail.Data.Key.ID] = true
		}
		if e.Detail.Data.Error != nil {
			name += " " + string(e.Detail.Data.Error.Code)
		}
		f.outcomes[name]++
	}
	return err
}

// wrong counts the keys that do not have the policy that is named.
func (f *fleet) wrong(name string) int {
	wrong := 0
	for i := range f.ids {
		if !keypolicy.SameText(f.stack.Cloud.KMS.Policy(f.set.key(i).arn()), f.policy(name, i), "aws") {
			wrong++
		}
	}
	return wrong
}
