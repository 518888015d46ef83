package main

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/capacity"
	"github.com/keysmith/keysmith/shared/fakeaws"
)

func calls(gaps ...time.Duration) (list []fakeaws.Call) {
	at := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	for _, gap := range gaps {
		at = at.Add(gap)
		list = append(list, fakeaws.Call{Service: "kms", Action: "PutKeyPolicy", Time: at})
	}
	return list
}

func TestTheUseOfAQuotaIsMeasuredFromTheFirstCallToTheLast(t *testing.T) {
	u := usageOf(calls(time.Hour, time.Second, time.Second, 2*time.Second), "PutKeyPolicy", 1)
	if u.answered != 4 || u.share(1) != 0.75 || u.ahead != 1 {
		t.Errorf("%+v, share %v", u, u.share(1))
	}
}

func TestCallsAtOnceAreLent(t *testing.T) {
	list := calls(0, 0, 0, time.Second, 0)
	list[1].Error = "ThrottlingException"
	u := usageOf(list, "PutKeyPolicy", 1)
	if u.answered != 4 || u.refused != 1 || u.ahead != 3 {
		t.Errorf("%+v", u)
	}
}

func TestAMessageForEachBrokenPromise(t *testing.T) {
	if err := tooLittle("PutKeyPolicy", 0.9); err != nil {
		t.Error(err)
	}
	if tooLittle("PutKeyPolicy", 0.899) == nil || broken(1, "things") == nil || broken(0, "things") != nil {
		t.Error("a broken promise is not told")
	}
}

func TestThePaceIsTheTemplates(t *testing.T) {
	set := settings{template: "../../template.yaml", keys: 10_000, quota: "30", reads: "200", within: 100 * time.Second}
	p, err := readPace(set)
	if err != nil {
		t.Fatal(err)
	}
	want := capacity.Stack{Quota: 30, Instances: 10, Batch: 200, Puts: 2.97, Proof: 4400 * time.Millisecond}
	if p.stack != want || math.Abs(p.scale-10.0/3) > 1e-9 || p.queue == "" {
		t.Errorf("%+v", p)
	}
	for _, q := range p.quotas() {
		if q.Action == "PutKeyPolicy" && math.Abs(q.PerSecond-100) > 1e-9 {
			t.Errorf("%+v", q)
		}
	}
}

// Where the quotas of many allow more than the stack does, it is the stack that
// decides how fast time runs.
func TestOfManyPlacesTheTimeIsThatOfWhatBoundsThem(t *testing.T) {
	set := settings{template: "../../template.yaml", keys: 10_000, accounts: 40, regions: 3, reads: "200", order: "push"}
	set.within, set.quota = set.usual(), set.usualQuota()
	p, err := readPace(set)
	if err != nil {
		t.Fatal(err)
	}
	if want := 25 * 4.4 / 200; math.Abs(p.scale-want) > 1e-9 || set.within != 400*time.Second {
		t.Errorf("scale %v, want %v; within %s", p.scale, want, set.within)
	}
	if got := p.scaled()["VERIFY_INTERVAL"]; got != "1.818182s" {
		t.Errorf("a second lasts %s", got)
	}
	p.stack = capacity.Stack{Quota: 15, Instances: 5, Batch: 200, Puts: 2.97, Proof: 4400 * time.Millisecond}
	if tooSlow(p.stack, 120, 182) != nil || tooSlow(p.stack, 120, 181) == nil || tooSlow(p.stack, 15, 103) != nil || tooSlow(p.stack, 15, 102) == nil {
		t.Error("the wrong speed is called too slow")
	}
}

func TestKeysAreUploadedInTheOrderThatIsAsked(t *testing.T) {
	set := settings{keys: 12, accounts: 2, regions: 2}
	places := func(order string) (list []string) {
		set.order = order
		numbers, err := set.inOrder()
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range numbers {
			list = append(list, set.key(i).account[:4]+set.key(i).region)
		}
		return list
	}
	sorted, push := places("sorted"), places("push")
	if sorted[0] != sorted[1] || sorted[1] != sorted[2] || sorted[2] == sorted[3] {
		t.Errorf("sorted: %v", sorted)
	}
	if push[0] == push[1] || push[0] != push[4] || push[0] != push[8] || slices.Equal(places("shuffled"), push) {
		t.Errorf("push: %v", push)
	}
	set.order = "backwards"
	if _, err := set.inOrder(); err == nil {
		t.Error("an order that does not exist is taken")
	}
}

func TestWhatIsLentIsCountedForEachPlace(t *testing.T) {
	list := calls(0, 0, 0, 0)
	for i := range list {
		list[i].Region = []string{"us-east-1", "eu-west-1"}[i%2]
	}
	if got := mostAhead(list, "PutKeyPolicy", 1); got != 2 {
		t.Errorf("got %v, want 2", got)
	}
}

func TestTheBillCountsEachServiceAtItsPrice(t *testing.T) {
	b := billOf([]fakeaws.Call{
		{Service: "kms", Action: "GetKeyPolicy"}, {Service: "s3", Action: "PutObject"}, {Service: "s3", Action: "HeadObject"},
		{Service: "sqs", Action: "ReceiveMessage"}, {Service: "events", Action: "PutEvents"},
	}, 1, 1000)
	for name, pair := range map[string][2]float64{
		"keys": {b.keys, perKeyCall}, "objects": {b.objects, perObjectPut + perObjectGet}, "queue": {b.queue, perQueueCall},
		"events": {b.events, perEvent}, "function": {b.lambda, 1000*perGBSecond + perInvocation},
	} {
		if math.Abs(pair[0]-pair[1]) > 1e-12 {
			t.Errorf("%s: %g, want %g", name, pair[0], pair[1])
		}
	}
}

func TestAFileGetsALineForEachTenthOfTheWork(t *testing.T) {
	var file, screen strings.Builder
	inFile, onScreen := progress{of: 1000}, progress{of: 1000, terminal: true}
	for done := 0; done <= 1000; done += 7 {
		inFile.show(&file, done, "done")
		onScreen.show(&screen, done, "done")
	}
	inFile.end(&file)
	onScreen.end(&screen)
	if got := strings.Count(file.String(), "\n"); got != 9 || strings.Contains(file.String(), "\r") {
		t.Errorf("a file gets %d lines, want 9: %q", got, file.String())
	}
	if got := strings.Count(screen.String(), "\n"); got != 1 {
		t.Errorf("a terminal gets %d lines, want 1", got)
	}
}
