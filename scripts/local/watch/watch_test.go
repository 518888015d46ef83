package watch

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/keysmith/keysmith/scripts/internal/terminal"
	"github.com/keysmith/keysmith/scripts/local/stack"
	"github.com/keysmith/keysmith/scripts/local/stack/stacktest"
	"github.com/keysmith/keysmith/scripts/local/story"
)

func TestADroppedFileGetsItsVerdict(t *testing.T) {
	p := sit(t, nil)
	p.drops(story.Orders.ID+".json", text("typo"))
	p.sees("Rejected (INVALID_POLICY): nothing was changed", "error unknown-element", `"Actoin"`, "^", "https://docs.aws.amazon.com/")
	p.drops("plans/"+story.Payments.ID+".json", text("orders"))
	p.sees("Planned: nothing was changed", "If it is applied:", "+ statement OrdersServiceUsesTheKey added", "role/payments loses kms:Decrypt")
	p.drops("a label."+story.Payments.ID+".json", text("orders"))
	p.sees("Rejected (BAD_OBJECT_KEY)", "| policies/a label."+story.Payments.ID+".json")
	p.drops("00000000-0000-0000-0000-000000000000.json", text("orders"))
	p.sees("Failed (NOT_FOUND): nothing was changed", "--create-keys")
	p.leave()
}

func TestAFileWithALabelIsTheKeysObject(t *testing.T) {
	p := sit(t, nil)
	p.drops("orders."+story.Orders.ID+".json", text("typo"))
	p.sees("! " + filepath.Join(p.folder, "orders."+story.Orders.ID+".json"))
	p.sees("is the same object as "+story.Orders.ID+".json", "Delete one of the two files")
	if err := os.Remove(filepath.Join(p.folder, story.Orders.ID+".json")); err != nil {
		t.Fatal(err)
	}
	p.sees("Rejected (INVALID_POLICY)")
	p.leave()
}

func TestWhatIsNotUploadedIsReported(t *testing.T) {
	p := sit(t, nil)
	if err := os.Symlink(story.Orders.ID+".json", filepath.Join(p.folder, "link.json")); err != nil {
		t.Fatal(err)
	}
	p.sees("link.json", "is a symbolic link")
	if err := syscall.Mkfifo(filepath.Join(p.folder, "pipe.json"), 0o644); err != nil {
		t.Fatal(err)
	}
	p.sees("pipe.json", "is a named pipe")
	p.drops("README.md", []byte("# about"))
	p.sees("README.md", "the name of a policy ends in .json")
	p.drops("huge.json", make([]byte, 2<<20))
	p.sees("huge.json has 2097152 bytes")
	p.leave()
}

func TestADeletedObjectIsReported(t *testing.T) {
	p := sit(t, nil)
	if err := os.Remove(filepath.Join(p.folder, story.Invoices.ID+".json")); err != nil {
		t.Fatal(err)
	}
	p.sees(story.Invoices.Object()+" was deleted from the bucket", "stays as it is")
	if _, err := p.s3().DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: p.bucket(), Key: aws.String(story.Orders.Object())}); err != nil {
		t.Fatal(err)
	}
	p.sees(story.Orders.Object()+" was deleted from the bucket", "stays as it is")
	p.drops("no key.json", text("orders"))
	p.sees("BAD_OBJECT_KEY")
	if err := os.Remove(filepath.Join(p.folder, "no key.json")); err != nil {
		t.Fatal(err)
	}
	p.sees("policies/no key.json was deleted from the bucket. It was not the policy of a key.")
	p.leave()
}

func TestAnObjectThatKeysmithDoesNotReadIsReported(t *testing.T) {
	p := sit(t, nil)
	p.upload("polices/x.json", []byte("{}"))
	p.sees("polices/x.json was stored in the bucket", "reads only policies/ and plans/")
	p.leave()
}

func TestAPolicyThatIsPutByHandIsReported(t *testing.T) {
	p := sit(t, nil)
	put := func(document string) {
		t.Helper()
		_, err := p.kms().PutKeyPolicy(t.Context(), &kms.PutKeyPolicyInput{
			KeyId: aws.String(story.Orders.ID), PolicyName: aws.String("default"), Policy: aws.String(string(text(document))),
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	put("untrusted")
	p.sees(story.Orders.Object(), "role/admin changed the policy of the key directly in KMS", "The key has drifted",
		"arn:aws:iam::999988887777:role/partner gains", "To restore", "touch "+filepath.Join(p.folder, story.Orders.ID+".json"), "To keep")
	p.upload(story.Orders.Object(), text("payments"))
	p.sees("✔")
	put("untrusted")
	p.sees("The key has drifted", "To restore", "aws s3 cp $object - | aws s3 cp - $object")
	put("payments")
	p.sees("It is the same as the policy in the bucket")
	if _, err := p.s3().DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: p.bucket(), Key: aws.String(story.Orders.Object())}); err != nil {
		t.Fatal(err)
	}
	put("untrusted")
	p.sees("keysmith does not manage this key")
	p.leave()
}

func TestFilesDoNotSpeakToTheTerminal(t *testing.T) {
	p := sit(t, nil)
	p.drops("\x1b[2Jx\r.json", text("orders"))
	p.sees("BAD_OBJECT_KEY")
	p.drops(story.Orders.ID+".json", []byte("{\"Version\": \"2012-10-17\", \x1b[31m \"Statement\": []}"))
	p.sees("Rejected")
	p.leave()
}

func TestALongPolicyTakesFewLines(t *testing.T) {
	p := sit(t, nil)
	var policy map[string]any
	if err := json.Unmarshal(text("orders"), &policy); err != nil {
		t.Fatal(err)
	}
	statements, _ := policy["Statement"].([]any)
	for range 120 {
		statements = append(statements, map[string]any{"Effect": "Allow", "Principal": map[string]any{"AWS": "arn:aws:iam::111122223333:role/orders"}, "Action": "kms:Decypt", "Resource": "*"})
	}
	policy["Statement"] = statements
	line, err := json.Marshal(policy)
	if err != nil {
		t.Fatal(err)
	}
	p.mu.Lock()
	p.all.Reset()
	p.mu.Unlock()
	p.drops(story.Orders.ID+".json", line)
	p.sees("more:", "keysmith lint shows all.")
	p.leave()
	if n := p.all.Len(); n > 8<<10 {
		t.Errorf("%d bytes were written for a policy of %d", n, len(line))
	}
}

func TestMissingKeysAreCreatedOnRequest(t *testing.T) {
	p := sit(t, func(c *Config) { c.CreateKeys, c.Events = true, true })
	p.drops("00000000-0000-0000-0000-000000000000.json", text("orders"))
	p.sees("create key 00000000-0000-0000-0000-000000000000", "the new policy is in force", `"detail-type": "KMS Key Policy Applied"`)
	p.leave()
}

func TestASettingChangesTheVerdict(t *testing.T) {
	p := sit(t, func(c *Config) {
		c.Stack.Parameters["Mode"] = "plan"
		c.Stack.Parameters["TrustedAccounts"] = "999988887777"
	})
	p.drops(story.Orders.ID+".json", text("untrusted"))
	p.sees("Planned", "999988887777:role/partner gains kms:Decrypt")
	p.leave()
}

// A function that never starts hands no message back by itself: SQS gives each
// up after some deliveries.
func TestWhatIsGivenUpIsReported(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	broken := filepath.Join(t.TempDir(), "bootstrap")
	if err := os.WriteFile(broken, []byte("#!/bin/sh\necho it does not start >&2\nexit 1\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	p := &person{T: t, folder: filepath.Join(t.TempDir(), "policies"), ended: make(chan error, 1), stop: cancel}
	cfg := Config{Stack: stacktest.Config(), Folder: p.folder, Screen: terminal.NewPlain(p, 80)}
	cfg.Stack.Account, cfg.Stack.Bootstrap, cfg.Stack.Visibility = stack.Account, broken, time.Second
	go func() { p.ended <- Run(ctx, cfg) }()
	p.sees("An invocation failed: Runtime.ExitError", "it does not start")
	p.sees("policies/", "✘ The message is in the dead-letter queue", "delivered too often without success", "go run ./scripts/deadletters list")
	p.leave()
}

func TestOneFolderIsWatchedOnce(t *testing.T) {
	p := sit(t, nil)
	cfg := Config{Stack: stacktest.Config(), Folder: p.folder, Screen: terminal.NewPlain(p, 80)}
	if err := Run(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "is watched already") {
		t.Errorf("got %v", err)
	}
	p.leave()
	again := sit(t, func(c *Config) { c.Folder = p.folder })
	again.leave()
}

func TestAFileIsNoFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.json")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	err := Run(t.Context(), Config{Stack: stacktest.Config(), Folder: file})
	if err == nil || !strings.Contains(err.Error(), "needs a folder") || !strings.Contains(err.Error(), "keysmith lint") {
		t.Errorf("got %v", err)
	}
}

func TestAFolderThatIsThereIsLeftAsItIs(t *testing.T) {
	folder := t.TempDir()
	fresh, err := prepare(folder, stack.Account)
	if err != nil || fresh {
		t.Errorf("got %v, %v", fresh, err)
	}
	if entries, _ := os.ReadDir(folder); len(entries) > 0 {
		t.Errorf("%d files were written", len(entries))
	}
}
