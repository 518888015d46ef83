package trigger

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/keysmith/keysmith/shared/objectkey"
)

// uploadEvent reads Object Created as EventBridge delivers it; the key is literal.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
func uploadEvent(payload []byte, bucket string) ([]Trigger, string, error) {
	var e struct {
		ID      string    `json:"id"`
		Account string    `json:"account"`
		Time    time.Time `json:"time"`
		Detail  struct {
			Bucket struct {
				Name string `json:"name"`
			} `json:"bucket"`
			Object struct {
				Key       string `json:"key"`
				ETag      string `json:"etag"`
				VersionID string `json:"version-id"`
			} `json:"object"`
			Requester string `json:"requester"`
			SourceIP  string `json:"source-ip-address"`
		} `json:"detail"`
	}
	if why := unlike("an Object Created event", payload, &e); why != "" {
		return nil, "", unknown("%s", why)
	}
	d := e.Detail
	if why := notOurs(d.Bucket.Name, bucket, d.Object.Key); why != "" {
		return nil, why, nil
	}
	return []Trigger{{
		Kind: kindOf(d.Object.Key), ID: e.ID, Time: e.Time, Account: e.Account, Object: d.Object.Key,
		VersionID: d.Object.VersionID, ETag: d.Object.ETag, Requester: d.Requester, SourceIP: d.SourceIP,
	}}, "", nil
}

// notified reads a record of S3's own shape; the key is form-encoded once.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
func notified(raw json.RawMessage, bucket string) ([]Trigger, string, error) {
	var r struct {
		EventSource string    `json:"eventSource"`
		EventName   string    `json:"eventName"`
		EventTime   time.Time `json:"eventTime"`
		Identity    struct {
			PrincipalID string `json:"principalId"`
		} `json:"userIdentity"`
		Parameters struct {
			SourceIP string `json:"sourceIPAddress"`
		} `json:"requestParameters"`
		Response map[string]string `json:"responseElements"`
		S3       struct {
			Bucket struct {
				Name string `json:"name"`
			} `json:"bucket"`
			Object struct {
				Key       string `json:"key"`
				ETag      string `json:"eTag"`
				VersionID string `json:"versionId"`
			} `json:"object"`
		} `json:"s3"`
	}
	if why := unlike("an S3 record", raw, &r); why != "" {
		return nil, "", unknown("%s", why)
	}
	switch {
	case r.EventSource != "aws:s3":
		return nil, "", unknown("a record of %q, event %q", r.EventSource, r.EventName)
	}
	key, err := url.QueryUnescape(r.S3.Object.Key)
	if err != nil {
		key = r.S3.Object.Key // the grammar refuses the stray % and says where it is
	}
	switch {
	case strings.HasPrefix(r.EventName, "ObjectCreated:"):
	case strings.HasPrefix(r.EventName, "ObjectRemoved:") && r.S3.Bucket.Name == bucket && objectkey.HeldBy(key) != "":
		return []Trigger{{Kind: Sweep, ID: r.Response["x-amz-request-id"], Time: r.EventTime, Object: objectkey.HeldBy(key)}}, "", nil
	default:
		return nil, fmt.Sprintf("S3 event %q, which stores no object", r.EventName), nil
	}
	if why := notOurs(r.S3.Bucket.Name, bucket, key); why != "" {
		return nil, why, nil
	}
	return []Trigger{{
		Kind: kindOf(key), ID: r.Response["x-amz-request-id"], Time: r.EventTime, Object: key,
		VersionID: r.S3.Object.VersionID, ETag: r.S3.Object.ETag,
		Requester: r.Identity.PrincipalID, SourceIP: r.Parameters.SourceIP,
	}}, "", nil
}

// storesNothing reads S3's other events. The deletion of a hold asks for a
// reconcile of what it held, also where that only adds a delete marker.
func storesNothing(payload []byte, bucket, kind string) ([]Trigger, string, error) {
	none := fmt.Sprintf("S3 event %q, which stores no object", kind)
	if kind != "Object Deleted" {
		return nil, none, nil
	}
	var e struct {
		ID      string    `json:"id"`
		Account string    `json:"account"`
		Time    time.Time `json:"time"`
		Detail  struct {
			Bucket struct {
				Name string `json:"name"`
			} `json:"bucket"`
			Object struct {
				Key string `json:"key"`
			} `json:"object"`
		} `json:"detail"`
	}
	if why := unlike("an Object Deleted event", payload, &e); why != "" {
		return nil, "", unknown("%s", why)
	}
	held := objectkey.HeldBy(e.Detail.Object.Key)
	if held == "" || e.Detail.Bucket.Name != bucket {
		return nil, none, nil
	}
	return []Trigger{{Kind: Sweep, ID: e.ID, Time: e.Time, Account: e.Account, Object: held}}, "", nil
}

// heartbeat is the object that a schedule writes to prove that uploads arrive.
const heartbeat = "canary/heartbeat.json"

func kindOf(object string) Kind {
	if object == heartbeat {
		return Heartbeat
	}
	return Upload
}

func notOurs(bucket, ours, key string) string {
	switch {
	case bucket != ours:
		return fmt.Sprintf("bucket %q is not the policy bucket", bucket)
	case !objectkey.Ours(key) && key != heartbeat:
		return fmt.Sprintf("object %q is under none of keysmith's prefixes", key)
	}
	return ""
}
