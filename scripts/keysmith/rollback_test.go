package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/objectkey"
)

// A rollback that ends at any call, and is run again, has uploaded the policy of
// before once, though keysmith has added to the history meanwhile.
func TestARollbackThatEndsAtAnyCallIsContinued(t *testing.T) {
	for at := 1; ; at++ {
		if done := rollbackEnding(t, at); done {
			break
		}
	}
}

// rollbackEnding kills the command when the call with a number has been done, before
// it is answered. It is true where the command had ended before.
func rollbackEnding(t *testing.T, at int) bool {
	t.Helper()
	const id = "11111111-1111-4111-8111-111111111111"
	before, now := []byte(killedPolicy), []byte(strings.Replace(killedPolicy, `"Effect"`, `"Sid": "Now", "Effect"`, 1))
	cloud := fakeaws.New(fakeaws.Options{AnyPrincipal: true, Region: "eu-west-1"})
	url, stop := fakeaws.Start(cloud)
	defer stop()
	cloud.S3.CreateBucket("keysmith-policies", true)
	cloud.S3.Put("keysmith-policies", objectkey.For(id), now, nil)
	keepHistory(cloud, id, time.Now().Add(-time.Hour), before, now)
	e := ending{sig: syscall.SIGKILL, at: at}
	cloud.AfterEach(func(c fakeaws.Call) {
		answerUpload(cloud, c, "Applied")
		if c.Action == "PutObject" && strings.Contains(c.Resource, "/policies/") && c.Error == "" {
			keepHistory(cloud, id, time.Now(), now, before) // as keysmith does when it applies the upload
		}
		e.after(c)
	})
	run := func() *exec.Cmd {
		c := exec.Command(filepath.Join(program, "keysmith"), "rollback", id, "--bucket", "keysmith-policies", "--wait")
		c.Dir = t.TempDir()
		c.Env = append(os.Environ(), awsEnvironment(url)...)
		return c
	}
	err := e.run(t, run())
	if out, err := run().CombinedOutput(); err != nil {
		t.Errorf("killed after call %d, and run again: %v\n%s", at, err, out)
	}
	if n := len(cloud.S3.Versions("keysmith-policies", objectkey.For(id))); n != 2 {
		t.Errorf("killed after call %d, and run again: the object has %d versions, want the old one and the rollback", at, n)
	}
	if o, _ := cloud.S3.Get("keysmith-policies", objectkey.For(id)); string(o.Body) != string(before) {
		t.Errorf("killed after call %d, and run again: the bucket has %s", at, o.Body)
	}
	return err == nil
}
