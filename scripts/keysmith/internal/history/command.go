package history

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/keysmith/keysmith/scripts/internal/repoconfig"
	"github.com/keysmith/keysmith/scripts/internal/terminal"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/cli"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/subject"
	"github.com/keysmith/keysmith/shared/bucket"
	"github.com/keysmith/keysmith/shared/status"
)

// schema is the version of the report's form. Its JSON Schema is
// scripts/keysmith/schema/history.json.
const schema = "keysmith.history/1"

// report is what keysmith history reports.
type report struct {
	Schema  string         `json:"schema"`
	Key     string         `json:"key"` // ARN
	Object  string         `json:"object"`
	Present *version       `json:"present"` // null where the bucket has no object
	Status  *status.Status `json:"status"`  // null where there is none
	Older   int            `json:"older"`   // entries that are not listed
	Entries []Entry        `json:"entries"`
}

// version is the newest version of the key's object.
type version struct {
	VersionID  string    `json:"versionId,omitempty"`
	Time       time.Time `json:"time"`
	Canonical  string    `json:"canonicalSha256,omitempty"`
	Commit     string    `json:"commit,omitempty"`
	RollbackOf string    `json:"rollbackOf,omitempty"`
}

// Command declares keysmith history.
func Command(env cli.Env) *cobra.Command {
	format := cli.NewChoice("text", "json")
	limit := 20
	c := &cobra.Command{
		Use:   "history key",
		Short: "Show the earlier policies of a key, and what replaced them",
		Long: `history lists the policies of a key that keysmith has replaced, newest first. A key is a
key id, a key ARN, alias/NAME, or a file under policies/. The number of an entry is the
argument of rollback --to. history reads only the bucket, and KMS to find an alias.

Each key of a multi-Region set has a history of its own. Name a key of the set by its ARN.

Exit codes: 0 shown; 2 usage error, or something could not be read.`,
		Example: `  keysmith history 1234abcd-12ab-34cd-56ef-1234567890ab --bucket keysmith-policies
  keysmith history alias/orders --limit 0 --format json`,
		Args: cli.Exactly(1, "one key: its id, its ARN, alias/NAME or its file"),
	}
	flags := cli.Settings(c.Flags(), "account", "region", "bucket")
	c.Flags().IntVar(&limit, "limit", limit, "`number` of entries to show; 0 for all")
	format.Register(c, "format", "format of the report")
	c.RunE = func(c *cobra.Command, args []string) error {
		if limit < 0 {
			return cli.Misuse("--limit: %d; want a number of entries, or 0 for all", limit)
		}
		r, err := read(c.Context(), args[0], flags, limit)
		if err != nil {
			return err
		}
		if format.Value == "json" {
			return cli.WriteJSON(env.Out, r)
		}
		r.text(env)
		return nil
	}
	return c
}

func read(ctx context.Context, ref string, flags repoconfig.Set, limit int) (*report, error) {
	scope, err := subject.ScopeOf(".", flags)
	if err != nil {
		return nil, err
	}
	k, err := Open(ctx, ref, scope.Settings)
	if err != nil {
		return nil, err
	}
	present, err := k.Present(ctx)
	if err != nil {
		return nil, err
	}
	names, err := k.Names(ctx)
	if err != nil {
		return nil, err
	}
	r := &report{Schema: schema, Key: k.String(), Object: k.Object, Present: newest(present, k.Partition)}
	if r.Entries, err = k.Entries(ctx, names, limit, present); err != nil {
		return nil, err
	}
	r.Older = len(names) - len(r.Entries)
	store := status.Store{Bucket: k.Bucket.Bucket}
	seen, err := store.Read(ctx, k.Object)
	if err != nil {
		return nil, k.Bucket.Explain(err)
	}
	r.Status = seen.Status
	return r, nil
}

func newest(o *bucket.Object, partition string) *version {
	if o == nil {
		return nil
	}
	return &version{
		VersionID: o.ID, Time: o.Modified.UTC(), Canonical: canonical(o.Bytes, partition),
		Commit: o.Metadata["commit"], RollbackOf: o.Metadata[RollbackOf],
	}
}

// RollbackOf is the metadata of an upload that puts back a policy: the name of the
// copy in the history.
const RollbackOf = "rollback-of"

// when shows a time as people read it.
func when(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

func (r *report) text(env cli.Env) {
	width := env.Columns
	if width == 0 {
		width = 1 << 20 // what reads a pipe wants each entry on few lines
	}
	s := terminal.NewStyled(env.Out, width, env.Colour)
	s.Line(0, terminal.Text("%s (%s)", r.Key, r.Object))
	s.Line(0, terminal.Text("%s", r.present()))
	for _, e := range r.Entries {
		s.Blank()
		s.Item(0, terminal.Span{Style: terminal.Bold, Text: fmt.Sprint(e.N)}, terminal.Text("%s", e.heading()))
		for _, line := range e.lines() {
			s.Line(3, terminal.Text("%s", line))
		}
	}
	switch {
	case len(r.Entries) == 0:
		s.Line(0, terminal.Text("keysmith has replaced no policy of this key."))
	case r.Older > 0:
		s.Blank()
		s.Line(0, terminal.Text("%d older; --limit 0 shows all.", r.Older))
	}
}

// present says what is wanted now, and its outcome.
func (r *report) present() string {
	p := r.Present
	if p == nil {
		return "wanted: nothing, the bucket has no object for the key"
	}
	text := fmt.Sprintf("wanted since %s: version %s", when(p.Time), p.VersionID)
	if p.Commit != "" {
		text += ", commit " + p.Commit
	}
	if p.RollbackOf != "" {
		text += ", a rollback to " + p.RollbackOf
	}
	switch s := r.Status; {
	case s == nil:
		return text + " (status unknown)"
	case !s.Of(p.VersionID, ""):
		return text + " (no outcome yet)"
	case s.Error != nil:
		return text + fmt.Sprintf(" (%s: %s: %s)", s.Outcome, s.Error.Code, s.Error.Message)
	}
	return text + fmt.Sprintf(" (%s)", r.Status.Outcome)
}

func (e Entry) heading() string {
	since := "in force"
	if e.Since != nil {
		since += " from " + when(*e.Since)
	}
	return since + " until " + when(e.Until)
}

// mostChanges is how many changes of an entry are shown.
const mostChanges = 5

func (e Entry) lines() []string {
	var lines []string
	if e.ByOthers {
		lines = append(lines, "not put by keysmith: the policy had been changed by hand or by another tool")
	}
	lines = append(lines, "replaced by version "+e.ReplacedBy.VersionID+" of "+e.ReplacedBy.Object)
	if e.ChangesLost {
		return append(lines, "what changed is not known: that version is not the next entry")
	}
	lines = append(lines, e.Changes[:min(len(e.Changes), mostChanges)]...)
	if more := len(e.Changes) - mostChanges; more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more changes", more))
	}
	return lines
}
