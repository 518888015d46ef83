package pull

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/keysmith/keysmith/scripts/keysmith/internal/cli"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/pullfile"
	"github.com/keysmith/keysmith/shared/keypolicy"
)

// summary says what is in the tree, what is not, and what would be refused today.
func (p *puller) summary(ctx context.Context) error {
	p.say()
	b := p.book
	managed, missing := p.missing()
	p.line("%s in %s and %s: %s in %s.", plural(p.total(), "key", "keys"), plural(len(p.options.accounts), "account", "accounts"),
		plural(len(p.options.regions), "Region", "Regions"), plural(b.counts.files(), "policy", "policies"), filepath.ToSlash(filepath.Join(p.options.dir, "policies")))
	p.line("%d new, %d replaced, %d as they were%s; skipped: %s that AWS manages.", b.counts.written, b.counts.replaced, b.counts.same, p.extra(), plural(managed, "key", "keys"))
	p.listMissing(missing)
	p.listSets()
	p.judge.all(ctx, p.options.dir, p.readNow())
	if err := ctx.Err(); err != nil {
		return p.stopped(err)
	}
	p.refusals()
	if slices.ContainsFunc(missing, func(s pullfile.Skipped) bool { return s.Reason != pullfile.Unlisted }) {
		return cli.Exit(cli.Refused)
	}
	return nil
}

// readNow are the keys of this pull, without those that it keeps from the one
// before.
func (p *puller) readNow() map[string]pullfile.Key {
	now := maps.Clone(p.book.keys)
	maps.DeleteFunc(now, func(arn string, _ pullfile.Key) bool { return !p.there[arn] })
	return now
}

func (p *puller) line(format string, args ...any) { fmt.Fprintf(p.env.Out, format+"\n", args...) }

// files counts the files of this pull.
func (c counts) files() int { return c.written + c.replaced + c.same + c.resumed }

func (p *puller) total() int {
	n := 0
	for _, s := range p.book.record.Scopes {
		n += s.Listed
	}
	return n
}

// extra counts what most pulls do not have.
func (p *puller) extra() string {
	text := ""
	if n := p.book.counts.resumed; n > 0 {
		text += fmt.Sprintf(", %d from the pull that was stopped", n)
	}
	if n := p.book.counts.moved; n > 0 {
		text += fmt.Sprintf(", %s removed that another name replaces", plural(n, "file", "files"))
	}
	return text
}

// missing are what is not in the tree as it is in force, without keys that AWS
// manages, of which the number is enough.
func (p *puller) missing() (managed int, missing []pullfile.Skipped) {
	for _, s := range p.book.record.Skipped {
		if s.Reason == pullfile.AWSManaged {
			managed++
		} else {
			missing = append(missing, s)
		}
	}
	return managed, missing
}

// mostShown is how many skipped keys of an account, Region and reason are shown.
const mostShown = 3

func (p *puller) listMissing(missing []pullfile.Skipped) {
	if len(missing) == 0 {
		return
	}
	groups := map[string][]pullfile.Skipped{}
	for _, s := range missing {
		at := s.Account + ", " + s.Region + ": " + string(s.Reason)
		groups[at] = append(groups[at], s)
	}
	p.line("\nNot in the tree as in force (all of them are listed in %s):", filepath.ToSlash(filepath.Join(p.options.dir, pullfile.Name)))
	for _, at := range slices.Sorted(maps.Keys(groups)) {
		list := groups[at]
		p.line("  account %s (%s)", at, of(list))
		for _, s := range list[:min(len(list), mostShown)] {
			p.line("    %s%s", short(s.ARN), s.Message)
		}
		if more := len(list) - mostShown; more > 0 {
			p.line("    and %d more", more)
		}
	}
}

func of(list []pullfile.Skipped) string {
	if list[0].ARN == "" {
		return "all keys"
	}
	return plural(len(list), "key", "keys")
}

// short is the id in an ARN, to begin a line with.
func short(arn string) string {
	if arn == "" {
		return ""
	}
	return arn[strings.LastIndex(arn, "/")+1:] + ": "
}

func (p *puller) listSets() {
	if len(p.sets.differing) == 0 {
		return
	}
	slices.Sort(p.sets.differing)
	p.line("\n%s with different policies, so each key has a file of its own:", plural(len(p.sets.differing), "multi-Region set has keys", "multi-Region sets have keys"))
	for _, name := range p.sets.differing {
		p.line("  %s", name)
	}
}

// refusals says what the function would refuse today, and what shows it.
func (p *puller) refusals() {
	j := p.judge
	dir := filepath.ToSlash(p.options.dir)
	if j.unread > 0 {
		p.line("\n%s could not be read again and was not checked.", plural(j.unread, "file", "files"))
	}
	if j.unnamed > 0 {
		p.line("\n%s for keys that the deployment does not write to, by target-accounts and target-regions: lint refuses their names (BAD_OBJECT_KEY).",
			plural(j.unnamed, "file is", "files are"))
	}
	if j.unknown > 0 {
		p.line("\n%s for keys of other accounts or Regions, or for multi-Region sets. Whether the deployment writes to them is not known: set target-accounts and target-regions in keysmith.yaml, as `keysmith config` does.",
			plural(j.unknown, "file is", "files are"))
	}
	if j.policies == 0 {
		return
	}
	if j.refused == 0 {
		p.line("\nlint would refuse none of the policies today.")
		return
	}
	p.line("\n%s of %d would be refused today:", plural(j.refused, "policy", "policies"), j.policies)
	table := tabwriter.NewWriter(p.env.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "  POLICIES\tRULE\tSEVERITY")
	for _, rule := range slices.SortedFunc(maps.Keys(j.rules), func(a, b string) int {
		return cmp.Or(cmp.Compare(j.rules[b], j.rules[a]), cmp.Compare(a, b))
	}) {
		fmt.Fprintf(table, "  %d\t%s\t%s\n", j.rules[rule], rule, severity(rule))
	}
	_ = table.Flush() // what cannot be written cannot be said either
	p.line("`keysmith lint %s%s` shows each of them, `keysmith explain RULE` what to write instead.", dir, p.account())
	p.line("What is set for the deployment decides: `keysmith config --stack NAME` writes keysmith.yaml.")
}

// account is what lint needs as a flag where no keysmith.yaml has it.
func (p *puller) account() string {
	if p.accountSet {
		return ""
	}
	return " --account " + p.home.account
}

func severity(id string) string {
	if rule, known := keypolicy.RuleByID(id); known {
		return rule.Severity.String()
	}
	return ""
}

func plural(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, more)
}
