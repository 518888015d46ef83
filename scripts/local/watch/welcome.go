package watch

import (
	"fmt"
	"strings"

	"github.com/keysmith/keysmith/scripts/internal/terminal"
	"github.com/keysmith/keysmith/scripts/local/story"
)

func (w *watcher) welcome(fresh bool) {
	w.screen.Blank()
	w.screen.Line(0, terminal.Span{Style: terminal.Bold, Text: "keysmith is watching " + strings.TrimSuffix(w.cfg.Folder, "/") + "/"})
	if fresh {
		w.dim("The folder is new. It holds a policy for each of the keys below.")
	}
	w.dim("Change a file, or add one named <key id>.json or <label>.<key id>.json; under plans/ it is only planned. The result is shown here. Roles need not exist. Ctrl-C ends it, and nothing but the folder is kept.")
	if w.cfg.Settings != "" {
		w.dim("Settings: " + w.cfg.Settings)
	}
	w.screen.Blank()
	for _, k := range story.Keys() {
		w.screen.Verbatim(4, k.ID+"  "+k.Alias())
	}
	w.screen.Blank()
	w.dim("With the AWS CLI, in another terminal:")
	w.screen.Blank()
	w.screen.Verbatim(0, w.commands())
	w.screen.Blank()
}

func (w *watcher) dim(text string) {
	w.screen.Line(2, terminal.Span{Style: terminal.Dim, Text: text})
}

// commands are to be copied: no line is longer than a small terminal is wide.
func (w *watcher) commands() string {
	bucket := w.stack.Bucket()
	return fmt.Sprintf(`export AWS_ENDPOINT_URL=%s AWS_DEFAULT_REGION=%s
export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local
KEY=%s
aws s3 cp policy.json s3://%s/policies/$KEY.json
aws kms get-key-policy --key-id $KEY --policy-name default --output text
aws events put-events --entries '[{"Source": "me",
  "EventBusName": "%s",
  "DetailType": "KMS Key Policy Apply Requested",
  "Detail": "{\"object\": \"policies/'$KEY'.json\"}"}]'
`, w.stack.URL, w.stack.Region(), story.Orders.ID, bucket, w.stack.Bus("RequestBus"))
}
