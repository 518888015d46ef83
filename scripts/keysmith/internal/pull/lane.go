package pull

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/keysmith/keysmith/scripts/keysmith/internal/awsaccount"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/pullfile"
	"github.com/keysmith/keysmith/shared/objectkey"
)

// found is a key as KMS describes it, and its policy.
type found struct {
	arn    objectkey.ARN
	alias  string
	state  string
	others []string // of a multi-Region key: the other Regions of its set
	policy string
	read   time.Time
}

// lane reads the keys of one account and Region.
type lane struct {
	*puller
	account, region string
	keys            *kms.Client
	aliases         map[string]string // first alias by key id
}

// workers is how many keys of an account and Region are read at a time. With a
// hundredth of a second for each of two calls, that is more than the quota.
const workers = 48

// run reads all keys. It returns what keeps every other account and Region from
// being read too.
func (l *lane) run(ctx context.Context) error {
	if err := l.listAliases(ctx); err != nil {
		t := l.trouble(err, "ListAliases", "")
		if t.Cause != awsaccount.Denied {
			return l.unlisted(t)
		}
		l.warn("%v. New files get no labels", t)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	ids := make(chan string)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for id := range ids {
				if err := l.key(ctx, id); err != nil {
					cancel(err)
				}
				l.bar.Add(1)
			}
		})
	}
	err := l.list(ctx, ids)
	close(ids)
	wg.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		return l.unlisted(l.trouble(err, "ListKeys", ""))
	}
	return nil
}

// unlisted records that the keys of the lane are not known, or not all of them.
func (l *lane) unlisted(t *awsaccount.Trouble) error {
	if t.Everywhere() {
		return t
	}
	l.book.skip(pullfile.Skipped{Account: l.account, Region: l.region, Reason: pullfile.Reason(t.Cause), Message: t.Words})
	l.incomplete(l.account, l.region)
	return nil
}

func (l *lane) trouble(err error, api, key string) *awsaccount.Trouble {
	return l.accounts.Trouble(err, awsaccount.Place{Account: l.account, Region: l.region, Key: key, Action: "kms:" + api})
}

// call makes one call of an API when its pace allows.
func (l *lane) call(ctx context.Context, api string, call func(context.Context) error) error {
	return l.paces.Of(l.account, l.region, api).Do(ctx, call)
}

// https://docs.aws.amazon.com/kms/latest/APIReference/API_ListAliases.html
const mostAliases = 100

func (l *lane) listAliases(ctx context.Context) error {
	pages := kms.NewListAliasesPaginator(l.keys, &kms.ListAliasesInput{Limit: aws.Int32(mostAliases)})
	for pages.HasMorePages() {
		var page *kms.ListAliasesOutput
		err := l.call(ctx, "ListAliases", func(ctx context.Context) (err error) {
			page, err = pages.NextPage(ctx)
			return err
		})
		if err != nil {
			return err
		}
		for _, a := range page.Aliases {
			id, name := aws.ToString(a.TargetKeyId), aws.ToString(a.AliasName)
			if first, known := l.aliases[id]; id != "" && (!known || name < first) { // AWS reserves names without a key
				l.aliases[id] = name
			}
		}
	}
	return nil
}

// https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeys.html
const mostKeys = 1000

// list hands out the ids of all keys, as fast as they are taken.
func (l *lane) list(ctx context.Context, ids chan<- string) error {
	n := 0
	defer func() { l.book.listed(l.account, l.region, n) }()
	pages := kms.NewListKeysPaginator(l.keys, &kms.ListKeysInput{Limit: aws.Int32(mostKeys)})
	for pages.HasMorePages() {
		var page *kms.ListKeysOutput
		err := l.call(ctx, "ListKeys", func(ctx context.Context) (err error) {
			page, err = pages.NextPage(ctx)
			return err
		})
		if err != nil {
			return err
		}
		l.bar.Expect(len(page.Keys))
		for _, k := range page.Keys {
			if err := l.ours(aws.ToString(k.KeyArn)); err != nil {
				return err
			}
			select {
			case ids <- aws.ToString(k.KeyId):
				n++
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	return nil
}

// ours makes sure that a key is of the lane's account and Region. An endpoint that
// takes no notice of credentials, as some emulators, would list others.
func (l *lane) ours(arn string) error {
	at, ok := objectkey.ParseARN(arn)
	if ok && at.Account == l.account && at.Region == l.region {
		return nil
	}
	place := awsaccount.Place{Account: l.account, Region: l.region, Action: "kms:ListKeys"}
	return &awsaccount.Trouble{Cause: awsaccount.Other, Place: place, Words: fmt.Sprintf(
		"KMS lists the key %s, which is of another account or Region. Check AWS_ENDPOINT_URL and the credentials", arn)}
}

// key reads one key and puts its policy in the tree. It returns an error only
// where all the others would fail as well.
func (l *lane) key(ctx context.Context, id string) error {
	arn := objectkey.ARN{Partition: l.accounts.Partition, Region: l.region, Account: l.account, KeyID: id}
	l.seen(arn.String())
	if l.resumes(arn) {
		return nil
	}
	k, api, err := l.read(ctx, arn)
	if err != nil {
		t := l.trouble(err, api, id)
		if t.Everywhere() {
			return t
		}
		l.book.skip(pullfile.Skipped{Account: l.account, Region: l.region, ARN: arn.String(), Reason: pullfile.Reason(t.Cause), Message: t.Words})
		return nil
	}
	if k == nil {
		l.book.skip(pullfile.Skipped{
			Account: l.account, Region: l.region, ARN: arn.String(), Reason: pullfile.AWSManaged,
			Message: "AWS manages this key and keeps its policy",
		})
		return nil
	}
	return l.sets.take(*k)
}

// read describes a key and reads its policy. It returns nil for a key that AWS
// manages, and with an error the API that it is from.
func (l *lane) read(ctx context.Context, arn objectkey.ARN) (k *found, api string, err error) {
	id := arn.KeyID
	if strings.HasPrefix(l.aliases[id], "alias/aws/") {
		return nil, "", nil
	}
	var described *kms.DescribeKeyOutput
	err = l.call(ctx, "DescribeKey", func(ctx context.Context) (err error) {
		described, err = l.keys.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &id})
		return err
	})
	if err != nil {
		return nil, "DescribeKey", err
	}
	m := described.KeyMetadata
	if m.KeyManager == types.KeyManagerTypeAws {
		return nil, "", nil
	}
	k = &found{arn: arn, alias: l.aliases[id], state: string(m.KeyState), others: otherRegions(m), read: time.Now()}
	err = l.call(ctx, "GetKeyPolicy", func(ctx context.Context) error {
		out, err := l.keys.GetKeyPolicy(ctx, &kms.GetKeyPolicyInput{KeyId: &id, PolicyName: aws.String("default")})
		if err == nil {
			k.policy = aws.ToString(out.Policy)
		}
		return err
	})
	return k, "GetKeyPolicy", err
}

// otherRegions are where the other keys of a multi-Region set are.
func otherRegions(m *types.KeyMetadata) []string {
	c := m.MultiRegionConfiguration
	if c == nil {
		return nil
	}
	var regions []string
	if c.PrimaryKey != nil {
		regions = append(regions, aws.ToString(c.PrimaryKey.Region))
	}
	for _, r := range c.ReplicaKeys {
		regions = append(regions, aws.ToString(r.Region))
	}
	arn, _ := objectkey.ParseARN(aws.ToString(m.Arn))
	return slices.DeleteFunc(regions, func(r string) bool { return r == "" || r == arn.Region })
}
