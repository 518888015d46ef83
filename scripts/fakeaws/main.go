// Command fakeaws serves the local AWS until it is stopped. It prints its
// URL, which is what AWS_ENDPOINT_URL must be for SDKs, the AWS CLI and boto3.
//
//	go run ./scripts/fakeaws -addr 127.0.0.1:4566 -any-principal
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/keysmith/keysmith/shared/fakeaws"
)

func main() {
	var o fakeaws.Options
	addr := flag.String("addr", "127.0.0.1:0", "address to listen on; port 0 takes a free one")
	flag.StringVar(&o.Account, "account", "111122223333", "account id")
	flag.StringVar(&o.Region, "region", "us-east-1", "Region")
	flag.StringVar(&o.Caller, "caller", "", "`ARN` of the caller (default: a role named admin)")
	flag.Int64Var(&o.Seed, "seed", 0, "seed of ids and faults")
	flag.BoolVar(&o.AnyPrincipal, "any-principal", false, "every well-formed role and user exists")
	flag.Parse()
	if err := run(*addr, o); err != nil {
		slog.Error("serving the local AWS", "err", err)
		os.Exit(1)
	}
}

func run(addr string, o fakeaws.Options) error {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	url, stop, err := fakeaws.Serve(fakeaws.New(o), addr)
	if err != nil {
		return err
	}
	defer stop()
	fmt.Println(url)
	<-ctx.Done()
	return nil
}
