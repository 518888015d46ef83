package lint

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/url"

	"github.com/keysmith/keysmith/scripts/keysmith/internal/cli"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/rulebook"
	"github.com/keysmith/keysmith/shared/keypolicy"
)

// The types below are the part of SARIF 2.1.0 that the report needs.
// https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
type (
	sarif struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool       sarifTool     `json:"tool"`
		ColumnKind string        `json:"columnKind"`
		Results    []sarifResult `json:"results"`
		// Invocations stand last, because they tell how the run ended.
		Invocations []sarifInvocation `json:"invocations"`
	}
	sarifInvocation struct {
		Successful    bool                `json:"executionSuccessful"`
		Notifications []sarifNotification `json:"toolExecutionNotifications,omitempty"`
	}
	sarifNotification struct {
		Level   string    `json:"level"`
		Message sarifText `json:"message"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		Version        string      `json:"version"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID               string         `json:"id"`
		ShortDescription sarifText      `json:"shortDescription"`
		FullDescription  sarifText      `json:"fullDescription"`
		Help             sarifText      `json:"help"`
		HelpURI          string         `json:"helpUri"`
		Configuration    sarifLevel     `json:"defaultConfiguration"`
		Properties       map[string]any `json:"properties"`
	}
	sarifLevel struct {
		Level string `json:"level"`
	}
	sarifText struct {
		Text     string `json:"text"`
		Markdown string `json:"markdown,omitempty"`
	}
	sarifResult struct {
		RuleID       string            `json:"ruleId"`
		RuleIndex    int               `json:"ruleIndex"`
		Level        string            `json:"level"`
		Message      sarifText         `json:"message"`
		Locations    []sarifLocation   `json:"locations"`
		Fingerprints map[string]string `json:"partialFingerprints"`
	}
	sarifLocation struct {
		Physical sarifPhysical  `json:"physicalLocation"`
		Logical  []sarifLogical `json:"logicalLocations,omitempty"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   sarifRegion   `json:"region"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn"`
	}
	sarifLogical struct {
		FullyQualifiedName string `json:"fullyQualifiedName"`
	}
)

// sarifReport writes the report for code scanning. Columns count characters.
type sarifReport struct {
	array
	driver sarifDriver
	index  map[string]int
	err    error
}

// newSARIF writes everything that stands before the results.
func newSARIF(out io.Writer) *sarifReport {
	b := cli.ThisBuild()
	driver := sarifDriver{Name: "keysmith", Version: b.Version, InformationURI: "https://github.com/keysmith/keysmith"}
	s := &sarifReport{array: array{out: out, indent: "        "}, index: map[string]int{}}
	for _, r := range rulebook.All() {
		s.index[r.ID] = len(driver.Rules)
		driver.Rules = append(driver.Rules, sarifRuleOf(r))
	}
	s.driver = driver
	var before []byte
	if before, _, s.err = s.frame(nil); s.err == nil {
		_, s.err = out.Write(before)
	}
	return s
}

// frame is what stands before the results and after them.
func (s *sarifReport) frame(failures []string) (before, after []byte, err error) {
	end := sarifInvocation{Successful: len(failures) == 0}
	for _, text := range failures {
		end.Notifications = append(end.Notifications, sarifNotification{"error", sarifText{Text: text}})
	}
	frame, err := json.MarshalIndent(sarif{
		Schema:  "https://json.schemastore.org/sarif-2.1.0.json",
		Version: "2.1.0",
		Runs: []sarifRun{{
			Tool: sarifTool{s.driver}, ColumnKind: "unicodeCodePoints", Results: []sarifResult{}, Invocations: []sarifInvocation{end},
		}},
	}, "", "  ")
	const results = `"results": []` // its quotes are escaped where a text holds it
	before, after, _ = bytes.Cut(frame, []byte(results))
	return append(before, results[:len(results)-2]...), after, err
}

func (s *sarifReport) add(v verdict) error {
	seen := map[string]int{}
	for _, f := range v.shownFindings() {
		if s.err != nil {
			break
		}
		s.err = s.array.add(s.result(v, f, seen))
	}
	return s.err
}

func (s *sarifReport) close(sum totals) error {
	if s.err != nil {
		return s.err
	}
	if err := s.array.close(); err != nil {
		return err
	}
	_, after, err := s.frame(sum.failures)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "%s\n", after)
	return err
}

func (s *sarifReport) result(v verdict, f keypolicy.Finding, seen map[string]int) sarifResult {
	location := sarifLocation{Physical: sarifPhysical{sarifArtifact{fileURI(v.File)}, sarifRegion{f.Line, f.Column}}}
	if f.Path != "" {
		location.Logical = []sarifLogical{{f.Path}}
	}
	return sarifResult{
		RuleID: f.Rule, RuleIndex: s.index[f.Rule], Level: sarifLevelOf(f.Severity), Message: sarifText{Text: f.Message},
		Locations:    []sarifLocation{location},
		Fingerprints: map[string]string{"keysmithFinding/v1": fingerprint(v, f, seen)},
	}
}

func sarifRuleOf(r keypolicy.Rule) sarifRule {
	rule := sarifRule{
		ID: r.ID, ShortDescription: sarifText{Text: r.Title}, FullDescription: sarifText{Text: r.Why}, HelpURI: r.Link,
		Help: sarifText{
			Text:     r.Why + " " + r.Remedy,
			Markdown: fmt.Sprintf("**%s**\n\n%s\n\n%s\n\n[All rules](%s)", r.Title, r.Why, r.Remedy, rulebook.Link),
		},
		Configuration: sarifLevel{sarifLevelOf(r.Severity)},
		Properties:    map[string]any{"tags": []string{r.Class.String()}},
	}
	if rule.HelpURI == "" {
		rule.HelpURI = rulebook.Link
	}
	if r.Severity >= keypolicy.Security {
		rule.Properties["security-severity"] = "8.0"
	}
	return rule
}

func sarifLevelOf(s keypolicy.Severity) string {
	switch s {
	case keypolicy.Error, keypolicy.Security:
		return "error"
	case keypolicy.Warning:
		return "warning"
	}
	return "note"
}

// fileURI turns a path into a URI reference, as SARIF wants it.
func fileURI(path string) string {
	u := url.URL{Path: path}
	return u.EscapedPath()
}
