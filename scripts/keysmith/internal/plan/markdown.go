package plan

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/keysmith/keysmith/scripts/internal/terminal"
	"github.com/keysmith/keysmith/shared/keypolicy"
)

// Marker is the first line of the comment. A pipeline finds its comment by it, and
// updates it.
const Marker = "<!-- keysmith-plan -->"

// mostComment is the limit of GitHub for a comment, in characters. Bytes are
// counted, which are never fewer.
const mostComment = 65_536

// mostEntry is how much of a comment one key may take.
const mostEntry = 12_000

// markdown writes one comment for a pull request. What does not fit is counted, the
// worst is always in it.
func markdown(r report) []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, "%s\n## keysmith plan: %s\n\n", Marker, html(r.Summary.sentence()))
	const tail = 400 // for the lines that say what was left out
	left := 0
	for _, e := range r.Keys {
		if e.state() == "unchanged" {
			continue
		}
		text := e.markdown()
		if out.Len()+len(text) > mostComment-tail {
			text = e.headline()
		}
		if left > 0 || out.Len()+len(text) > mostComment-tail {
			left++
			continue
		}
		out.WriteString(text)
	}
	if left > 0 {
		fmt.Fprintf(&out, "\nThe comment has no room for %s more. `keysmith plan` on the branch lists all.\n", plural(left, "key", "keys"))
	}
	fmt.Fprintf(&out, "\n<sub>Compared with what was in force at %s. Access is by the key policy alone: grants and IAM policies are not seen.</sub>\n", r.Time.Format("2006-01-02 15:04 UTC"))
	return out.Bytes()
}

// headline is the entry of a key for which there is no more room.
func (e *entry) headline() string {
	return fmt.Sprintf("\n- **%s**: %s\n", e.state(), code(e.File))
}

func (e *entry) markdown() string {
	var b strings.Builder
	open := ""
	if e.rank() <= 2 {
		open = " open"
	}
	fmt.Fprintf(&b, "\n<details%s><summary><b>%s</b>: <code>%s</code></summary>\n\n%s\n", open, e.state(), html(e.File), code(e.Key.ARN))
	if e.Error != "" {
		fmt.Fprintf(&b, "\n%s\n", html(e.Error))
	}
	if e.Reason != "" {
		fmt.Fprintf(&b, "\nThe function would refuse the policy: %s\n", code(string(e.Reason)))
	}
	b.WriteString("\n")
	for _, f := range e.shown() {
		mark := ":warning:"
		if f.Severity >= keypolicy.Security {
			mark = ":no_entry:"
		}
		fmt.Fprintf(&b, "- %s line %d: %s %s\n", mark, f.Line, code(f.Rule), html(f.Message))
	}
	if e.changed() {
		e.changesMarkdown(&b)
	}
	if e.LastUse != nil {
		fmt.Fprintf(&b, "\nLast use of the key: %s\n", html(e.LastUse.String()))
	}
	return cut(b.String()) + "\n</details>\n"
}

func (e *entry) changesMarkdown(b *strings.Builder) {
	b.WriteString("\n")
	marks := map[string]string{"added": "➕", "removed": "➖", "changed": "✏️"}
	for _, c := range e.Changes {
		name := ""
		if c.Sid != "" {
			name = "**" + html(c.Sid) + "** "
		}
		fmt.Fprintf(b, "- %s %s%s\n", marks[c.Kind], name, html(c.Summary))
	}
	if e.SamePermissions != keypolicy.Proven && len(e.Access) > 0 {
		b.WriteString("\n| principal | gains | loses |\n|---|---|---|\n")
		for _, a := range e.Access {
			fmt.Fprintf(b, "| %s | %s | %s |\n", cell([]string{a.Principal}), cell(a.Gains), cell(a.Loses))
		}
	}
	fmt.Fprintf(b, "\n%s\n", html(e.Claim()))
}

// cut shortens the text of one key at the end of a line.
func cut(text string) string {
	if len(text) <= mostEntry {
		return text
	}
	at := strings.LastIndexByte(text[:mostEntry], '\n')
	return text[:at] + "\n\n… (cut; `keysmith plan` shows all of it)\n"
}

// cell is a list in a cell of a table.
func cell(items []string) string {
	shown := make([]string, len(items))
	for i, item := range items {
		shown[i] = code(item)
	}
	return strings.Join(shown, "<br>")
}

// code shows a text as it is. It is HTML rather than Markdown, in which a text
// could end its own quotation.
func code(text string) string { return "<code>" + html(text) + "</code>" }

// html escapes what HTML or Markdown would act on: also mentions, references and
// what looks like an address. Line ends are gone already.
func html(text string) string {
	var b strings.Builder
	for _, r := range terminal.Tame(text) {
		if strings.ContainsRune("<>&\"'`*_~[]#|\\@$", r) {
			fmt.Fprintf(&b, "&#%d;", r)
			continue
		}
		b.WriteRune(r)
	}
	return noLinks.Replace(b.String())
}

var noLinks = strings.NewReplacer("://", ":&#47;&#47;", "www.", "www&#46;")
