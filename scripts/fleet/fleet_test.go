package main

import (
	"math"
	"strings"
	"testing"
	"time"

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
	if p.quota != 30 || p.instances != 10 || p.batch != 200 || math.Abs(p.scale-10.0/3) > 1e-9 || p.queue == "" {
		t.Errorf("%+v", p)
	}
	for _, q := range p.quotas() {
		if q.Action == "PutKeyPolicy" && math.Abs(q.PerSecond-100) > 1e-9 {
			t.Errorf("%+v", q)
		}
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
