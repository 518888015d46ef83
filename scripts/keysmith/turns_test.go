package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// turns makes 40 policy files for each account, from one that names its account
// ACCOUNT: turns policy.json 444455556666 555566667777.
func turns(ts *testscript.TestScript, _ bool, args []string) {
	for _, account := range args[1:] {
		folder := ts.MkAbs(filepath.Join("policies", account, "us-east-1"))
		ts.Check(os.MkdirAll(folder, 0o700))
		text := strings.ReplaceAll(ts.ReadFile(args[0]), "ACCOUNT", account)
		for i := range 40 {
			name := fmt.Sprintf("%08x-0000-4000-8000-000000000000.json", i)
			ts.Check(os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600))
		}
	}
}

// inturns checks that the first 20 uploads are of all these accounts, five of each
// at least: inturns 444455556666 555566667777. Sorted, they are all of the first.
func inturns(ts *testscript.TestScript, _ bool, args []string) {
	of, seen := map[string]int{}, 0
	for _, c := range cloudOf(ts).Calls() {
		if c.Service != "s3" || c.Action != "PutObject" || seen == 20 {
			continue
		}
		seen++
		for _, account := range args {
			if strings.Contains(c.Resource, "/"+account+"/") {
				of[account]++
			}
		}
	}
	for _, account := range args {
		if of[account] < 5 {
			ts.Fatalf("of the first %d uploads %d are for %s: %v", seen, of[account], account, of)
		}
	}
}
