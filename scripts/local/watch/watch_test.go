package watch

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/keysmith/keysmith/scripts/internal/terminal"
	"github.com/keysmith/keysmith/scripts/local/stack"
	"github.com/keysmith/keysmith/scripts/local/stack/stacktest"
	"github.com/keysmith/keysmith/scripts/local/story"
	"github.com/keysmith/keysmith/shared/keypolicy"
)

func TestMain(m *testing.M) { os.Exit(stacktest.Main(m)) }

// A person looks at the screen and works in the folder.
type person struct {
	*testing.T
	folder string
	url    string
	ended  chan error
	stop   context.CancelFunc

	mu   sync.Mutex
	text bytes.Buffer
	all  bytes.Buffer
}

func (p *person) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.all.Write(b)
	return p.text.Write(b)
}

// sit starts the watcher on a new folder and waits for the first verdicts.
func sit(t *testing.T, change func(*Config)) *person {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	p := &person{T: t, folder: filepath.Join(t.TempDir(), "policies"), ended: make(chan error, 1), stop: cancel}
	cfg := Config{Stack: stacktest.Config(), Folder: p.folder, Screen: terminal.NewPlain(p, 80), RejectAt: keypolicy.Security}
	cfg.Stack.Account = stack.Account
	if change != nil {
		change(&cfg)
	}
	go func() { p.ended <- Run(ctx, cfg) }()
	p.url = p.between("AWS_ENDPOINT_URL=", " ")
	for range story.Keys() {
		p.sees("✔")
	}
	return p
}

// leave presses Ctrl-C.
func (p *person) leave() {
	p.Helper()
	p.stop()
	if err := <-p.ended; err != nil {
		p.Error(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for line := range strings.Lines(p.all.String()) {
		if strings.ContainsAny(line, "\x1b\x07\r") {
			p.Errorf("the terminal was spoken to: %q", line)
		}
	}
}

// sees waits until texts stand there, one after the other with anything in
// between, and forgets what came before. Lines are joined, since they are
// wrapped anywhere.
func (p *person) sees(texts ...string) {
	p.Helper()
	for _, text := range texts {
		p.between(text, "")
	}
}

func (p *person) between(before, after string) string {
	p.Helper()
	for deadline := time.Now().Add(40 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		p.mu.Lock()
		joined := strings.Join(strings.Fields(p.text.String()), " ")
		_, rest, found := strings.Cut(joined, before)
		if found {
			p.text.Reset()
			p.text.WriteString(rest)
		}
		p.mu.Unlock()
		if found {
			word, _, _ := strings.Cut(rest, after)
			return word
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.Fatalf("%q never came; there is\n%s", before, p.text.String())
	return ""
}

func (p *person) drops(name string, text []byte) {
	p.Helper()
	write(p.T, p.folder, name, string(text))
}

func text(document string) []byte { return story.Text(document, stack.Account) }

func (p *person) kms() *kms.Client {
	return kms.New(kms.Options{Region: stack.Region, BaseEndpoint: &p.url, Credentials: credentials.NewStaticCredentialsProvider("local", "local", "")})
}

func (p *person) s3() *s3.Client {
	return s3.New(s3.Options{Region: stack.Region, BaseEndpoint: &p.url, UsePathStyle: true, Credentials: credentials.NewStaticCredentialsProvider("local", "local", "")})
}

func (p *person) upload(object string, text []byte) {
	p.Helper()
	if _, err := p.s3().PutObject(p.Context(), &s3.PutObjectInput{Bucket: p.bucket(), Key: &object, Body: bytes.NewReader(text)}); err != nil {
		p.Fatal(err)
	}
}

func (p *person) bucket() *string { return aws.String("keysmith-policybucket") }

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
	p.sees("It says the same as the bucket")
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
