package verdict

import (
	"strings"

	"github.com/keysmith/keysmith/scripts/internal/terminal"
	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/outcome"
)

// changes shows which statements change, and who gains or loses what.
func (w Writer) changes(t outcome.Type, d outcome.Data) {
	account := ""
	if d.Key != nil {
		account = d.Key.Account
	}
	statements := d.Changes
	if t == outcome.Applied && len(d.Access) > 0 {
		statements = nil // done is done: who gained and lost what says enough
	}
	w.Differences(lead(t), account, statements, d.Access)
	if cut := d.Truncated["changes"] + d.Truncated["access"]; cut > 0 {
		w.dim("The event leaves out %s.", counted(cut, "more line"))
	}
}

// lead says of which change the lines below it are.
func lead(t outcome.Type) string {
	switch t {
	case outcome.Planned:
		return "If it is applied:"
	case outcome.DriftDetected:
		return "In force, compared with the bucket:"
	}
	return ""
}

// Differences shows changes of statements and of access to a key of an account,
// below a line that says what they are of; without any it shows nothing.
func (w Writer) Differences(lead, account string, changes []keypolicy.Change, access []keypolicy.AccessChange) {
	if len(changes)+len(access) > 0 {
		w.line("%s", lead)
	}
	for _, c := range changes {
		w.change(c)
	}
	for _, a := range access {
		name := short(a.Principal, account)
		w.access(name, "gains", terminal.Green, a.Gains)
		w.access(name, "loses", terminal.Red, a.Loses)
	}
}

func (w Writer) change(c keypolicy.Change) {
	mark := map[string]terminal.Span{
		"added":   {Style: terminal.Green, Text: "+"},
		"removed": {Style: terminal.Red, Text: "-"},
	}[c.Kind]
	if mark.Text == "" {
		mark = terminal.Span{Style: terminal.Yellow, Text: "~"}
	}
	text := c.Kind + ": " + c.Summary
	if c.Sid != "" {
		text = "statement " + c.Sid + " " + text
	}
	w.Screen.Item(indent, mark, terminal.Text("%s", text))
}

func (w Writer) access(name, verb string, style terminal.Style, actions []string) {
	if len(actions) > 0 {
		w.Screen.Line(indent, terminal.Text("%s ", name), terminal.Span{Style: style, Text: verb}, terminal.Text(" %s", strings.Join(actions, ", ")))
	}
}

// short leaves out the account where it is the key's own: of another account
// the reader must see that it is one.
func short(principal, account string) string {
	if before, name, ok := strings.Cut(principal, ":iam::"+account+":"); ok && account != "" && strings.HasPrefix(before, "arn:") {
		return name
	}
	return principal
}
