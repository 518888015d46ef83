package demo

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/keysmith/keysmith/scripts/internal/terminal"
	"github.com/keysmith/keysmith/scripts/local/stack"
	"github.com/keysmith/keysmith/scripts/local/story"
	"github.com/keysmith/keysmith/scripts/local/verdict"
	"github.com/keysmith/keysmith/shared/keypolicy"
)

// A stage is where the scenes play.
type stage struct {
	screen *terminal.Screen
	report verdict.Writer
	events bool // show them as they are on the bus
	stack  *stack.Stack
	before int // PutKeyPolicy calls before the act that is judged
}

// batchWindow is long enough for an event that comes twice to be one batch,
// also on a machine that is busy.
const batchWindow = 200 * time.Millisecond

// patience is how long a scene may take before something must be wrong.
const patience = 20 * time.Second

func (st *stage) text(document string) []byte { return story.Text(document, st.stack.Account()) }

// textFor is the policy with this name for a key, which may be another account's.
func (st *stage) textFor(k story.Key, document string) []byte {
	return story.Text(document, cmp.Or(k.Account, st.stack.Account()))
}

// do says what happens now.
func (st *stage) do(format string, args ...any) {
	st.screen.Item(2, terminal.Span{Style: terminal.Cyan, Text: "→"}, terminal.Text(format, args...))
}

func (st *stage) dim(indent int, format string, args ...any) {
	st.screen.Line(indent, terminal.Span{Style: terminal.Dim, Text: fmt.Sprintf(format, args...)})
}

func (st *stage) title(format string, args ...any) {
	st.screen.Blank()
	st.screen.Line(0, terminal.Span{Style: terminal.Bold, Text: fmt.Sprintf(format, args...)})
}

// play runs one scene, shows the result, and returns what is not as it should
// be.
func (st *stage) play(ctx context.Context, sc scene) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	st.before = putCalls(st.stack.Cloud.Calls())
	_, accepted := st.stack.PutsSince(0)
	if err := sc.act(ctx, st); err != nil {
		return nil, err
	}
	results, err := st.stack.Settle(ctx)
	if err != nil {
		return nil, err
	}
	s := seen{
		puts:     putCalls(st.stack.Cloud.Calls()) - st.before,
		inForce:  st.stack.Cloud.KMS.Policy(sc.key.Ref()),
		document: string(st.textFor(sc.key, sc.document)),
	}
	puts, _ := st.stack.PutsSince(accepted)
	for _, r := range results {
		s.events = append(s.events, r.Event)
		st.show(r, verdict.About{Document: []byte(s.document), Puts: len(puts)})
	}
	w := sc.want
	w.inForce = string(st.textFor(sc.key, w.inForce))
	st.state(sc, s)
	return w.faults(s), st.stack.Failures()
}

func (st *stage) show(r stack.Result, about verdict.About) {
	st.report.Event(r.Event, about)
	if st.events {
		st.report.Raw(r.Raw)
	}
}

// state shows what the account looks like after the scene.
func (st *stage) state(sc scene, s seen) {
	named := "none of the files of this demo"
	for _, document := range story.Documents() {
		if keypolicy.SameText(s.inForce, string(st.textFor(sc.key, document)), "aws") {
			named = document + ".json"
			break
		}
	}
	st.dim(4, "PutKeyPolicy calls: %d. In force on %s: %s", s.puts, sc.key.Alias(), named)
}
