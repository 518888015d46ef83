package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/keysmith/keysmith/shared/fakeaws"
)

const killedPolicy = `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*"}}`

// A push that is killed at any call to AWS, and run again, has uploaded each file
// once, and each is applied. One that is interrupted ends by itself and says so.
func TestAPushThatEndsAtAnyCallIsContinued(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGKILL, syscall.SIGINT} {
		for at := 1; ; at++ {
			if done := pushEnding(t, at, sig); done {
				break
			}
		}
	}
}

// pushEnding sends a signal when the call with a number has been done, before it is
// answered. It is true where the push had ended before.
func pushEnding(t *testing.T, at int, sig syscall.Signal) bool {
	t.Helper()
	cloud := fakeaws.New(fakeaws.Options{AnyPrincipal: true, Region: "eu-west-1"})
	url, stop := fakeaws.Start(cloud)
	defer stop()
	cloud.S3.CreateBucket(policyBucket, true)
	f := &function{cloud: cloud, retrying: map[string]string{}}
	e := ending{sig: sig, at: at}
	cloud.AfterEach(func(c fakeaws.Call) {
		f.after(c)
		e.after(c)
	})
	dir := t.TempDir()
	const files = 3
	for i := range files {
		path := filepath.Join(dir, "policies", fmt.Sprintf("%08x-0000-4000-8000-000000000000.json", i))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(killedPolicy), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	push := func() *exec.Cmd {
		c := exec.Command(filepath.Join(program, "keysmith"), "push", "--bucket", policyBucket, "--waves", "1,100%", "--commit", "c1")
		c.Dir = dir
		c.Env = append(os.Environ(), awsEnvironment(url)...)
		return c
	}
	first := push()
	var out strings.Builder
	first.Stdout = &out
	err := e.run(t, first)
	if sig == syscall.SIGINT && err != nil && !strings.Contains(out.String(), "interrupted: run the command again") && !strings.Contains(out.String(), "3 files") {
		// before the files were compared there is nothing to report
		if len(cloud.S3.Keys(policyBucket, "policies/")) > 0 {
			t.Errorf("interrupted after call %d: %v, and it said %q", at, err, out.String())
		}
	}
	if second, err := push().CombinedOutput(); err != nil {
		t.Errorf("%s after call %d, and run again: %v\n%s", sig, at, err, second)
	}
	for _, object := range cloud.S3.Keys(policyBucket, "policies/") {
		if n := len(cloud.S3.Versions(policyBucket, object)); n != 1 {
			t.Errorf("%s after call %d: %s was uploaded %d times", sig, at, object, n)
		}
	}
	if n := len(cloud.S3.Keys(policyBucket, "policies/")); n != files {
		t.Errorf("%s after call %d: %d of %d files are uploaded", sig, at, n, files)
	}
	return err == nil
}
