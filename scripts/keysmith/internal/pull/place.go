package pull

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/keysmith/keysmith/scripts/keysmith/internal/pullfile"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/wholefile"
	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/objectkey"
)

// alone puts the policy of one key into the tree.
func (p *puller) alone(k found, note string) error {
	return p.place([]found{k}, p.home.object(k.arn), note)
}

// together puts the policy of a whole set into the tree.
func (p *puller) together(members []found) error {
	return p.place(members, p.home.ofSet(members[0].arn), "")
}

// place brings a policy into the file of an object, and records the keys that it
// is for. It returns an error only where the tree cannot be written.
func (p *puller) place(members []found, object, note string) error {
	k := members[0]
	text := readable(k.policy)
	files := p.files[object]
	if len(files) > 1 {
		p.skipAll(members, pullfile.TwoFiles, fmt.Sprintf("%s are for the same key. Keep one of them and pull again", strings.Join(files, " and ")))
		return nil
	}
	count := func(c *counts) { c.written++ }
	file := labelled(object, firstAlias(members))
	if len(files) == 1 {
		file = files[0]
		old, err := read(p.options.dir, file)
		if err != nil {
			return fmt.Errorf("reading what is in the tree: %w", err)
		}
		switch {
		case same(old, []byte(k.policy), k.arn.Partition):
			text = old
			count = func(c *counts) { c.same++ }
		case !p.untouched(members, file, old):
			p.changedHere(members, file)
			return nil
		default:
			count = func(c *counts) { c.replaced++ }
		}
	}
	if err := p.write(file, text); err != nil {
		return err
	}
	p.record(members, file, object, note, text, count)
	return p.removeOld(members, object)
}

func (p *puller) write(file string, text []byte) error {
	old, err := read(p.options.dir, file)
	if err == nil && old != nil && bytes.Equal(old, text) {
		return nil
	}
	return wholefile.Write(filepath.Join(p.options.dir, filepath.FromSlash(file)), text)
}

func (p *puller) record(members []found, file, object, note string, text []byte, count func(*counts)) {
	parsed, _ := keypolicy.Parse(text)
	for i, m := range members {
		if i > 0 {
			count = func(*counts) {} // one file
		}
		p.book.add(pullfile.Key{
			ARN: m.arn.String(), File: file, Object: object, Alias: m.alias, State: m.state, Note: note,
			CanonicalSHA256: parsed.Canonical(m.arn.Partition).Text, SHA256: sum(text), Time: m.read.UTC().Truncate(time.Second),
		}, count)
	}
}

func firstAlias(members []found) string {
	for _, m := range members {
		if m.alias != "" {
			return m.alias
		}
	}
	return ""
}

// readable lays a policy out for people. Only white space between the parts of the
// JSON changes; what is no JSON stays as it is.
func readable(policy string) []byte {
	var out bytes.Buffer
	if err := json.Indent(&out, []byte(policy), "", "  "); err != nil {
		return []byte(policy)
	}
	return append(bytes.TrimSpace(out.Bytes()), '\n')
}

// same reports whether a file holds the policy in force, whatever its layout.
func same(file, policy []byte, partition string) bool {
	if bytes.Equal(file, readable(string(policy))) {
		return true
	}
	return keypolicy.SameText(string(file), string(policy), partition)
}

// untouched reports whether a file is as the pull before left it.
func (p *puller) untouched(members []found, file string, text []byte) bool {
	for _, m := range members {
		if before, known := p.book.before[m.arn.String()]; known && before.File == file {
			return before.SHA256 == sum(text)
		}
	}
	return false
}

// changedHere lists a file that is neither what is in force nor what was pulled.
// What was pulled before stays recorded: a push is to replace that, and nothing
// newer.
func (p *puller) changedHere(members []found, file string) {
	for _, m := range members {
		if before, known := p.book.before[m.arn.String()]; known {
			p.book.add(before, func(*counts) {})
		}
	}
	p.skipAll(members, pullfile.Changed, file+" holds another policy than the one in force, and was not written by pull: it stays as it is. See what differs with `keysmith plan`; delete the file to pull the policy in force")
}

func (p *puller) skipAll(members []found, why pullfile.Reason, message string) {
	for _, m := range members {
		p.book.skip(pullfile.Skipped{Account: m.arn.Account, Region: m.arn.Region, ARN: m.arn.String(), Reason: why, Message: message})
	}
}

// removeOld removes the files under which a key stood before, where nobody has
// changed them: a set may have been split or come together.
func (p *puller) removeOld(members []found, object string) error {
	for _, m := range members {
		for _, other := range p.home.others(m.arn, object) {
			for _, file := range p.files[other] {
				if err := p.removeFile(m.arn, file); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (p *puller) removeFile(arn objectkey.ARN, file string) error {
	text, err := read(p.options.dir, file)
	if err != nil || text == nil {
		return err
	}
	before, known := p.book.before[arn.String()]
	if !known || before.File != file || before.SHA256 != sum(text) {
		p.warn("%s is for the key %s as well, which has another file now. Delete one of them", file, arn)
		return nil
	}
	if err := os.Remove(filepath.Join(p.options.dir, filepath.FromSlash(file))); err != nil && !os.IsNotExist(err) {
		return fmt.Errorf("removing what another file replaces: %w", err)
	}
	p.book.mu.Lock()
	p.book.counts.moved++
	p.book.mu.Unlock()
	return nil
}

// resumes reports whether a pull that was stopped has read the key already, and its
// file is as that pull left it.
func (p *puller) resumes(arn objectkey.ARN) bool {
	k, done := p.book.done(arn.String())
	if !done {
		return false
	}
	text, err := read(p.options.dir, k.File)
	if err != nil || text == nil || sum(text) != k.SHA256 || len(p.files[k.Object]) != 1 {
		return false
	}
	p.book.add(k, func(c *counts) { c.resumed++ })
	return true
}
