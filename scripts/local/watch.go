package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/keysmith/keysmith/scripts/local/stack"
	"github.com/keysmith/keysmith/shared/outcome"
)

// watchPoll is how often the folder is looked at. A file has to look the same
// twice before it is taken, so that no half-written one is.
const watchPoll = 200 * time.Millisecond

// watch keeps the stack running and uploads what changes in a folder, until ctx
// ends.
func watch(ctx context.Context, f flags) error {
	return attend(ctx, f, newScreen(os.Stdout))
}

func attend(ctx context.Context, f flags, sc screen) error {
	st, err := f.open(sc, io.Discard, true)
	if err != nil {
		return err
	}
	defer st.stack.Close()
	fresh, err := prepare(f.folder)
	if err != nil {
		return err
	}
	st.welcome(f.folder, fresh)
	return st.follow(ctx, newFolder(f.folder))
}

// prepare makes the folder with a few files to begin with.
func prepare(folder string) (fresh bool, err error) {
	if _, err := os.Stat(folder); err == nil {
		return false, nil
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return false, fmt.Errorf("making the folder to watch: %w", err)
	}
	orders, payments, invoices := story()
	for k, document := range map[key]string{orders: "orders", payments: "payments", invoices: "invoices-older"} {
		text, err := policies.ReadFile("policies/" + document + ".json")
		if err == nil {
			err = os.WriteFile(filepath.Join(folder, k.id+".json"), text, 0o644)
		}
		if err != nil {
			return false, fmt.Errorf("writing a first policy: %w", err)
		}
	}
	return true, nil
}

func (st *stage) welcome(folder string, fresh bool) {
	st.title("keysmith is watching " + folder + string(filepath.Separator))
	if fresh {
		st.say("The folder is new, so it begins with a policy for each of the keys below.")
	}
	st.say("Change a file, or drop one named <key id>.json (or plans/<key id>.json, to see a plan only). Roles need not exist. Ctrl-C ends everything; nothing is kept.")
	orders, payments, invoices := story()
	for _, k := range []key{orders, payments, invoices} {
		st.printf("    %s  %s\n", k.id, k.alias())
	}
	st.printf("\n  With the AWS CLI, in another terminal:\n\n")
	st.printf("    export AWS_ENDPOINT_URL=%s AWS_DEFAULT_REGION=%s AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local\n", st.stack.URL, stack.Region)
	st.printf("    aws s3 cp policy.json s3://%s/%s\n", st.stack.Bucket(), orders.object())
	st.printf("    aws kms get-key-policy --key-id %s --output text\n", orders.id)
	st.printf("    aws events put-events --entries '[{\"EventBusName\":\"%s\",\"Source\":\"me\",\"DetailType\":\"KMS Key Policy Apply Requested\",\"Detail\":\"{\\\"object\\\":\\\"%s\\\"}\"}]'\n\n",
		st.stack.Bus("RequestBus"), orders.object())
}

// follow carries changes to the bucket and shows what comes of them.
func (st *stage) follow(ctx context.Context, watched *folder) error {
	ticker := time.NewTicker(watchPoll)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		changes, err := watched.changes()
		if err != nil {
			return err
		}
		for _, c := range changes {
			st.carry(c)
		}
		if err := st.showResults(); err != nil {
			return err
		}
	}
}

func (st *stage) carry(c change) {
	if c.gone {
		st.stack.Cloud.S3.Delete(st.stack.Bucket(), c.object)
		st.do(fmt.Sprintf("%s is gone from the bucket; the policy of its key stays as it is", c.object))
		return
	}
	st.do("uploading " + c.object)
	st.stack.Upload(c.object, c.text)
}

func (st *stage) showResults() error {
	events, err := st.stack.Results()
	if err != nil {
		return err
	}
	for _, e := range events {
		st.printf("\n%s %s\n", st.paint(dim, e.Detail.Metadata.Time.Local().Format(time.TimeOnly)), subject(e))
		st.verdict(e, st.judged(e))
	}
	if err := st.stack.Failures(); err != nil {
		st.failed(err.Error())
	}
	return nil
}

// subject is what an event is about, in the reader's words.
func subject(e outcome.Event) string {
	switch data := e.Detail.Data; {
	case data.Object != nil:
		return data.Object.Key
	case data.Key != nil:
		return data.Key.ARN
	default:
		return strings.Join(e.Resources, " ")
	}
}

// judged is the document that an event is about: that very version of the
// object.
func (st *stage) judged(e outcome.Event) []byte {
	object := e.Detail.Data.Object
	if object == nil {
		return nil
	}
	for _, version := range st.stack.Cloud.S3.Versions(object.Bucket, object.Key) {
		if version.VersionID == object.VersionID {
			return version.Body
		}
	}
	return nil
}
