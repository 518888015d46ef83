package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/keysmith/keysmith/scripts/keysmith/internal/pullfile"
	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/keypolicy"
)

const fleetPolicy = `{"Version": "2012-10-17", "Statement": [{"Sid": "Key NUMBER", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::ACCOUNT:root"}, "Action": "kms:*", "Resource": "*"}]}`

// fleetCloud is an AWS with so many keys in three accounts and two Regions.
func fleetCloud(t *testing.T, keys int) (*fakeaws.Cloud, string) {
	t.Helper()
	cloud := fakeaws.New(fakeaws.Options{AnyPrincipal: true, Region: "eu-west-1"})
	url, stop := fakeaws.Start(cloud)
	t.Cleanup(stop)
	for _, account := range []string{"444455556666", "777788889999"} {
		cloud.AddRole(fakeaws.Role{
			ARN:   "arn:aws:iam::" + account + ":role/keysmith-target-plan",
			Trust: `{"Statement": [{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"}]}`,
		})
	}
	makeFleet(cloud, keys, fleetPolicy)
	return cloud, url
}

func pullAll(url, dir string, more ...string) *exec.Cmd {
	args := append([]string{"pull", "--dir", dir, "--accounts", "111122223333,444455556666,777788889999", "--regions", "eu-west-1,us-east-1"}, more...)
	c := exec.Command(filepath.Join(program, "keysmith"), args...) //nolint:gosec // the program that this test built
	c.Env = append(os.Environ(), awsEnvironment(url)...)
	return c
}

// A pull that is killed or interrupted at any call leaves whole files only, and run
// again it ends as if nothing had happened. With PULL_KILLS=1 it ends at every call.
func TestAPullThatEndsAtAnyCallIsContinued(t *testing.T) {
	step := 11
	if n, err := strconv.Atoi(os.Getenv("PULL_KILLS")); err == nil {
		step = n
	}
	for i, sig := range []syscall.Signal{syscall.SIGKILL, syscall.SIGINT} {
		for at := 1 + i*step/2; ; at += step {
			if done := pullEnding(t, at, sig); done {
				break
			}
		}
	}
}

// pullEnding sends a signal when the call with a number has been done, before it is
// answered. It is true where the pull had ended before.
func pullEnding(t *testing.T, at int, sig syscall.Signal) bool {
	t.Helper()
	const keys, kept = 20, 18
	cloud, url := fleetCloud(t, keys)
	e := ending{sig: sig, at: at}
	cloud.AfterEach(e.after)
	dir := t.TempDir()
	err := e.run(t, pullAll(url, dir))
	wholeFiles(t, dir)
	if out, err := pullAll(url, dir).CombinedOutput(); err != nil {
		t.Errorf("%s after call %d, and run again: %v\n%s", sig, at, err, out)
	}
	if err := differences(cloud, dir, kept); err != nil {
		t.Errorf("%s after call %d, and run again: %v", sig, at, err)
	}
	if n := wholeFiles(t, dir); n != kept {
		t.Errorf("%s after call %d, and run again: %d policies in the tree, want %d", sig, at, n, kept)
	}
	return err == nil
}

// wholeFiles checks that each policy in the tree can be judged, and counts them.
func wholeFiles(t *testing.T, dir string) (n int) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(dir, "policies"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".json") {
			return err
		}
		n++
		text, err := os.ReadFile(path) //nolint:gosec // in a folder of this test
		if p, _ := keypolicy.Parse(text); p.Opaque() {
			t.Errorf("%s holds half a policy: %q", path, text)
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	if _, err := pullfile.Load(dir); err != nil {
		t.Error(err)
	}
	return n
}

// A pull of many keys keeps to the quotas. PULL_KEYS asks for more keys than the
// few of an everyday run; then its figures say how near it comes to the quotas.
func TestAPullOfManyKeysKeepsToTheQuotas(t *testing.T) {
	keys := 240
	if n, err := strconv.Atoi(os.Getenv("PULL_KEYS")); err == nil {
		keys = n
	}
	cloud, url := fleetCloud(t, keys)
	share := 10.0 // of KMS's quotas a tenth, so that the machine is not the limit
	if f, err := strconv.ParseFloat(os.Getenv("PULL_SHARE"), 64); err == nil {
		share = f
	}
	var quotas []fakeaws.Quota
	for _, q := range fakeaws.DocumentedQuotas() {
		q.PerSecond /= share
		quotas = append(quotas, q)
	}
	cloud.SetQuotas(quotas...)
	dir := t.TempDir()
	c := pullAll(url, dir, "--reads-per-second", fmt.Sprint(900/share))
	begin := time.Now()
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	took := time.Since(begin)
	if err := differences(cloud, dir, keys-keys/10); err != nil {
		t.Error(err)
	}
	validPull(t, dir)
	reads, throttled, span := readsOf(cloud)
	if throttled > keys/20 {
		t.Errorf("%d of %d reads were throttled", throttled, keys)
	}
	rss := int64(0)
	if usage, ok := c.ProcessState.SysUsage().(*syscall.Rusage); ok {
		rss = usage.Maxrss >> 10
	}
	t.Logf("%d keys in %.1f s, of which reading %.1f s: %.1f policies a second in each account and Region, %.0f %% of the quota, %d throttled, at most %d MiB",
		keys, took.Seconds(), span.Seconds(), float64(reads)/6/span.Seconds(), float64(reads)/6/span.Seconds()/(1000/share)*100, throttled, rss)
}

// readsOf counts the policies that were read, and how long that took.
func readsOf(cloud *fakeaws.Cloud) (reads, throttled int, span time.Duration) {
	var first, last time.Time
	for _, c := range cloud.Calls() {
		if c.Action != "GetKeyPolicy" {
			continue
		}
		if c.Error != "" {
			throttled++
			continue
		}
		if reads++; first.IsZero() || c.Time.Before(first) {
			first = c.Time
		}
		if c.Time.After(last) {
			last = c.Time
		}
	}
	return reads, throttled, last.Sub(first)
}

func validPull(t *testing.T, dir string) {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	schema, err := compiler.Compile(filepath.Join("internal", "pullfile", "schema", "pull.json"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, pullfile.Name))
	if err != nil {
		t.Fatal(err)
	}
	instance, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(instance); err != nil {
		t.Error(err)
	}
}
