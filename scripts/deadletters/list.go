package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/keysmith/keysmith/shared/trigger"
)

// list shows every letter, and leaves them all where they are.
func list(ctx context.Context, b *box, o options, out io.Writer) error {
	letters, err := b.open(ctx)
	err = errors.Join(err, b.putBack(ctx, letters))
	for _, one := range letters {
		c := read(one)
		if why := b.strange(one); why != "" {
			c.why = printable(why + ": find out who sent it before you send it back")
		}
		fmt.Fprintf(out, "%s  since %s, received %s times\n  what: %s\n  why:  %s\n", aws.ToString(one.MessageId),
			c.sent.UTC().Format(time.RFC3339), one.Attributes["ApproximateReceiveCount"], c.what, cmp.Or(c.why, c.askLog(o.logs)))
	}
	fmt.Fprintf(out, "%d in %s\n", len(letters), o.dead)
	return err
}

// content is what a letter says of itself.
type content struct {
	what        string
	why         string // empty where only the log knows
	sent        time.Time
	object      string
	correlation string
}

func read(one letter) content {
	c := content{sent: time.Now()}
	if ms, err := strconv.ParseInt(one.Attributes["SentTimestamp"], 10, 64); err == nil {
		c.sent = time.UnixMilli(ms)
	}
	c.readTrigger([]byte(aws.ToString(one.Body)))
	// EventBridge says what kept it from delivering.
	// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
	if code, ok := one.MessageAttributes["ERROR_CODE"]; ok {
		c.why = printable("EventBridge could not deliver it: " + aws.ToString(code.StringValue) + ", " +
			aws.ToString(one.MessageAttributes["ERROR_MESSAGE"].StringValue))
	}
	return c
}

func (c *content) readTrigger(body []byte) {
	triggers, ignored, err := trigger.Parse(body, bucketIn(body))
	switch {
	case err != nil:
		c.what, c.why = "a message that keysmith cannot read", err.Error()+"; sending it back would not help"
		return
	case len(triggers) == 0:
		c.what = printable("no trigger of keysmith:  " + ignored)
		return
	}
	t := triggers[0]
	c.object, c.correlation = t.Object, t.ID
	c.what = string(t.Kind) + " of " + t.Object
	if t.Inline != nil {
		c.what = string(t.Kind) + " with a policy for " + t.Inline.Key
	}
	if t.ID != "" && t.Kind == trigger.Request {
		c.what += ", event " + t.ID
	}
	if n := len(triggers) - 1; n > 0 {
		c.what += fmt.Sprintf(", and %d more", n)
	}
	c.what = printable(c.what)
}

// bucketIn is the bucket that an upload is of: which one counts is for the
// function to say.
func bucketIn(body []byte) string {
	type bucket struct{ Name string }
	var e struct {
		Detail  struct{ Bucket bucket }
		Records []struct{ S3 struct{ Bucket bucket } }
	}
	if json.Unmarshal(body, &e) == nil && len(e.Records) > 0 {
		return e.Records[0].S3.Bucket.Name
	}
	return e.Detail.Bucket.Name
}

// askLog is the command that shows what the function said each time.
func (c content) askLog(group string) string {
	var terms []string
	if c.object != "" {
		terms = append(terms, "($.object = "+strconv.Quote(c.object)+")")
	}
	if c.correlation != "" {
		terms = append(terms, "($.correlationId = "+strconv.Quote(c.correlation)+")")
	}
	if len(terms) == 0 {
		return "see the log of that time"
	}
	return "read the log: aws logs filter-log-events --log-group-name " + quoted(cmp.Or(group, "LOG-GROUP")) +
		" --start-time " + strconv.FormatInt(c.sent.UnixMilli(), 10) +
		" --filter-pattern " + quoted("{ "+strings.Join(terms, " || ")+" }") + " --query 'events[].message' --output text"
}

// quoted is a word for a shell.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// printable keeps what somebody else wrote from moving the cursor or making
// up lines of its own.
func printable(s string) string {
	q := strconv.QuoteToGraphic(s)
	return strings.ReplaceAll(q[1:len(q)-1], `\"`, `"`)
}
