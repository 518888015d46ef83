// Package history is the command that shows which policies a key had, when, and
// what replaced them. It reads what keysmith keeps in the bucket below history/.
package history

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keysmith/keysmith/scripts/internal/repoconfig"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/awsaccount"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/cli"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/policybucket"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/tree"
	"github.com/keysmith/keysmith/shared/bucket"
	"github.com/keysmith/keysmith/shared/objectkey"
	"github.com/keysmith/keysmith/shared/target"
)

// A Key is a key of a deployment, with the bucket that has its history.
type Key struct {
	objectkey.ARN
	Object   string // its object in the bucket
	own      target.Place
	regions  []string // in which the members of a set may be; empty: the deployment's own
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
	own := target.Place{Partition: accounts.Partition, Account: cmp.Or(s.Account, accounts.Own), Region: accounts.Region}
	k := &Key{Accounts: accounts, ARN: own.Key(""), own: own, regions: s.Targets.Regions}
	if k.Bucket, err = policybucket.Open(ctx, s.Bucket, own.Account, s.Region); err != nil {
		return nil, err
	}
	return k, k.find(ctx, ref)
}

// find completes the key by what a person wrote: a key id, a key ARN, an alias, an
// alias ARN, the name of an object, or a file of the tree.
func (k *Key) find(ctx context.Context, ref string) error {
	object := ""
	if strings.HasSuffix(ref, ".json") {
		object = tree.Locate(ref, "").Object
	}
	if object != "" {
		return k.byObject(ctx, object)
	}
	if arn, ok := objectkey.ParseARN(ref); ok {
		k.ARN, ref = arn, arn.KeyID
	}
	if strings.HasPrefix(ref, "alias/") {
		return k.byAlias(ctx, ref)
	}
	if k.KeyID = ref; !objectkey.IsKeyID(ref) {
		return cli.Misuse("%q is not a key: write a key id, a key ARN, alias/ and a name, or a file under policies/", ref)
	}
	return k.byID(ctx)
}

// byObject finds the key of an object. Of a multi-Region set the members have each
// a history; that of the first Region which has one stands for the set.
func (k *Key) byObject(ctx context.Context, object string) error {
	parsed, err := objectkey.Parse(object)
	switch {
	case err != nil:
		return err
	case parsed.Plan:
		return cli.Misuse("%s is a plan, which is never in force: name the key", object)
	}
	k.Object, k.KeyID = object, parsed.KeyID
	k.Account, k.Region = cmp.Or(parsed.Account, k.own.Account), cmp.Or(parsed.Region, k.own.Region)
	if !parsed.MultiRegion {
		return nil
	}
	for _, region := range append([]string{k.own.Region}, k.regions...) {
		k.Region = region
		names, err := k.Names(ctx)
		if err != nil || len(names) > 0 {
			return err
		}
	}
	k.Region = k.own.Region
	return nil
}

// byID finds the object of a key: its own, or that of the multi-Region set that it
// is in, where the bucket has only that.
func (k *Key) byID(ctx context.Context) error {
	place := target.Place{Partition: k.Partition, Account: k.Account, Region: k.Region}
	k.Object = target.Name(k.own, place, k.KeyID)
	if !strings.HasPrefix(k.KeyID, "mrk-") {
		return nil
	}
	single, err := k.Present(ctx)
	if err != nil || single != nil {
		return err
	}
	set := *k
	set.Object = target.SetName(k.own, place, k.KeyID)
	if whole, err := set.Present(ctx); err != nil || whole == nil {
		return err
	}
	k.Object = set.Object
	return nil
}

func (k *Key) byAlias(ctx context.Context, alias string) error {
	out, err := k.Accounts.KMS(k.Account, k.Region).DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &alias})
	if err != nil {
		return k.Accounts.Trouble(err, awsaccount.Place{Account: k.Account, Region: k.Region, Key: alias, Action: "kms:DescribeKey"})
	}
	k.KeyID = aws.ToString(out.KeyMetadata.KeyId)
	return k.byID(ctx)
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
