package lint

import (
	"bytes"
	"encoding/json"
	"io"

	"github.com/keysmith/keysmith/shared/keypolicy"
)

// reporter writes verdicts as they come, so that no more than one is held.
type reporter interface {
	add(verdict) error
	close(totals) error
}

func (l *linter) reporter() reporter {
	switch l.format.Value {
	case "json":
		return &jsonReport{array: array{out: l.env.Out, indent: "  "}, all: l.flags["show"].Values == nil}
	case "sarif":
		return newSARIF(l.env.Out)
	case "github":
		return &gitHubReport{out: l.env.Out}
	}
	return newText(l)
}

// array writes a JSON array one value at a time, laid out as json.Indent does.
type array struct {
	out    io.Writer
	indent string // of a value
	n      int
}

func (a *array) add(v any) error {
	var b bytes.Buffer
	b.WriteString([]string{"[\n", ",\n"}[min(a.n, 1)] + a.indent)
	a.n++
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent(a.indent, "  ")
	if err := enc.Encode(v); err != nil {
		return err
	}
	_, err := a.out.Write(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
	return err
}

func (a *array) close() error {
	end := "[]"
	if a.n > 0 {
		end = "\n" + a.indent[2:] + "]"
	}
	_, err := io.WriteString(a.out, end)
	return err
}

// jsonReport has every finding, unless --show asks for less.
type jsonReport struct {
	array
	all bool
}

func (j *jsonReport) add(v verdict) error {
	if !j.all {
		v.Findings = v.shownFindings()
	}
	return j.array.add(v)
}

func (j *jsonReport) close(totals) error {
	if err := j.array.close(); err != nil {
		return err
	}
	_, err := io.WriteString(j.out, "\n")
	return err
}

func (v verdict) shownFindings() []keypolicy.Finding {
	shown := []keypolicy.Finding{}
	for _, f := range v.Findings {
		if v.shown(f) {
			shown = append(shown, f)
		}
	}
	return shown
}
