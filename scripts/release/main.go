// Command release makes what a release consists of: the command line for each
// platform, the stack with its functions, a bill of materials for each program,
// and the checksums of all that.
//
// It exists because the same commit must give the same bytes wherever it is
// built, so that anyone can check a release by making it again. Therefore every
// archive has the time of the commit and a fixed order, and nothing of the
// machine gets in.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
)

func main() {
	r := release{}
	flag.StringVar(&r.source, "source", ".", "`folder` of a clone of the repository")
	flag.StringVar(&r.out, "out", "build/release", "`folder` to write to; its contents are deleted first")
	flag.StringVar(&r.sbom, "sbom", "cyclonedx-gomod", "`program` that writes the bills of materials; empty: the release has none")
	flag.BoolVar(&r.quick, "quick", false, "build for this platform and one architecture of the functions only, for tests")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := r.make(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}
