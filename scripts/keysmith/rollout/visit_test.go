package rollout

import (
	"context"
	"fmt"
	"strings"

	"github.com/chromedp/chromedp"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/keysmith/keysmith/scripts/keysmith/internal/browsertest"
)

// visit opens a page in Chromium and does what a file says: visit fleet.html steps.
// A step is one line: expect SELECTOR = TEXT, write SELECTOR = TEXT, click SELECTOR.
func visit(ts *testscript.TestScript, _ bool, args []string) {
	ctx, stop := browsertest.Start()
	defer stop()
	ts.Check(chromedp.Run(ctx, chromedp.Navigate("file://"+ts.MkAbs(args[0])), chromedp.WaitReady("html[data-ready]", chromedp.ByQuery)))
	for line := range strings.Lines(ts.ReadFile(args[1])) {
		if err := step(ctx, strings.TrimSpace(line)); err != nil {
			ts.Fatalf("%s: %s: %v", args[0], line, err)
		}
	}
}

func step(ctx context.Context, line string) error {
	verb, rest, _ := strings.Cut(line, " ")
	selector, text, _ := strings.Cut(rest, " = ")
	switch verb {
	case "click":
		return chromedp.Run(ctx, chromedp.Click(selector, chromedp.ByQuery, chromedp.NodeVisible))
	case "write":
		var done bool
		return chromedp.Run(ctx, chromedp.Evaluate(fmt.Sprintf(
			"(() => { const e = document.querySelector(%q); e.value = %q; e.dispatchEvent(new Event('input', {bubbles: true})); return true })()", selector, text), &done))
	case "expect":
		var seen string
		if err := chromedp.Run(ctx, chromedp.Text(selector, &seen, chromedp.ByQuery, chromedp.NodeVisible)); err != nil {
			return err
		}
		if !strings.Contains(seen, text) {
			return fmt.Errorf("the page shows %q", seen)
		}
		return nil
	}
	return fmt.Errorf("%q is no step", verb)
}
