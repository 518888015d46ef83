// Command bench measures the built function as Lambda would run it, beside a
// floor that sends the same requests and does nothing else, and beside the plain
// function that one would write with the SDK alone.
//
// All of them run under the Runtime API host against one stub that answers each
// call after half a millisecond, by turns in one run: on a shared machine only
// the ratio of neighbours means anything.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"
)

type settings struct {
	template, binary, out string
	coldRounds, rounds    int
	block                 int
	delay                 time.Duration
}

func main() {
	var set settings
	flag.StringVar(&set.template, "template", "template.yaml", "`file` of the template that declares the function's environment")
	flag.StringVar(&set.binary, "bootstrap", "build/apply/bootstrap", "`file` of the built function, as make build makes it")
	flag.StringVar(&set.out, "o", "build/bench.txt", "`file` for the single values, in the format of benchstat")
	flag.IntVar(&set.coldRounds, "cold", 60, "rounds of cold starts")
	flag.IntVar(&set.rounds, "rounds", 60, "rounds of blocks of warm invocations")
	flag.IntVar(&set.block, "block", 30, "invocations in a block")
	flag.DurationVar(&set.delay, "delay", 500*time.Microsecond, "how long the stub waits before it answers")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, set, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, set settings, w io.Writer) error {
	folder, err := os.MkdirTemp("", "keysmith-bench-")
	if err != nil {
		return fmt.Errorf("making a folder for the programs: %w", err)
	}
	defer os.RemoveAll(folder) //nolint:errcheck // the system cleans up as well
	rec, list, err := record(ctx, set.template, set.binary, folder)
	if err != nil {
		return err
	}
	endpoints := map[string]string{}
	for _, s := range list {
		server := httptest.NewServer(stub{answers: rec.answers[s.label], delay: set.delay})
		defer server.Close()
		endpoints[s.label] = server.URL
	}
	field, err := contestants(ctx, set.binary, folder, rec, endpoints)
	if err != nil {
		return err
	}
	results, err := measure(ctx, set, field, list, rec)
	if err != nil {
		return err
	}
	return publish(w, set, field, list, rec, results)
}

// contestants are keysmith and what it is held against, in the order of the
// table.
func contestants(ctx context.Context, binary, folder string, rec *recording, endpoints map[string]string) ([]contestant, error) {
	field := []contestant{{name: "keysmith", binary: binary}}
	for _, name := range []string{"floor", "plain"} {
		built, err := compile(ctx, filepath.Join(folder, name), "./scripts/bench/"+name)
		if err != nil {
			return nil, err
		}
		field = append(field, contestant{name: name, binary: built})
	}
	for i := range field {
		field[i].env = func(s sample) []string {
			return append(rec.environment(endpoints[s.label]), "FLOOR_REQUESTS="+rec.requests[s.label])
		}
	}
	return field, nil
}

func measure(ctx context.Context, set settings, field []contestant, list []sample, rec *recording) ([]result, error) {
	first := list[0]
	starts, err := cold(ctx, field, first, first.upload(rec.bucket), set.coldRounds)
	if err != nil {
		return nil, err
	}
	results := []result{{"Cold/size=" + first.label, "ns/op", starts}}
	memory := series{}
	for _, s := range list {
		run, err := warm(ctx, field, s, s.upload(rec.bucket), set.rounds, set.block)
		if err != nil {
			return nil, err
		}
		results = append(results, result{"Warm/size=" + s.label, "ns/op", run.took})
		for name, peak := range run.memory {
			memory[name] = append(memory[name], float64(peak))
		}
	}
	results = append(results, result{"ResidentPeak", "B", memory})
	return appendSizes(results, field)
}

func appendSizes(results []result, field []contestant) ([]result, error) {
	binary, zipped := series{}, series{}
	for _, c := range field {
		bytes, packed, err := sizes(c.binary)
		if err != nil {
			return nil, err
		}
		binary[c.name] = []float64{float64(bytes)}
		zipped[c.name] = []float64{float64(packed)}
	}
	return append(results, result{"Binary", "B", binary}, result{"Zip", "B", zipped}), nil
}

func publish(w io.Writer, set settings, field []contestant, list []sample, rec *recording, results []result) error {
	for _, s := range list {
		if _, err := fmt.Fprintf(w, "%s: a policy of %d bytes; one invocation calls %s\n", s.label, len(s.policy), strings.Join(rec.calls[s.label], ", ")); err != nil {
			return err
		}
	}
	if _, err := fmt.Fprintf(w, "Each call is answered after %v; %d cold starts, %d blocks of %d warm invocations of each program, by turns.\n"+
		"Ratios are medians of pairs with their 95 %% interval; the times beside them belong to this machine and hour.\n\n",
		set.delay, set.coldRounds, set.rounds, set.block); err != nil {
		return err
	}
	if err := writeTable(w, field, results); err != nil {
		return err
	}
	return writeFile(set.out, field, results)
}

func writeFile(path string, field []contestant, results []result) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("making a folder for the values: %w", err)
	}
	file, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("writing the values: %w", err)
	}
	if err := writeBenchmarks(file, field, results); err != nil {
		_ = file.Close()
		return err
	}
	return file.Close()
}
