package rollback

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/keysmith/keysmith/scripts/keysmith/internal/cli"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/history"
	"github.com/keysmith/keysmith/shared/bucket"
	"github.com/keysmith/keysmith/shared/keypolicy"
)

// rollbackTo is the metadata of an upload that says what --to was. By it a call
// that is repeated after a kill knows its own upload.
const rollbackTo = "rollback-to"

func byNumber(names []string, to string) (int, error) {
	n, err := strconv.Atoi(to)
	if err != nil || n < 1 {
		return 0, cli.Misuse("--to %s: want the number of an entry, or the beginning of its name", to)
	}
	if n > len(names) {
		return 0, cli.Misuse("--to %d: the history has %d entries", n, len(names))
	}
	return n, nil
}

func (r *rollback) line(format string, args ...any) { fmt.Fprintf(r.env.Out, format+"\n", args...) }

// back puts the chosen entry back.
func (r *rollback) back(ctx context.Context, names []string) error {
	present, err := r.key.Present(ctx)
	if err != nil {
		return err
	}
	if r.again(present) {
		return r.continued(ctx, present)
	}
	n, err := r.chosen(names)
	if err != nil {
		return err
	}
	entry, err := r.key.Entry(ctx, names, n)
	if err != nil {
		return err
	}
	r.line("%s: entry %d, in force until %s", r.key.Object, n, entry.Until.UTC().Format("2006-01-02 15:04:05 UTC"))
	if !r.acceptable(ctx, entry) {
		r.line("Nothing was uploaded.")
		return cli.Exit(cli.Refused)
	}
	if present != nil && keypolicy.SameText(string(present.Bytes), string(entry.Text), r.key.Partition) {
		r.line("The bucket has this policy already (version %s): nothing was uploaded. If another one is in force, `keysmith push --again` uploads it once more.", present.ID)
		return r.follow(ctx, present.Version)
	}
	return r.upload(ctx, entry, present)
}

// again reports whether the present version is the upload of this very call, made
// before: the numbers of the entries have moved on since.
func (r *rollback) again(present *bucket.Object) bool {
	if present == nil || present.Metadata[history.RollbackOf] == "" {
		return false
	}
	to := present.Metadata[rollbackTo]
	return r.to == to || to == "1" && r.to == "" || to == "" && r.to == "1"
}

func (r *rollback) continued(ctx context.Context, present *bucket.Object) error {
	name := path.Base(present.Metadata[history.RollbackOf])
	name, _, _ = strings.Cut(name, "-")
	r.line("%s: the newest version %s is this rollback already, to the entry %s: nothing was uploaded. To put back another policy, name its entry as `keysmith history` does: --to and its time, such as --to %s.",
		r.key.Object, present.ID, name, name)
	return r.follow(ctx, present.Version)
}

func (r *rollback) upload(ctx context.Context, entry history.Entry, present *bucket.Object) error {
	seen := bucket.Version{}
	if present != nil {
		seen = present.Version
	}
	metadata := map[string]string{history.RollbackOf: entry.History, rollbackTo: r.to}
	if r.to == "" {
		delete(metadata, rollbackTo)
	}
	v, err := r.key.Bucket.Replace(ctx, r.key.Object, entry.Text, metadata, seen)
	switch {
	case errors.Is(err, bucket.ErrChanged):
		r.line("Another version of %s was uploaded in the meantime, so nothing was uploaded. See it with `keysmith history`, and run the command again.", r.key.Object)
		return cli.Exit(cli.Refused)
	case err != nil:
		return fmt.Errorf("uploading %s: %w. Run the command again: it uploads nothing twice", r.key.Object, r.key.Bucket.Explain(err))
	}
	r.line("Uploaded version %s. The working tree still has the newer policy: pull or change it there as well, or the next push puts it back.", v.ID)
	return r.follow(ctx, v)
}
