package push

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/keysmith/keysmith/scripts/keysmith/internal/desired"
)

// A checkout is what Git knows of a folder.
type checkout struct {
	commit string          // empty outside of Git
	clean  map[string]bool // files that are as in the commit, by absolute path
}

// commits finds out of which commit each file is. One that is not as committed has
// none: what the object says must be true.
func (p *pusher) commits() {
	checkouts := map[string]*checkout{}
	without := 0
	for _, it := range p.items {
		if it.commit = p.options.commit; it.commit != "" {
			continue
		}
		dir := filepath.Dir(it.Source)
		if checkouts[dir] == nil {
			checkouts[dir] = readCheckout(dir)
		}
		c := checkouts[dir]
		if path, err := filepath.Abs(it.Source); err == nil && c.clean[resolved(path)] {
			it.commit = c.commit
		}
		if it.commit == "" && it.state == notStarted {
			without++
		}
	}
	if without > 0 {
		p.env.Say("%s not committed to Git in this form, so no commit is recorded; name one with --commit", plural(without, "file is", "files are"))
	}
	nothing := 0
	for _, it := range p.items {
		if it.previous == "" && it.state == notStarted {
			nothing++
		}
	}
	if nothing > 0 {
		p.env.Say("%s: the policy to be replaced is not known, because there is no status and no digest in pull.json. A change that others made is not detected", plural(nothing, "key", "keys"))
	}
}

func readCheckout(dir string) *checkout {
	c := &checkout{clean: map[string]bool{}}
	git := func(args ...string) (string, bool) {
		out, err := exec.Command("git", append([]string{"-C", dir}, args...)...).Output() //nolint:gosec // the arguments are those below
		return string(out), err == nil
	}
	head, ok1 := git("rev-parse", "--verify", "HEAD")
	top, ok2 := git("rev-parse", "--show-toplevel")
	tracked, ok3 := git("ls-files", "-z", "--full-name", "--", ".")
	changed, ok4 := git("diff", "--name-only", "--no-renames", "-z", "HEAD", "--", ".")
	if !ok1 || !ok2 || !ok3 || !ok4 {
		return c
	}
	c.commit = strings.TrimSpace(head)
	for name := range strings.SplitSeq(tracked, "\x00") {
		c.clean[filepath.Join(strings.TrimSpace(top), name)] = true
	}
	for name := range strings.SplitSeq(changed, "\x00") {
		delete(c.clean, filepath.Join(strings.TrimSpace(top), name))
	}
	return c
}

// resolved is a path without links, as Git tells it.
func resolved(path string) string {
	if dir, err := filepath.EvalSymlinks(filepath.Dir(path)); err == nil {
		return filepath.Join(dir, filepath.Base(path))
	}
	return path
}

// changedSince refuses files that are not those of which a report of plan tells.
func (p *pusher) changedSince(policies []*desired.Policy) error {
	if p.planned == "" {
		return nil
	}
	text, err := os.ReadFile(p.planned)
	if err != nil {
		return fmt.Errorf("reading the report of plan: %w", err)
	}
	var report struct {
		Schema string
		Keys   []struct{ Object, SHA256 string }
	}
	if err := json.Unmarshal(text, &report); err != nil || !strings.HasPrefix(report.Schema, "keysmith.plan/") {
		return fmt.Errorf("%s is not a report of keysmith plan --format json", p.planned)
	}
	known := map[string]string{}
	for _, k := range report.Keys {
		known[k.Object] = k.SHA256
	}
	var changed []string
	for _, d := range policies {
		if known[d.Object] != d.SHA256() {
			changed = append(changed, d.Path)
		}
	}
	if len(changed) > 0 {
		return fmt.Errorf("%s: changed since %s was written, or not in it. Plan again", strings.Join(changed, ", "), p.planned)
	}
	return nil
}
