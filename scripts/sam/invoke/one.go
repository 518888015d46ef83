package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/keysmith/keysmith/scripts/internal/terminal"
	"github.com/keysmith/keysmith/scripts/local/verdict"
	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/samples"
)

// one hands one event to the function and shows the result to a person.
func one(ctx context.Context, s sam, events, file string) error {
	w, err := samples.LoadWorld(events, samAccount)
	if err != nil {
		return err
	}
	event, err := w.Event(filepath.Dir(file), strings.TrimSuffix(filepath.Base(file), ".json"))
	if err != nil {
		return fmt.Errorf("reading the event: %w", err)
	}
	if !json.Valid(event) {
		return fmt.Errorf("reading the event: %s is not JSON", file)
	}
	stage, err := listen(s.address)
	if err != nil {
		return err
	}
	defer stage.close()
	if err := s.prepare(w); err != nil {
		return err
	}
	defer s.cleanUp()
	cloud := w.Build()
	_, before := puts(cloud, 0)
	stage.show(cloud)
	answer, err := s.invoke(ctx, event)
	if err != nil {
		return err
	}
	return show(terminal.New(os.Stdout), cloud, before, answer)
}

func puts(c *fakeaws.Cloud, since int) (n, total int) {
	total = len(c.KMS.Puts())
	return total - since, total
}

// show writes what the function did, the result events, and what it returned.
func show(out *terminal.Screen, cloud *fakeaws.Cloud, before int, answer []byte) error {
	heading(out, "AWS calls of the function")
	for _, c := range cloud.Calls() {
		text := c.Service + " " + c.Action
		if c.Error != "" {
			text += ": " + c.Error
		}
		out.Line(2, terminal.Text("%s", text))
	}
	report := verdict.Writer{Screen: out, RejectAt: keypolicy.Security}
	heading(out, "Result events on the bus")
	entries := cloud.Events.Entries("default")
	count, _ := puts(cloud, before)
	for _, entry := range entries {
		e := outcome.Event{Source: entry.Source, Type: outcome.Type(entry.DetailType), Resources: entry.Resources}
		if e.Source != outcome.Source {
			continue
		}
		if err := json.Unmarshal(entry.Detail, &e.Detail); err != nil {
			return fmt.Errorf("reading a result event: %w", err)
		}
		out.Line(0, terminal.Text("%s", verdict.Subject(e)))
		report.Event(e, verdict.About{Document: verdict.Judged(cloud.S3, e), Puts: count})
	}
	heading(out, "The function returned")
	report.Raw(answer)
	return nil
}

func heading(out *terminal.Screen, text string) {
	out.Blank()
	out.Line(0, terminal.Span{Style: terminal.Bold, Text: text})
}
