package capacity

import (
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"time"
)

// A worked case is a line of testdata/cases.txt.
type worked struct {
	stack                        Stack
	places                       int
	quotas, concurrency, reaches float64
	lower                        string
}

func read(t *testing.T, line string) (c worked) {
	t.Helper()
	var reads int
	var interval string
	_, err := fmt.Sscanf(line, "%f %d %d %f %d %s %d | %f %f %s %f", &c.stack.Quota, &c.stack.Instances, &c.stack.Batch, &c.stack.Puts, &reads, &interval,
		&c.places, &c.quotas, &c.concurrency, &c.lower, &c.reaches)
	pause, err1 := time.ParseDuration(interval)
	if err != nil || err1 != nil {
		t.Fatalf("%s: %v, %v", line, err, err1)
	}
	c.stack.Proof = Proof(reads, pause)
	return c
}

func near(a, b float64) bool { return math.Abs(a-b) <= 0.006 }

func TestTheArithmeticIsThatOfTheCases(t *testing.T) {
	text, err := os.ReadFile("testdata/cases.txt")
	if err != nil {
		t.Fatal(err)
	}
	cases := 0
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		cases++
		c := read(t, line)
		allowed, by := c.stack.Allowed(c.places)
		if !near(c.stack.ByQuotas(c.places), c.quotas) || !near(c.stack.ByConcurrency(), c.concurrency) || by != c.lower ||
			!near(allowed, min(c.quotas, c.concurrency)) || !near(c.stack.Reaches(c.places), c.reaches) {
			t.Errorf("%s\ngot quotas %.2f, concurrency %.2f, the lower is of %s with %.2f, reaches %.2f", line,
				c.stack.ByQuotas(c.places), c.stack.ByConcurrency(), by, allowed, c.stack.Reaches(c.places))
		}
	}
	if cases < 8 {
		t.Errorf("only %d cases were read", cases)
	}
}

// More places never slow a stack down, and it never beats what is allowed.
func TestMorePlacesAreNeverSlower(t *testing.T) {
	s := Stack{Quota: 15, Instances: 5, Batch: 200, Puts: 2.97, Proof: Proof(5, time.Second)}
	before := 0.0
	for places := 1; places <= 1000; places++ {
		reaches := s.Reaches(places)
		if allowed, _ := s.Allowed(places); reaches < before || reaches > allowed {
			t.Fatalf("%d places: reaches %.2f, %.2f are allowed, and one place less reaches %.2f", places, reaches, allowed, before)
		}
		before = reaches
	}
}

func TestTheProcessorGrowsWithTheMemoryUpToAWholeOne(t *testing.T) {
	s := Stack{Instances: 5}
	for memory, want := range map[int]float64{128: 51.68, 256: 103.37, 640: 258.42, 1769: 714.29, 3000: 714.29} {
		if got := s.ByProcessor(memory); !near(got, want) {
			t.Errorf("%d MB: %.2f keys a second, want %.2f", memory, got, want)
		}
	}
}
