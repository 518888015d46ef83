// Package watch keeps the local stack running and uploads what changes in a
// folder. It shows the result of each upload, and what others do to the bucket
// and to the keys meanwhile.
package watch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/keysmith/keysmith/scripts/internal/terminal"
	"github.com/keysmith/keysmith/scripts/local/stack"
	"github.com/keysmith/keysmith/scripts/local/story"
	"github.com/keysmith/keysmith/scripts/local/verdict"
	"github.com/keysmith/keysmith/shared/keypolicy"
)

// Config says what to watch.
type Config struct {
	Stack      stack.Config
	Folder     string
	Screen     *terminal.Screen
	RejectAt   keypolicy.Severity     // the function's setting
	Show       keypolicy.Severity     // findings of this severity or worse are shown
	Exclude    func(path string) bool // tells what in the folder is left out; nil: nothing is
	Settings   string                 // the settings that are not the default, in words
	Events     bool                   // show each result event as it is on the bus
	CreateKeys bool                   // make a key for each file whose key does not exist
	Log        io.Writer              // takes the function's log; may be nil
}

// poll is how often the folder is scanned. A file has to look the same twice
// before it is taken, so that no half-written one is.
const poll = 200 * time.Millisecond

// batchWindow is how long the queue waits for more messages.
const batchWindow = 200 * time.Millisecond

// Run watches until ctx ends, which is no error.
func Run(ctx context.Context, cfg Config) error {
	fresh, err := prepare(cfg.Folder, cfg.Stack.Account)
	if err != nil {
		return err
	}
	release, err := lock(cfg.Folder)
	if err != nil {
		return err
	}
	defer release()
	w := &watcher{cfg: cfg, screen: cfg.Screen, folder: newFolder(cfg.Folder, cfg.Exclude), puts: map[string]int{}}
	w.report = verdict.Writer{Screen: cfg.Screen, RejectAt: cfg.RejectAt, Show: cfg.Show, File: w.fileOf, Restore: w.restore}
	cfg.Stack.Window, cfg.Stack.AnyPrincipal, cfg.Stack.Log = batchWindow, true, &w.log
	if cfg.Log != nil {
		cfg.Stack.Log = io.MultiWriter(&w.log, cfg.Log)
	}
	if w.stack, err = stack.Start(cfg.Stack); err != nil {
		return err
	}
	defer w.stack.Close()
	story.Furnish(w.stack)
	w.welcome(fresh)
	return w.follow(ctx)
}

// A watcher shows what happens. It does so from one goroutine.
type watcher struct {
	cfg    Config
	screen *terminal.Screen
	report verdict.Writer
	folder *folder
	stack  *stack.Stack
	log    stack.LogTail

	counted int            // puts that are in puts
	puts    map[string]int // by key id: accepted from the function since its last result
	lost    int            // events that no queue took and that were reported
}

// Check reports whether a folder can be watched, or made.
func Check(folder string) error {
	info, err := os.Stat(folder)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("reading the folder to watch: %w", err)
	case !info.IsDir():
		return fmt.Errorf("%s is a file, and watch needs a folder. To judge one file: keysmith lint %s", folder, folder)
	}
	return nil
}

// prepare makes the folder, with a few files to begin with.
func prepare(folder, account string) (fresh bool, err error) {
	if err := Check(folder); err != nil {
		return false, err
	}
	if _, err := os.Stat(folder); err == nil {
		return false, nil
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return false, fmt.Errorf("making the folder to watch: %w", err)
	}
	for k, document := range map[story.Key]string{story.Orders: "orders", story.Payments: "payments", story.Invoices: "invoices-older"} {
		if err := os.WriteFile(filepath.Join(folder, k.ID+".json"), story.Text(document, account), 0o644); err != nil {
			return false, fmt.Errorf("writing a first policy: %w", err)
		}
	}
	return true, nil
}

// fileOf is the file that stands for an object, or where it would be.
func (w *watcher) fileOf(object string) string {
	if path, ok := w.folder.objects[object]; ok {
		return filepath.Join(w.cfg.Folder, path)
	}
	rest, policies := cutPolicies(object)
	if policies {
		return filepath.Join(w.cfg.Folder, filepath.FromSlash(rest))
	}
	return filepath.Join(w.cfg.Folder, filepath.FromSlash(object))
}

// restore is the command that makes keysmith put the object of a key again.
func (w *watcher) restore(object string) string {
	path, ok := w.folder.objects[object]
	if !ok {
		return ""
	}
	file := filepath.Join(w.cfg.Folder, path)
	text, err := os.ReadFile(file)
	if current, there := w.stack.Cloud.S3.Get(w.stack.Bucket(), object); err != nil || !there || !bytes.Equal(text, current.Body) {
		return ""
	}
	return "touch " + file
}

// follow carries changes to the bucket and shows what happens.
func (w *watcher) follow(ctx context.Context) error {
	ticker := time.NewTicker(poll)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			w.screen.Blank()
			w.screen.Line(0, terminal.Text("Stopped."))
			return nil
		case <-ticker.C:
		}
		if err := w.step(); err != nil {
			return err
		}
	}
}

func (w *watcher) step() error {
	changes, remarks, err := w.folder.changes()
	if err != nil {
		return err
	}
	for _, r := range remarks {
		w.note("%s %s.", filepath.Join(w.cfg.Folder, r.path), r.text)
	}
	for _, c := range changes {
		w.carry(c)
	}
	if err := w.objects(); err != nil {
		return err
	}
	w.handPuts()
	if err := w.results(); err != nil {
		return err
	}
	w.failures()
	w.deadLetters()
	return nil
}

func (w *watcher) carry(c change) {
	if c.gone {
		w.stack.Cloud.S3.Delete(w.stack.Bucket(), c.object)
		return
	}
	w.ensureKey(c.object)
	as := ""
	if file := filepath.ToSlash(c.path); c.object != file && c.object != "policies/"+file {
		as = " as " + c.object
	}
	w.do("upload %s%s", filepath.Join(w.cfg.Folder, c.path), as)
	w.stack.Upload(c.object, c.text)
}

// do says what happens now, note what deserves attention, failed what went
// wrong.
func (w *watcher) do(format string, args ...any)     { w.item(terminal.Cyan, "→", format, args...) }
func (w *watcher) note(format string, args ...any)   { w.item(terminal.Yellow, "!", format, args...) }
func (w *watcher) failed(format string, args ...any) { w.item(terminal.Red, "✘", format, args...) }

func (w *watcher) item(style terminal.Style, mark, format string, args ...any) {
	w.screen.Item(2, terminal.Span{Style: style, Text: mark}, terminal.Text(format, args...))
}

func (w *watcher) line(format string, args ...any) {
	w.screen.Line(4, terminal.Text(format, args...))
}
