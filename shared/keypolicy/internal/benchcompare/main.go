// Command benchcompare measures the validator beside what others do with the
// same text: encoding/json, awspolicyequivalence and iamgo.
//
// It is a module of its own so that the project does not depend on what it is
// only compared with. The contenders take turns, so that a busy machine slows
// all of them, and ratios are medians over the rounds. Run it with go run .
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	awspolicy "github.com/hashicorp/awspolicyequivalence"
	"github.com/liamg/iamgo"

	"github.com/keysmith/keysmith/shared/keypolicy"
)

const (
	rounds  = 60
	perTurn = 8 * time.Millisecond
)

type contender struct {
	name string
	work func(text []byte) error
}

func main() {
	for _, size := range []int{2048, 32768} {
		text, err := policy(size)
		if err != nil {
			fmt.Fprintln(os.Stderr, "benchcompare:", err)
			os.Exit(1)
		}
		compare("laid out as the console does it", text)
		var dense bytes.Buffer
		if err := json.Compact(&dense, text); err != nil {
			fmt.Fprintln(os.Stderr, "benchcompare:", err)
			os.Exit(1)
		}
		compare("the same without white space", dense.Bytes())
	}
}

var contenders = []contender{
	{"json.Unmarshal into any", func(text []byte) error {
		var v any
		return json.Unmarshal(text, &v)
	}},
	{"keypolicy: parse, all findings, two digests", func(text []byte) error {
		r := keypolicy.Check(text, options)
		if r.Policy.Canonical("aws").Text == "" {
			return fmt.Errorf("refused: %v", r.Findings)
		}
		return nil
	}},
	{"awspolicyequivalence, white space only", func(text []byte) error {
		same, err := awspolicy.PoliciesAreEquivalent(string(text), string(text)+"\n")
		if err == nil && !same {
			err = fmt.Errorf("not equivalent to itself")
		}
		return err
	}},
	{"iamgo.Parse", func(text []byte) error {
		_, err := iamgo.Parse(text)
		return err
	}},
}

var options = keypolicy.Options{
	Key:        keypolicy.Key{Account: "111122223333", Region: "eu-west-1", ID: "1234abcd-12ab-34cd-56ef-1234567890ab", Usage: "ENCRYPT_DECRYPT"},
	BreakGlass: []string{"arn:aws:iam::{account}:role/BreakGlass"},
}

// compare lets the contenders take turns and prints the first one's ratio as 1.
func compare(what string, text []byte) {
	fmt.Printf("%-44s %12s %8s %8s\n", fmt.Sprintf("%d bytes, %s", len(text), what), "best", "ratio", "allocs")
	times := make([][]float64, len(contenders))
	for range rounds {
		for i, c := range contenders {
			times[i] = append(times[i], turn(c, text))
		}
	}
	for i, c := range contenders {
		ratios := make([]float64, rounds)
		for r := range rounds {
			ratios[r] = times[i][r] / times[0][r]
		}
		fmt.Printf("%-44s %9.1f µs %8.2f %8d\n", c.name, slices.Min(times[i])/1e3, median(ratios), allocations(c, text))
	}
	fmt.Println()
}

// turn returns nanoseconds for one run, over a few milliseconds of them.
func turn(c contender, text []byte) float64 {
	start, n := time.Now(), 0
	for time.Since(start) < perTurn {
		if err := c.work(text); err != nil {
			fmt.Fprintf(os.Stderr, "benchcompare: %s: %v\n", c.name, err)
			os.Exit(1)
		}
		n++
	}
	return float64(time.Since(start)) / float64(n)
}

func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}

func allocations(c contender, text []byte) uint64 {
	const runs = 100
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range runs {
		_ = c.work(text)
	}
	runtime.ReadMemStats(&after)
	return (after.Mallocs - before.Mallocs) / runs
}

// policy makes a text of about that many bytes from those that the tests use.
func policy(size int) ([]byte, error) {
	const dir, tail = "../../testdata/bench/", "\n  ]\n}\n"
	head, err := os.ReadFile(dir + "policy.json")
	if err != nil {
		return nil, fmt.Errorf("reading the policy: %w", err)
	}
	statement, err := os.ReadFile(dir + "statement.txt")
	if err != nil {
		return nil, fmt.Errorf("reading the statement: %w", err)
	}
	text := strings.TrimSuffix(string(head), tail)
	for n := 0; ; n++ {
		more := strings.ReplaceAll(string(statement), "{n}", fmt.Sprint(n))
		if len(text)+len(more)+len(tail) > size {
			return []byte(text + tail), nil
		}
		text += more
	}
}
