package push

import (
	"bufio"

	"github.com/keysmith/keysmith/scripts/internal/terminal"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/cli"
	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/status"

	"fmt"
)

// Schema is the version of the contract that the JSON report follows. Its JSON
// Schema is schema/push.json.
const Schema = "keysmith.push/1"

// report is what became of the files.
type report struct {
	Schema      string         `json:"schema"`
	Bucket      string         `json:"bucket"`
	Interrupted bool           `json:"interrupted"`
	Summary     map[string]int `json:"summary"` // objects by state
	Objects     []row          `json:"objects"`
}

// row is one file.
type row struct {
	File      string              `json:"file"`
	Object    string              `json:"object"`
	State     state               `json:"state"`
	Why       string              `json:"why,omitempty"` // why it was to be uploaded
	VersionID string              `json:"versionId,omitempty"`
	Commit    string              `json:"commit,omitempty"`
	Previous  string              `json:"expectedPrevious,omitempty"`
	Message   string              `json:"message,omitempty"`
	Outcome   status.Outcome      `json:"outcome,omitempty"` // of the version, as its status says
	Error     *outcome.Error      `json:"error,omitempty"`
	Findings  []keypolicy.Finding `json:"findings,omitempty"`
}

func (p *pusher) report(interrupted bool) report {
	r := report{Schema: Schema, Bucket: p.bucket.Name, Interrupted: interrupted, Summary: map[string]int{}, Objects: []row{}}
	for _, it := range p.items {
		r.Summary[string(it.state)]++
		one := row{File: it.Path, Object: it.object, State: it.state, Why: it.why, VersionID: it.version.ID, Message: it.message}
		if it.why != "" {
			one.Commit, one.Previous = it.commit, it.previous
		}
		if it.said != nil {
			one.Outcome, one.Error, one.Findings = it.said.Outcome, it.said.Error, it.said.Findings
		}
		r.Objects = append(r.Objects, one)
	}
	return r
}

func (p *pusher) write(r report) error {
	if p.format.Value == "json" {
		return cli.WriteJSON(p.env.Out, r)
	}
	out := bufio.NewWriter(p.env.Out)
	width := p.env.Columns
	if width == 0 {
		width = 1 << 20 // what reads a pipe wants each message on one line
	}
	s := terminal.NewStyled(out, width, p.env.Colour)
	for _, one := range r.Objects {
		one.text(s)
	}
	s.Line(0, terminal.Text("%s", r.sentence()))
	return out.Flush()
}

var styles = map[state]terminal.Style{
	applied: terminal.Green, planned: terminal.Green, uploaded: terminal.Cyan, notStarted: terminal.Yellow,
	rejected: terminal.Red, failed: terminal.Red, superseded: terminal.Red, timedOut: terminal.Red, refused: terminal.Red,
}

func (r row) text(s *terminal.Screen) {
	if r.State == unchanged {
		return
	}
	why := ""
	if r.Why != "" {
		why = " (" + r.Why + ")"
	}
	s.Line(0, terminal.Span{Style: terminal.Bold, Text: r.Object + ": "}, terminal.Span{Style: styles[r.State], Text: string(r.State)}, terminal.Text("%s", why))
	if r.Message != "" {
		s.Line(2, terminal.Text("%s", r.Message))
	}
	if r.State != rejected {
		return
	}
	for _, f := range r.Findings {
		if f.Severity >= keypolicy.Warning {
			s.Line(2, terminal.Text("%s:%d:%d: %s %s: %s", r.File, f.Line, f.Column, f.Severity, f.Rule, f.Message))
		}
	}
}

// sentence sums up the push.
func (r report) sentence() string {
	text := plural(len(r.Objects), "file", "files")
	for _, s := range []state{unchanged, uploaded, applied, planned, rejected, failed, superseded, timedOut, refused, notStarted} {
		if n := r.Summary[string(s)]; n > 0 {
			text += fmt.Sprintf(", %d %s", n, s)
		}
	}
	if r.Interrupted {
		text += " (interrupted: run the command again to continue)"
	}
	return text
}

// code is the exit code: 0 only where everything is as the call wanted it.
func (p *pusher) code(r report) error {
	for _, one := range r.Objects {
		if one.State.bad() || one.State == notStarted || p.wait && one.State == uploaded {
			return cli.Exit(cli.Refused)
		}
	}
	if r.Interrupted {
		return cli.Exit(cli.Refused)
	}
	return nil
}

func plural(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, more)
}
