// Package browsertest starts the browser in which tests click through the page of
// keysmith status. What that page does is done by its own program, so only a browser
// can show it.
package browsertest

import (
	"context"
	"os/exec"
	"time"

	"github.com/chromedp/chromedp"
)

// path is where Chromium is; empty where it is not installed.
func path() string {
	// Debian's command for the headless shell is a script, which would die alone.
	for _, name := range []string{"/usr/lib/chromium/chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			return found
		}
	}
	return ""
}

// Installed reports whether there is a browser to start.
func Installed() bool { return path() != "" }

// Start prepares headless Chromium for the context that it returns. The first action
// starts it, and the function ends it; after three minutes it ends by itself.
func Start() (context.Context, func()) {
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path()), chromedp.NoSandbox, chromedp.WSURLReadTimeout(time.Minute))
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	allocated, free := chromedp.NewExecAllocator(ctx, options...)
	browser, stop := chromedp.NewContext(allocated, chromedp.WithErrorf(func(string, ...any) {})) // it reports events that it does not know
	return browser, func() {
		stop()
		free()
		cancel()
	}
}
