package lint

import (
	"fmt"
	"io"
	"strings"

	"github.com/keysmith/keysmith/scripts/internal/terminal"
	"github.com/keysmith/keysmith/shared/keypolicy"
)

// gitHubReport prints workflow commands, which GitHub shows beside the lines of
// a pull request.
type gitHubReport struct{ out io.Writer }

func (g *gitHubReport) add(v verdict) error {
	for _, f := range v.shownFindings() {
		_, err := fmt.Fprintf(g.out, "::%s file=%s,line=%d,col=%d,title=%s::%s\n", gitHubLevel(f.Severity),
			gitHubProperty(v.File), f.Line, f.Column, gitHubProperty(f.Rule), gitHubText(f.Message))
		if err != nil {
			return err
		}
	}
	return nil
}

func (g *gitHubReport) close(totals) error { return nil }

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
	escaped := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
	return terminal.Tame(escaped)
}

func gitHubProperty(s string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(gitHubText(s))
}
