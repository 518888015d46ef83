package verdict

import "github.com/keysmith/keysmith/shared/outcome"

func (w Writer) drifted(d outcome.Data) {
	if d.Object != nil && d.Key != nil {
		w.Drifted(d.Object.Bucket, d.Object.Key, d.Key.ID)
	}
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
