package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/keysmith/keysmith/scripts/local/stack"
	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/outcome"
)

// A stage is where the scenes play.
type stage struct {
	screen
	stack  *stack.Stack
	before int // PutKeyPolicy calls before the act that is judged
}

// batchWindow is long enough for an event that comes twice to be one batch,
// also on a machine that is busy.
const batchWindow = 200 * time.Millisecond

// open runs the stack, with the account that the story is set in. log takes
// what the function writes.
func (f flags) open(sc screen, log io.Writer, anyPrincipal bool) (*stage, error) {
	if f.verbose {
		log = io.MultiWriter(log, os.Stderr)
	}
	running, err := stack.Start(stack.Config{
		Template:     f.template,
		Bootstrap:    f.bootstrap,
		Address:      f.address,
		Parameters:   parameters(),
		Window:       batchWindow,
		Log:          log,
		AnyPrincipal: anyPrincipal,
		Inspect:      f.inspect,
	})
	if err != nil {
		return nil, err
	}
	st := &stage{screen: sc, stack: running}
	st.furnish()
	return st, nil
}

// patience is how long a scene may take before something must be wrong.
const patience = 20 * time.Second

func (st *stage) text(document string) []byte {
	text, err := policies.ReadFile("policies/" + document + ".json")
	if err != nil {
		panic(err) // the files are part of the program
	}
	return text
}

// furnish makes the keys, their aliases and the roles of the story.
func (st *stage) furnish() {
	for _, role := range []string{"break-glass", "orders", "payments", "invoices"} {
		st.stack.Cloud.KMS.AddPrincipal("arn:aws:iam::" + stack.Account + ":role/" + role)
	}
	st.stack.Cloud.KMS.AddPrincipal("arn:aws:iam::999988887777:role/partner")
	orders, payments, invoices := story()
	for _, k := range []key{orders, payments, invoices} {
		st.stack.Cloud.KMS.CreateKey(fakeaws.KeySpec{ID: k.id})
		st.stack.Cloud.KMS.CreateAlias(k.alias(), k.id)
	}
}

// play runs one scene, shows what came of it, and returns what is not as it
// should be.
func (st *stage) play(ctx context.Context, sc scene) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	st.before = putCalls(st.stack.Cloud.Calls())
	if err := sc.act(ctx, st); err != nil {
		return nil, err
	}
	events, err := st.stack.Settle(ctx)
	if err != nil {
		return nil, err
	}
	s := seen{
		events:   events,
		puts:     putCalls(st.stack.Cloud.Calls()) - st.before,
		inForce:  st.stack.Cloud.KMS.Policy(sc.key.id),
		document: string(st.text(sc.document)),
	}
	for _, e := range events {
		st.verdict(e, []byte(s.document))
	}
	w := sc.want
	w.inForce = string(st.text(w.inForce))
	st.state(sc, s)
	return w.faults(s), st.stack.Failures()
}

// state shows what the account looks like after the scene.
func (st *stage) state(sc scene, s seen) {
	named := "none of the files of this demo"
	for _, document := range []string{"orders", "payments", "invoices-older", "invoices-newer", "typo", "lockout", "untrusted"} {
		if keypolicy.SameText(s.inForce, string(st.text(document)), "aws") {
			named = document + ".json"
			break
		}
	}
	st.detail(st.paint(dim, fmt.Sprintf("KMS was sent %d PutKeyPolicy; in force on %s: %s", s.puts, sc.key.alias(), named)))
}

// request asks for a policy through the request bus, with the alias of the key.
func request(k key, document string) func(context.Context, *stage) error {
	return func(_ context.Context, st *stage) error {
		detail, err := json.Marshal(map[string]any{"key": k.alias(), "policy": json.RawMessage(st.text(document))})
		if err != nil {
			return fmt.Errorf("writing the request: %w", err)
		}
		bus := st.stack.Bus("RequestBus")
		st.do(fmt.Sprintf("an event on the bus %s asks for %s.json on %s", bus, document, k.alias()))
		st.stack.Cloud.Events.Publish(bus, fakeaws.Entry{
			Source:     "platform.pipeline",
			DetailType: "KMS Key Policy Apply Requested",
			Account:    stack.Account,
			Region:     stack.Region,
			Time:       time.Now(),
			Detail:     detail,
		})
		return nil
	}
}

// late uploads one policy and then another, and when all is done lets S3 tell
// of the first one again, twice.
func late(k key, older, newer string) func(context.Context, *stage) error {
	return func(ctx context.Context, st *stage) error {
		for _, document := range []string{older, newer} {
			if err := upload(k, document)(ctx, st); err != nil {
				return err
			}
			events, err := st.stack.Settle(ctx)
			if err != nil {
				return err
			}
			if len(events) != 1 || events[0].Type != outcome.Applied || !events[0].Detail.Data.Changed {
				return fmt.Errorf("%s.json was not applied: %+v", document, events)
			}
		}
		first, ok := firstUpload(st.stack.Cloud.Events.Entries("default"), k.object())
		if !ok {
			return fmt.Errorf("S3 never told of %s", k.object())
		}
		st.do(fmt.Sprintf("both were applied; now S3 tells of the older one again (event of %s), twice", first.Time.Format(time.TimeOnly)))
		st.before = putCalls(st.stack.Cloud.Calls())
		for range 2 {
			st.stack.Cloud.Events.Publish("default", first)
		}
		return nil
	}
}

func firstUpload(entries []fakeaws.Entry, object string) (fakeaws.Entry, bool) {
	for _, e := range entries {
		if e.Source == "aws.s3" && bytes.Contains(e.Detail, []byte(`"`+object+`"`)) {
			return e, true
		}
	}
	return fakeaws.Entry{}, false
}
