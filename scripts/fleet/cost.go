package main

import (
	"fmt"
	"strings"

	"github.com/keysmith/keysmith/shared/fakeaws"
)

// List prices in dollars, us-east-1, first tier, without the free tiers, as of
// November 2026; see the service's page under https://aws.amazon.com.
const (
	perGBSecond   = 0.0000133334   // Lambda on arm64: /lambda/pricing
	perInvocation = 0.20 / 1e6     // /lambda/pricing
	perQueueCall  = 0.40 / 1e6     // standard queues: /sqs/pricing
	perEvent      = 1.00 / 1e6     // events of one's own: /eventbridge/pricing
	perKeyCall    = 0.03 / 10_000  // /kms/pricing
	perObjectPut  = 0.005 / 1_000  // /s3/pricing
	perObjectGet  = 0.0004 / 1_000 // HEAD counts as GET: /s3/pricing
)

// bill is what the run would cost on AWS, in dollars.
type bill struct {
	gbSeconds, lambda, queue, events, keys, objects float64
}

// billOf takes the function's time as it would be in earnest.
func billOf(calls []fakeaws.Call, invocations int, gbSeconds float64) bill {
	b := bill{gbSeconds: gbSeconds, lambda: gbSeconds*perGBSecond + float64(invocations)*perInvocation}
	for _, c := range calls {
		switch {
		case c.Service == "sqs":
			b.queue += perQueueCall
		case c.Service == "events":
			b.events += perEvent
		case c.Service == "kms":
			b.keys += perKeyCall
		case c.Service == "s3" && strings.HasPrefix(c.Action, "Put"):
			b.objects += perObjectPut
		case c.Service == "s3":
			b.objects += perObjectGet
		}
	}
	return b
}

func (b bill) String() string {
	return fmt.Sprintf("$%.2f: %.0f GB-seconds $%.3f, queue $%.3f, events $%.3f, KMS calls $%.3f, S3 $%.3f",
		b.lambda+b.queue+b.events+b.keys+b.objects, b.gbSeconds, b.lambda, b.queue, b.events, b.keys, b.objects)
}
