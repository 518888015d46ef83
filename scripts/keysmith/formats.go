package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy"
)

func writeJSON(out io.Writer, v any) error {
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// writeGitHub prints workflow commands, which GitHub shows beside the lines of
// a pull request.
func (l *linter) writeGitHub(out io.Writer, verdicts []verdict) error {
	w := bufio.NewWriter(out)
	for _, v := range verdicts {
		for _, f := range v.Findings {
			if f.Severity >= l.show {
				fmt.Fprintf(w, "::%s file=%s,line=%d,col=%d,title=%s::%s\n", gitHubLevel(f.Severity),
					gitHubProperty(v.File), f.Line, f.Column, gitHubProperty(f.Rule), gitHubText(f.Message))
			}
		}
	}
	return w.Flush()
}

func gitHubLevel(s keypolicy.Severity) string {
	switch s {
	case keypolicy.Error, keypolicy.Security:
		return "error"
	case keypolicy.Warning:
		return "warning"
	}
	return "notice"
}

func gitHubText(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

func gitHubProperty(s string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(gitHubText(s))
}

// fileURI turns a path into a URI reference, as SARIF wants it.
func fileURI(path string) string {
	u := url.URL{Path: path}
	return u.EscapedPath()
}
