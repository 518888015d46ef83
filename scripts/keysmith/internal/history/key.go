// Package history is the command that shows which policies a key had, when, and
// what replaced them. It reads what keysmith keeps in the bucket below history/.
package history

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keysmith/keysmith/scripts/internal/repoconfig"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/awsaccount"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/cli"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/policybucket"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/subject"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/tree"
	"github.com/keysmith/keysmith/shared/bucket"
	"github.com/keysmith/keysmith/shared/objectkey"
)

// A Key is a key of a deployment, with the bucket that has its history.
type Key struct {
	objectkey.ARN
	Object   string // its object in the bucket
	Bucket   *policybucket.Bucket
	Accounts *awsaccount.Accounts
}

// Open finds the key that a person names, and the bucket.
func Open(ctx context.Context, ref string, s repoconfig.Settings) (*Key, error) {
	if s.Bucket == "" {
		return nil, cli.Misuse("name the policy bucket: --bucket, or bucket in keysmith.yaml")
	}
	accounts, err := awsaccount.Open(ctx, s.Region, awsaccount.Elsewhere{})
	if err != nil {
		return nil, err
	}
	k := &Key{Accounts: accounts, ARN: objectkey.ARN{
		Partition: accounts.Partition, Account: cmp.Or(s.Account, accounts.Own), Region: accounts.Region,
	}}
	if err := k.find(ctx, ref); err != nil {
		return nil, err
	}
	k.Bucket, err = policybucket.Open(ctx, s.Bucket, cmp.Or(s.Account, accounts.Own), s.Region)
	return k, err
}

// find completes the key by what a person wrote: a key id, a key ARN, an alias, an
// alias ARN, the name of an object, or a file of the tree.
func (k *Key) find(ctx context.Context, ref string) error {
	object := ""
	if strings.HasSuffix(ref, ".json") {
		object = tree.Locate(ref, "").Object
	}
	arn, isARN := objectkey.ParseARN(ref)
	switch {
	case object != "":
		named := subject.Named(k.key(), object)
		k.Account, k.Region, k.KeyID = named.Account, named.Region, named.ID
		return k.name(object)
	case isARN && (arn.Account != k.Account || arn.Region != k.Region):
		return fmt.Errorf("the key %s is of account %s, %s, and the deployment is of account %s, %s: keys of other accounts and Regions have no history in this version", arn.KeyID, arn.Account, arn.Region, k.Account, k.Region)
	case isARN:
		ref = arn.KeyID
	}
	if strings.HasPrefix(ref, "alias/") {
		return k.byAlias(ctx, ref)
	}
	if k.KeyID = ref; !objectkey.IsKeyID(ref) {
		return cli.Misuse("%q is no key: write a key id, a key ARN, alias/ and a name, or a file below policies/", ref)
	}
	return k.name(objectkey.For(ref))
}

// name takes over the name of the key's object, if the functions handle it.
func (k *Key) name(object string) error {
	parsed, err := objectkey.Parse(object)
	if err != nil {
		return err
	}
	if parsed.Plan {
		return cli.Misuse("%s is a plan, which is never in force: name the key", object)
	}
	k.Object = object
	return nil
}

func (k *Key) byAlias(ctx context.Context, alias string) error {
	out, err := k.Accounts.KMS(k.Account, k.Region).DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &alias})
	if err != nil {
		return k.Accounts.Trouble(err, awsaccount.Place{Account: k.Account, Region: k.Region, Key: alias, Action: "kms:DescribeKey"})
	}
	k.KeyID = aws.ToString(out.KeyMetadata.KeyId)
	return k.name(objectkey.For(k.KeyID))
}

// Present is the newest version of the key's object; nil where there is none.
func (k *Key) Present(ctx context.Context) (*bucket.Object, error) {
	o, err := k.Bucket.Read(ctx, k.Object)
	switch {
	case errors.Is(err, bucket.ErrGone), bucket.Missing(err):
		return nil, nil
	case err != nil:
		return nil, k.Bucket.Explain(err)
	}
	return &o, nil
}
