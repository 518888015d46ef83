package verdict

import (
	"time"

	"github.com/keysmith/keysmith/shared/outcome"
)

// drifted says who changed the key, what keysmith does about that, and what a person
// can do where keysmith does not repair the key by itself.
func (w Writer) drifted(d outcome.Data) {
	if d.Drift != nil {
		w.author(d.Drift.Author)
		w.repair(*d.Drift)
		if d.Drift.Repair == outcome.RepairPending {
			return
		}
	}
	if d.Object != nil && d.Key != nil {
		w.Drifted(d.Object.Bucket, d.Object.Key, d.Key.ID)
	}
}

func (w Writer) author(a *outcome.Author) {
	if a == nil {
		w.line("Author: not known. CloudTrail has not reported the change.")
		return
	}
	text := "Author: " + a.ARN
	if a.SourceIP != "" {
		text += " from " + a.SourceIP
	}
	if a.UserAgent != "" {
		text += " with " + a.UserAgent
	}
	w.line("%s", text+", at "+a.Time.UTC().Format(time.RFC3339)+".")
	w.line("CloudTrail event %s, reported by account %s.", a.EventID, a.ReportedBy)
}

func (w Writer) repair(d outcome.Drift) {
	text := ""
	switch {
	case d.Repair == outcome.RepairPending && d.Author != nil:
		text = "keysmith puts the policy of the bucket."
	case d.Repair == outcome.RepairPending:
		text = "keysmith puts the policy of the bucket when CloudTrail reports the author, or 15 minutes after it first saw the drift."
	case d.Repair == outcome.RepairHeld:
		text = "The change only removes access, a break-glass principal made it, or a hold is in force. " +
			"keysmith leaves it until the object is uploaded again or the hold ends."
	case d.Repair == outcome.RepairContested:
		text = "The key was changed again after each of three repairs. keysmith leaves it until the object is uploaded again."
	default:
		text = "keysmith only reports this drift."
	}
	w.line("Repair: %s. %s", d.Repair, text)
}

// Drifted says what to do where a key has another policy than its object.
func (w Writer) Drifted(bucket, object, keyID string) {
	w.line("To restore the policy of the bucket, store it again:")
	w.Screen.Verbatim(indent+2, w.restore(bucket, object))
	file := "policy.json"
	if w.File != nil {
		file = w.File(object)
	}
	w.line("To keep what is in force, make it the policy of the bucket:")
	w.Screen.Verbatim(indent+2, "aws kms get-key-policy --policy-name default --query Policy \\\n  --output text --key-id "+keyID+" \\\n  > "+file)
}

// restore needs no file: it stores the object of the bucket as a new version.
func (w Writer) restore(bucket, object string) string {
	if w.Restore != nil {
		if command := w.Restore(object); command != "" {
			return command
		}
	}
	return "object=s3://" + bucket + "/" + object + "\naws s3 cp $object - | aws s3 cp - $object"
}
