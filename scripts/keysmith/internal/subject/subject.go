// Package subject finds out which key a policy is for.
//
// Commands judge a policy against its key: keysmith.yaml says of which account
// and organization the keys are, the name of a file says which key, and flags say
// the rest. Here the three become one, in the same way for all commands.
package subject

import (
	"strings"

	"github.com/spf13/pflag"

	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/keypolicy/awsid"
	"github.com/keysmith/keysmith/shared/objectkey"
)

// Flags declares the flags that say of a key what no file says.
func Flags(f *pflag.FlagSet) *keypolicy.Key {
	k := new(keypolicy.Key)
	declare := func(name string, value *string, check func(string) error, usage string) {
		f.Var(property{value, check}, name, usage)
	}
	declare("key-id", &k.ID, checkKeyID, "`id` of the key, if the name of the file does not say it")
	declare("key-usage", &k.Usage, oneOf(awsid.KeyProperties("kms:KeyUsage")), "`usage` of the key, such as ENCRYPT_DECRYPT")
	declare("key-spec", &k.Spec, oneOf(awsid.KeyProperties("kms:KeySpec")), "`spec` of the key, such as SYMMETRIC_DEFAULT")
	declare("origin", &k.Origin, oneOf(awsid.KeyProperties("kms:KeyOrigin")), "`origin` of the key's material, such as AWS_KMS")
	return k
}

// Complete adds to a key of the settings what the flags say.
func Complete(k, flags keypolicy.Key) keypolicy.Key {
	k.ID, k.Usage, k.Spec, k.Origin = flags.ID, flags.Usage, flags.Spec, flags.Origin
	return k
}

// Named adds what the name of an object says: policies/<key-id>.json,
// policies/<account>/<region>/<key-id>.json, or one for all keys of a multi-Region
// set, policies/<account>/multi-region/<key-id>.json. The organization of another
// account is not known.
func Named(k keypolicy.Key, object string) keypolicy.Key {
	parts := strings.Split(strings.TrimSuffix(object, ".json"), "/")
	if len(parts) > 3 && awsid.IsAccount(parts[len(parts)-3]) {
		if other := parts[len(parts)-3]; other != k.Account {
			k.Account, k.Org = other, ""
		}
		if region := parts[len(parts)-2]; region != MultiRegion {
			k.Region = region
			k.Partition = awsid.PartitionOf(region)
		}
	}
	if id := parts[len(parts)-1]; objectkey.IsKeyID(id) {
		k.ID = id
	}
	return k
}

// MultiRegion stands in the name of an object for all Regions of a multi-Region set.
const MultiRegion = "multi-region"

// Object is the object of the bucket that a policy is, as far as it is known: by
// the name of its file, or else by the id of its key.
func Object(located string, k keypolicy.Key) string {
	if located == "" && objectkey.IsKeyID(k.ID) {
		return objectkey.For(k.ID)
	}
	return located
}
