package watch

import (
	"time"

	"github.com/keysmith/keysmith/scripts/internal/terminal"
	"github.com/keysmith/keysmith/scripts/local/stack"
	"github.com/keysmith/keysmith/scripts/local/verdict"
	"github.com/keysmith/keysmith/shared/outcome"
)

// results shows the result events that have come.
func (w *watcher) results() error {
	results, err := w.stack.Results()
	if err != nil {
		return err
	}
	for _, r := range results {
		w.heading(r.Detail.Metadata.Time, verdict.Subject(r.Event))
		w.report.Event(r.Event, verdict.About{Document: verdict.Judged(w.stack.Cloud.S3, r.Event), Puts: w.putsFor(r)})
		w.hint(r.Event)
		if w.cfg.Events {
			w.report.Raw(r.Raw)
		}
	}
	return nil
}

func (w *watcher) heading(at time.Time, subject string) {
	w.screen.Blank()
	w.screen.Line(0, terminal.Span{Style: terminal.Dim, Text: at.Local().Format(time.TimeOnly)}, terminal.Text(" "), terminal.Span{Style: terminal.Bold, Text: subject})
}

// putsFor counts the policies that KMS accepted from the function for the key
// of an event, since the event before. Two runs for one key may count each
// other's: then it is not said that nothing was changed, though it may be true.
func (w *watcher) putsFor(r stack.Result) int {
	puts, all := w.stack.PutsSince(w.counted)
	w.counted = all
	for _, p := range puts {
		if w.stack.ByFunction(p) {
			w.puts[p.KeyID]++
		}
	}
	key := r.Detail.Data.Key
	if key == nil {
		return 0
	}
	n := w.puts[key.ID]
	delete(w.puts, key.ID)
	return n
}

// hint says what is to be known about this stack, which AWS would not say.
func (w *watcher) hint(e outcome.Event) {
	data := e.Detail.Data
	if err := data.Error; data.Object != nil && err != nil && err.Code == outcome.NotFound && !w.cfg.CreateKeys {
		w.line("The local AWS has only the keys listed at the start. With --create-keys (make local ARGS=--create-keys) it has one for each file.")
	}
}
