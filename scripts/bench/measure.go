package main

import (
	"context"
	"fmt"
	"time"

	"github.com/keysmith/keysmith/shared/runtimeapi"
)

// A contestant is one program, with what it needs for each sample.
type contestant struct {
	name   string
	binary string
	env    func(s sample) []string
}

func (c contestant) start(ctx context.Context, s sample) (*runtimeapi.Sandbox, error) {
	sandbox, err := runtimeapi.Start(ctx, runtimeapi.Config{
		Bootstrap:   c.binary,
		Env:         c.env(s),
		FunctionARN: "arn:aws:lambda:" + region + ":" + account + ":function:" + c.name,
		Timeout:     time.Minute,
		MemoryMB:    256,
	})
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", c.name, err)
	}
	return sandbox, nil
}

// A series holds one value of each contestant for each round, in nanoseconds.
type series map[string][]float64

// cold measures from the start of the process until the first answer. The order
// turns with each round, so that nobody always runs after the same neighbour.
func cold(ctx context.Context, field []contestant, s sample, payload []byte, rounds int) (series, error) {
	measured := series{}
	for round := range rounds {
		for i := range field {
			c := field[(round+i)%len(field)]
			took, err := coldStart(ctx, c, s, payload)
			if err != nil {
				return nil, err
			}
			measured[c.name] = append(measured[c.name], float64(took))
		}
	}
	return measured, nil
}

func coldStart(ctx context.Context, c contestant, s sample, payload []byte) (time.Duration, error) {
	begin := time.Now()
	sandbox, err := c.start(ctx, s)
	if err != nil {
		return 0, err
	}
	defer sandbox.Kill()
	if _, err := sandbox.Invoke(ctx, payload); err != nil {
		return 0, fmt.Errorf("invoking %s: %w", c.name, err)
	}
	return time.Since(begin), nil
}

// A warmRun is what warm sandboxes took, and what they occupied at most.
type warmRun struct {
	took   series
	memory map[string]int64
}

// warm measures blocks of invocations of processes that stay. One block gives
// one value, its median.
func warm(ctx context.Context, field []contestant, s sample, payload []byte, rounds, block int) (warmRun, error) {
	run := warmRun{took: series{}, memory: map[string]int64{}}
	sandboxes := map[string]*runtimeapi.Sandbox{}
	for _, c := range field {
		sandbox, err := c.start(ctx, s)
		if err != nil {
			return run, err
		}
		defer sandbox.Kill()
		sandboxes[c.name] = sandbox
		if _, err := invokeBlock(ctx, sandbox, payload, block); err != nil { // the first ones warm up
			return run, fmt.Errorf("invoking %s: %w", c.name, err)
		}
	}
	for round := range rounds {
		for i := range field {
			name := field[(round+i)%len(field)].name
			took, err := invokeBlock(ctx, sandboxes[name], payload, block)
			if err != nil {
				return run, fmt.Errorf("invoking %s: %w", name, err)
			}
			run.took[name] = append(run.took[name], float64(took))
		}
	}
	for name, sandbox := range sandboxes {
		if m, err := sandbox.Memory(); err == nil { // only Linux tells
			run.memory[name] = m.Peak
		}
	}
	return run, nil
}

func invokeBlock(ctx context.Context, sandbox *runtimeapi.Sandbox, payload []byte, n int) (time.Duration, error) {
	took := make([]time.Duration, n)
	for i := range took {
		begin := time.Now()
		if _, err := sandbox.Invoke(ctx, payload); err != nil {
			return 0, err
		}
		took[i] = time.Since(begin)
	}
	return medianDuration(took), nil
}
