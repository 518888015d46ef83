package watch

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
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
