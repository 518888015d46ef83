package main

import "github.com/keysmith/keysmith/shared/keypolicy"

// The types below are the part of SARIF 2.1.0 that the report needs.
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
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name  string      `json:"name"`
		Rules []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID               string         `json:"id"`
		ShortDescription sarifText      `json:"shortDescription"`
		FullDescription  sarifText      `json:"fullDescription"`
		Help             sarifText      `json:"help"`
		HelpURI          string         `json:"helpUri,omitempty"`
		Configuration    sarifLevel     `json:"defaultConfiguration"`
		Properties       map[string]any `json:"properties,omitempty"`
	}
	sarifLevel struct {
		Level string `json:"level"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID    string          `json:"ruleId"`
		RuleIndex int             `json:"ruleIndex"`
		Level     string          `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations"`
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

// sarifLog writes the report for code scanning. Columns count characters.
func sarifLog(verdicts []verdict) sarif {
	driver := sarifDriver{Name: "keysmith"}
	index := map[string]int{}
	for _, r := range keypolicy.Rules() {
		index[r.ID] = len(driver.Rules)
		driver.Rules = append(driver.Rules, sarifRuleOf(r))
	}
	results := []sarifResult{}
	for _, v := range verdicts {
		for _, f := range v.Findings {
			results = append(results, sarifResultOf(v.File, index[f.Rule], f))
		}
	}
	return sarif{
		Schema:  "https://json.schemastore.org/sarif-2.1.0.json",
		Version: "2.1.0",
		Runs:    []sarifRun{{Tool: sarifTool{driver}, ColumnKind: "unicodeCodePoints", Results: results}},
	}
}

func sarifRuleOf(r keypolicy.Rule) sarifRule {
	rule := sarifRule{
		ID: r.ID, ShortDescription: sarifText{r.Title}, FullDescription: sarifText{r.Why}, Help: sarifText{r.Remedy},
		HelpURI: r.Link, Configuration: sarifLevel{sarifLevelOf(r.Severity)},
		Properties: map[string]any{"tags": []string{r.Class.String()}},
	}
	if r.Severity >= keypolicy.Security {
		rule.Properties["security-severity"] = "8.0"
	}
	return rule
}

func sarifResultOf(file string, index int, f keypolicy.Finding) sarifResult {
	location := sarifLocation{Physical: sarifPhysical{sarifArtifact{fileURI(file)}, sarifRegion{f.Line, f.Column}}}
	if f.Path != "" {
		location.Logical = []sarifLogical{{f.Path}}
	}
	return sarifResult{RuleID: f.Rule, RuleIndex: index, Level: sarifLevelOf(f.Severity), Message: sarifText{f.Message}, Locations: []sarifLocation{location}}
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
