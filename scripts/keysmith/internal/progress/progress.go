// Package progress shows a person how far a command is.
//
// It shows nothing in a pipe, in a log, and for work that is done within a
// second. What a command says otherwise is not its business: it clears its line
// when it ends.
package progress

import (
	"io"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// patience is how long work takes before it is shown.
const patience = time.Second

// A Bar is a line that says how much is done. Its methods may be called from many
// goroutines. The zero Bar shows nothing.
type Bar struct {
	bar *progressbar.ProgressBar

	mu    sync.Mutex
	parts int
}

// Start begins to show work of so many parts on out, if that is a terminal. The
// number may grow while the work is under way, also from 0.
func Start(out io.Writer, what string, parts int) *Bar {
	if !isTerminal(out) {
		return &Bar{}
	}
	return show(out, what, parts, time.Now().Add(patience))
}

func isTerminal(out io.Writer) bool {
	f, ok := out.(*os.File)
	return ok && term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb" //nolint:gosec // a file descriptor fits
}

// show draws to out, from a moment on.
func show(out io.Writer, what string, parts int, from time.Time) *Bar {
	late := &delayed{out: out, from: from}
	return &Bar{parts: parts, bar: progressbar.NewOptions(max(parts, 1),
		progressbar.OptionSetWriter(late), progressbar.OptionSetDescription(what),
		progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionSetWidth(20),
		progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish(),
	)}
}

// delayed drops what is written before a moment.
type delayed struct {
	out  io.Writer
	from time.Time
}

func (d *delayed) Write(text []byte) (int, error) {
	if time.Now().Before(d.from) {
		return len(text), nil
	}
	return d.out.Write(text)
}

// Add says that so many more parts are done.
func (b *Bar) Add(n int) {
	if b != nil && b.bar != nil {
		_ = b.bar.Add(n) // a line that cannot be drawn is no fault of the work
	}
}

// Expect says that there are so many more parts than was known.
func (b *Bar) Expect(n int) {
	if b == nil || b.bar == nil || n <= 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.parts += n
	b.bar.ChangeMax(b.parts)
}

// Done clears the line.
func (b *Bar) Done() {
	if b != nil && b.bar != nil {
		_ = b.bar.Clear()
		_ = b.bar.Exit()
	}
}
