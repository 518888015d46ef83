package plan

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keysmith/keysmith/scripts/keysmith/internal/awsaccount"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/desired"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/diff"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/progress"
	"github.com/keysmith/keysmith/scripts/keysmith/internal/subject"
	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/objectkey"
	"github.com/keysmith/keysmith/shared/outcome"
)

// workers is how many keys are looked at side by side. The quotas of KMS are kept
// by the clients.
const workers = 16

// compare looks at each policy beside what is in force.
func (p *planner) compare(ctx context.Context, policies []*desired.Policy) []*entry {
	found := make([][]*entry, len(policies))
	bar := progress.Start(p.env.Err, "reading what is in force", len(policies))
	defer bar.Done()
	next := make(chan int)
	var running sync.WaitGroup
	for range min(workers, len(policies)) {
		running.Go(func() {
			for i := range next {
				found[i] = p.one(ctx, policies[i])
				bar.Add(1)
			}
		})
	}
	for i := range policies {
		if ctx.Err() != nil || p.fatal.Load() != nil {
			break
		}
		next <- i
	}
	close(next)
	running.Wait()
	var all []*entry
	for _, list := range found {
		all = append(all, list...)
	}
	return all
}

// one looks at one object, which stands for one key, or for all of a multi-Region
// set.
func (p *planner) one(ctx context.Context, d *desired.Policy) []*entry {
	k := p.clients.complete(d.Key)
	regions := []string{k.Region}
	if strings.Contains(d.Object, "/"+subject.MultiRegion+"/") {
		var err error
		if regions, err = p.regionsOf(ctx, k); err != nil {
			return []*entry{p.unread(d, k, err)}
		}
	}
	var list []*entry
	for _, region := range regions {
		k.Region = region
		list = append(list, p.inRegion(ctx, d, k))
	}
	return list
}

// regionsOf are the Regions in which a multi-Region key exists.
func (p *planner) regionsOf(ctx context.Context, k keypolicy.Key) ([]string, error) {
	var out *kms.DescribeKeyOutput
	err := p.clients.paced(ctx, k, "DescribeKey", func(ctx context.Context) (err error) {
		out, err = p.clients.kms(k).DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: aws.String(arnOf(k))})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("finding the Regions of the multi-Region key: %w", err)
	}
	set := out.KeyMetadata.MultiRegionConfiguration
	if set == nil || set.PrimaryKey == nil {
		return nil, errors.New("the key is not a multi-Region key: call the file policies/<key-id>.json")
	}
	regions := []string{aws.ToString(set.PrimaryKey.Region)}
	for _, replica := range set.ReplicaKeys {
		regions = append(regions, aws.ToString(replica.Region))
	}
	return regions, nil
}

func arnOf(k keypolicy.Key) string {
	return objectkey.ARN{Partition: k.PartitionName(), Region: k.Region, Account: k.Account, KeyID: k.ID}.String()
}

func (p *planner) blank(d *desired.Policy, k keypolicy.Key) *entry {
	sum := sha256.Sum256(d.Text)
	return &entry{
		File: d.Path, Object: d.Object, SHA256: hex.EncodeToString(sum[:]), Findings: []keypolicy.Finding{}, show: d.Show(),
		Key: outcome.Key{ARN: arnOf(k), ID: k.ID, Account: k.Account, Region: k.Region},
	}
}

// unread is the entry of a key of which nothing could be read. Its policy is judged
// all the same.
func (p *planner) unread(d *desired.Policy, k keypolicy.Key, err error) *entry {
	var trouble *awsaccount.Trouble
	if errors.As(err, &trouble) && trouble.Everywhere() {
		p.fatal.CompareAndSwap(nil, &err)
	}
	e := p.blank(d, k)
	e.Error = err.Error()
	p.judge(e, d, k)
	return e
}

func (p *planner) judge(e *entry, d *desired.Policy, k keypolicy.Key) {
	findings, reason := d.Verdict(k)
	e.Findings, e.Reason = append(e.Findings, findings...), reason
}

func (p *planner) inRegion(ctx context.Context, d *desired.Policy, k keypolicy.Key) *entry {
	if known, err := p.clients.describe(ctx, k); err == nil { // else the facts stay unknown
		k.Usage, k.Spec, k.Origin = known.Usage, known.Spec, known.Origin
	}
	text, err := p.clients.policy(ctx, k)
	if err != nil {
		return p.unread(d, k, err)
	}
	e := p.blank(d, k)
	p.judge(e, d, k)
	inForce, _ := keypolicy.Parse([]byte(text))
	if d.Parsed.Opaque() || inForce.Opaque() {
		if inForce.Opaque() {
			e.Error = "the policy in force has a form that cannot be checked, so it cannot be compared"
		}
		return e
	}
	difference := diff.Compare(inForce, d.Parsed, k)
	e.Difference = &difference
	if e.losesSome() && p.lastUse.Value == "on" {
		e.LastUse = p.askLastUse(ctx, k)
	}
	return e
}
