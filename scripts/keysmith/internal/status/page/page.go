// Package page writes the state of a fleet as one HTML page.
//
// The page holds its style, its program and its data. It asks no network, and its
// Content-Security-Policy keeps it from doing so. What comes from others, such as
// names, policies and messages of AWS, is data for it: the template escapes it, and
// the program puts it on the screen as text only.
package page

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"time"
)

//go:embed page.html
var source string

//go:embed page.css
var style string

//go:embed page.js
var program string

// Data is what the page shows. Members that name a text are places in Texts.
type Data struct {
	Bucket  string     `json:"bucket"`
	Made    time.Time  `json:"made"`
	Program string     `json:"program"`
	Sweep   string     `json:"sweep"`
	Notes   []string   `json:"notes"`
	States  []string   `json:"states"` // the worst first
	Actions []string   `json:"actions"`
	Texts   []string   `json:"texts"`
	Rules   []Rule     `json:"rules"`
	Holders [][]Holder `json:"holders"`
	Keys    []Key      `json:"keys"`
}

// Rule is a rule that some finding is of.
type Rule struct {
	ID       string `json:"id"`
	Severity string `json:"severity"`
	Title    string `json:"title"`
}

// Finding is the place of its rule, its line, and its message.
type Finding [3]int

// Holder is a principal, how it is let in (1: through IAM, 2: not decided), its
// actions as bits, and the conditions.
type Holder [4]int

// Key is one key. Times are seconds since 1970, 0 for none.
type Key struct {
	Object   string    `json:"o"`
	ARN      string    `json:"k"`
	State    int       `json:"s"`
	Since    int64     `json:"t"`
	Author   int       `json:"w"`
	Message  int       `json:"m"`
	Version  string    `json:"v"`
	Commit   string    `json:"c"`
	Applied  int64     `json:"p"`
	Fault    int       `json:"e"` // why Holders is not known
	Holders  int       `json:"h"` // a place in Data.Holders; -1 where it is not known
	Findings []Finding `json:"f"`
}

// Render writes the page.
func Render(d *Data) ([]byte, error) {
	t, err := template.New("page").Parse(source)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = t.Execute(&out, map[string]any{
		"Data": d, "Style": template.CSS(style), "Program": template.JS(program), //nolint:gosec // both are of this package
		"Policy": "default-src 'none'; style-src " + hash(style) + "; script-src " + hash(program) + "; base-uri 'none'; form-action 'none'",
	})
	return out.Bytes(), err
}

// hash names a text in a Content-Security-Policy.
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
