package status

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/keysmith/keysmith/scripts/keysmith/internal/browsertest"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/status/page"
)

// browser starts headless Chromium, or skips the test where it is not installed.
func browser(t *testing.T) context.Context {
	t.Helper()
	if !browsertest.Installed() {
		t.Skip("Chromium is not installed (make browser), so the page is not clicked through")
	}
	ctx, stop := browsertest.Start()
	t.Cleanup(stop)
	return ctx
}

// A visitor clicks through a page. What the page does wrong fails the test: an error
// of its program, a breach of its Content-Security-Policy, and every request.
type visitor struct {
	*testing.T
	run func(...chromedp.Action) error
	url string
}

func visit(browser context.Context, t *testing.T, d *page.Data) *visitor {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser) // a tab of its own
	t.Cleanup(cancel)
	text, err := page.Render(d)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "fleet.html")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	v := &visitor{t, func(actions ...chromedp.Action) error { return chromedp.Run(ctx, actions...) }, "file://" + path}
	chromedp.ListenTarget(ctx, func(event any) {
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			t.Errorf("the program of the page failed: %s", e.ExceptionDetails.Error())
		case *log.EventEntryAdded:
			t.Errorf("the browser says: %s", e.Entry.Text)
		case *network.EventRequestWillBeSent:
			if e.Request.URL != v.url {
				t.Errorf("the page asks the network for %s", e.Request.URL)
			}
		}
	})
	v.do(network.Enable(), log.Enable(), chromedp.EmulateViewport(1280, 900), chromedp.Navigate(v.url), chromedp.WaitReady("html[data-ready]", chromedp.ByQuery))
	return v
}

func (v *visitor) do(actions ...chromedp.Action) {
	v.Helper()
	if err := v.run(actions...); err != nil {
		v.Fatal(err)
	}
}

// text is what a person reads in an element that can be seen.
func (v *visitor) text(selector string) (text string) {
	v.Helper()
	v.do(chromedp.Text(selector, &text, chromedp.ByQuery, chromedp.NodeVisible))
	return text
}

func (v *visitor) click(selector string) {
	v.Helper()
	v.do(chromedp.Click(selector, chromedp.ByQuery, chromedp.NodeVisible))
}

// write replaces what stands in a field.
func (v *visitor) write(selector, text string) {
	v.Helper()
	var ok bool
	v.do(chromedp.Evaluate(fmt.Sprintf("(() => { const e = document.querySelector(%q); e.value = %q; e.dispatchEvent(new Event('input', {bubbles: true})); return true })()", selector, text), &ok))
}

// expect checks that an element shows a text.
func (v *visitor) expect(selector, want string) {
	v.Helper()
	if got := v.text(selector); !strings.Contains(got, want) {
		v.Errorf("%s shows %q; want %q in it", selector, got, want)
	}
}

func (v *visitor) attribute(selector, name string) (value string) {
	v.Helper()
	v.do(chromedp.AttributeValue(selector, name, &value, nil, chromedp.ByQuery))
	return value
}

// filtering is how long the filters take.
func (v *visitor) filtering() string {
	v.Helper()
	var took string
	v.do(chromedp.Evaluate(`(() => {
  const took = [];
  for (const [view, field, words] of [["keys", "key-filter", "person-20"], ["principal", "principal-filter", "arn:aws:iam::111122223333:role/app-7"], ["who", "who-filter", "0000"]]) {
    document.querySelector("[data-view=" + view + "]").click();
    const e = document.getElementById(field), start = performance.now();
    e.value = words;
    e.dispatchEvent(new Event("input"));
    took.push(view + " " + Math.round(performance.now() - start) + " ms");
    e.value = "";
  }
  document.querySelector("[data-view=keys]").click();
  return took.join(", ");
})()`, &took))
	return took
}

// shoot keeps a picture where KEYSMITH_PICTURES names a folder.
func (v *visitor) shoot(name string) {
	v.Helper()
	dir := os.Getenv("KEYSMITH_PICTURES")
	if dir == "" {
		return
	}
	var picture []byte
	v.do(chromedp.CaptureScreenshot(&picture))
	if err := os.WriteFile(filepath.Join(dir, name+".png"), picture, 0o600); err != nil { //nolint:gosec // who runs the test may name any folder
		v.Fatal(err)
	}
}

func (v *visitor) dark(on bool) {
	v.Helper()
	scheme := map[bool]string{true: "dark", false: "light"}[on]
	v.do(emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}))
}

func TestThePageInABrowser(t *testing.T) {
	sample() // of a large one, the computing takes longer than the browser waits
	ctx := browser(t)
	if err := chromedp.Run(ctx); err != nil { // starts it
		t.Fatal(err)
	}
	t.Run("a person clicks through it", func(t *testing.T) { clickThrough(visit(ctx, t, sample())) })
	t.Run("it is readable in the dark and on a telephone", func(t *testing.T) { look(visit(ctx, t, sample())) })
	t.Run("hostile texts stay texts", func(t *testing.T) { hostileTexts(ctx, t) })
}

func clickThrough(v *visitor) {
	keys := len(sample().Keys)
	v.Logf("%d keys: open after %s ms, filtered in %s", keys, v.attribute("html", "data-ready"), v.filtering())
	v.expect("h1", "keysmith-policies")
	v.expect("header p", "The last sweep ended 2026-11-27T12:00:00Z")
	v.expect("#key-count", strconv.Itoa(keys)[:1])
	v.shoot("keys")

	// States, and a filter.
	v.click(`.tile[data-state="drifted"]`)
	v.expect("#key-list", "by arn:aws:sts::111122223333:assumed-role/Admin/person-20")
	v.write("#key-filter", "no such thing")
	v.expect("#key-list", "Nothing to show.")
	v.write("#key-filter", "PERSON-20 00026AAC")
	v.expect("#key-count", "1 key")

	// One key.
	v.click("#key-list .row")
	v.expect("#detail", "Last applied")
	v.expect("#detail", "arn:aws:iam::111122223333:role/app-20")
	v.expect("#detail", `kms:EncryptionContext:service`)
	v.shoot("detail")
	v.click("#detail-close")

	// Findings.
	v.click(`[data-view="findings"]`)
	v.expect("#finding-count", "findings")
	v.click("#rules button")
	v.shoot("findings")

	// What a principal may do: its own statements, and IAM through the root.
	v.click(`[data-view="principal"]`)
	v.write("#principal-filter", "arn:aws:iam::111122223333:role/app-7")
	v.expect("#principal-list", "Decrypt")
	v.expect("#principal-list", "where an IAM policy of the account allows it")
	v.write("#principal-filter", "role/team-03/admin-1")
	v.expect("#principal-count", fmt.Sprintf("of %d keys", keys/40))
	v.shoot("principal")

	// Who may do it.
	v.click(`[data-view="who"]`)
	v.do(chromedp.SetValue("#who-action", "9", chromedp.ByQuery))
	v.write("#who-filter", "00000000-0000-4000-8000-000000000000")
	v.expect("#who-list", "111122223333:role/team-00/admin-0")
	v.shoot("who")
}

func look(v *visitor) {
	for _, dark := range []bool{false, true} {
		v.dark(dark)
		for _, width := range []int64{390, 1280} {
			v.do(chromedp.EmulateViewport(width, 844))
			var wide, low float64
			v.do(chromedp.Evaluate("document.documentElement.scrollWidth", &wide), chromedp.Evaluate(contrast, &low))
			if int64(wide) > width {
				v.Errorf("the page is %v wide on a screen of %d", wide, width)
			}
			if low < 4.5 {
				v.Errorf("dark %v: a text has a contrast of %.1f; want 4.5", dark, low)
			}
			v.shoot(fmt.Sprintf("dark-%v-%d", dark, width))
		}
	}
}

// contrast is the least contrast of a text and what is behind it.
const contrast = `(() => {
  const rgb = (c) => (c.match(/[\d.]+/g) || []).map(Number);
  const light = (c) => { const [r, g, b] = rgb(c).map((x) => { x /= 255; return x <= 0.03928 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const behind = (e) => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; const v = rgb(c); if (v.length === 3 || v[3] > 0) return c; } return "rgb(255,255,255)"; };
  let least = 21;
  for (const e of document.querySelectorAll("h1, p, button, .row > *, .badge")) {
    if (!e.textContent.trim() || !e.offsetParent || e.closest(".none")) continue;
    const a = light(getComputedStyle(e).color), b = light(behind(e));
    least = Math.min(least, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
  }
  return least;
})()`

func hostileTexts(ctx context.Context, t *testing.T) {
	t.Helper()
	f := bigFleet(2)
	const bad = `<img src=x onerror="document.title='owned'"><b id=owned>x</b>`
	f.Keys[0].Object, f.Keys[0].Message, f.Bucket = "policies/"+bad, bad, bad
	v := visit(ctx, t, testReporter().pageData(f))
	v.expect("#key-list", bad)
	v.click("#key-list .row")
	v.expect("#detail", bad)
	var owned bool
	v.do(chromedp.Evaluate(`document.title === "owned" || document.getElementById("owned") !== null || document.querySelectorAll("img").length > 0`, &owned))
	if owned {
		t.Error("a text became a part of the page")
	}
}
