package sweep

import (
	"context"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	tagging "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	tags "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi/types"

	"github.com/keysmith/keysmith/shared/bucket"
	"github.com/keysmith/keysmith/shared/objectkey"
	"github.com/keysmith/keysmith/shared/target"
)

// UnmanagedSchema is the version of the contract that status/unmanaged.json
// follows. Its JSON Schema is schema/unmanaged.json.
const UnmanagedSchema = "keysmith.unmanaged/1"

// An Unmanaged is where the bucket and the account do not fit together.
type Unmanaged struct {
	Schema     string    `json:"schema"`
	Time       time.Time `json:"time"`
	Unmanaged  []string  `json:"unmanaged"`  // ARNs of keys that keysmith may change and that have no object
	Gone       []string  `json:"gone"`       // objects whose key does not exist
	Unreadable []string  `json:"unreadable"` // objects whose key keysmith may not read or change; the first of them
}

// Scope says which keys a deployment manages.
type Scope struct {
	ARNs      []string // patterns with * and ?; none: the tag alone decides
	Tag       string   // value of the tag managed-by; empty: the tag does not matter
	Protected []string // ids or ARNs of keys that are never touched

	own string // account of the stack
}

const managedBy = "managed-by"

// An inventory is what an account and Region has of keys.
type inventory struct {
	exist   map[string]bool // by key id
	managed []objectkey.ARN // sorted by their text
}

// look lists the keys of an account and Region.
func (s *Sweeper) look(ctx context.Context, at *target.Target) (*inventory, error) {
	found := &inventory{exist: map[string]bool{}}
	var arns []string
	pages := kms.NewListKeysPaginator(at.KMS, &kms.ListKeysInput{Limit: aws.Int32(1000)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("listing the keys of the account: %w", at.Explain(err))
		}
		for _, k := range page.Keys {
			found.exist[aws.ToString(k.KeyId)] = true
			arns = append(arns, aws.ToString(k.KeyArn))
		}
	}
	theirs, err := awsManaged(ctx, at.KMS)
	if err != nil {
		return nil, at.Explain(err)
	}
	tagged, err := s.tagged(ctx, tagging.NewFromConfig(at.SDK))
	if err != nil {
		return nil, at.Explain(err)
	}
	slices.Sort(arns)
	for _, arn := range arns {
		key, ok := objectkey.ParseARN(arn)
		if ok && !theirs[key.KeyID] && (tagged == nil || tagged[arn]) && s.Scope.names(key) {
			found.managed = append(found.managed, key)
		}
	}
	return found, nil
}

// names reports whether the configuration lets keysmith change a key, as far as
// its ARN tells.
func (s Scope) names(key objectkey.ARN) bool {
	if slices.ContainsFunc(s.Protected, key.NamedBy) {
		return false
	}
	here := s.of(key.Account)
	return len(here) == 0 || slices.ContainsFunc(here, func(pattern string) bool {
		ok, err := path.Match(pattern, key.String()) // as IAM matches: there is one slash in each
		return ok && err == nil
	})
}

// of are the patterns that are about an account. Of another account than the
// stack's own, mostly none is: there the role decides.
func (s Scope) of(account string) []string {
	var list []string
	for _, pattern := range s.ARNs {
		if p := strings.SplitN(pattern, ":", 6); len(p) == 6 {
			if ok, err := path.Match(p[4], account); ok && err == nil || account == s.own {
				list = append(list, pattern)
			}
		}
	}
	return list
}

// awsManaged are the ids of the keys that AWS made for its services. Only their
// aliases tell that without a call for each key.
func awsManaged(ctx context.Context, keys kms.ListAliasesAPIClient) (map[string]bool, error) {
	ids := map[string]bool{}
	pages := kms.NewListAliasesPaginator(keys, &kms.ListAliasesInput{Limit: aws.Int32(100)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("listing the aliases of the account: %w", err)
		}
		for _, alias := range page.Aliases {
			if strings.HasPrefix(aws.ToString(alias.AliasName), "alias/aws/") {
				ids[aws.ToString(alias.TargetKeyId)] = true
			}
		}
	}
	return ids, nil
}

// tagged are the ARNs of the keys with the tag; nil where the tag does not
// matter.
func (s *Sweeper) tagged(ctx context.Context, client tagging.GetResourcesAPIClient) (map[string]bool, error) {
	if s.Scope.Tag == "" {
		return nil, nil
	}
	arns := map[string]bool{}
	pages := tagging.NewGetResourcesPaginator(client, &tagging.GetResourcesInput{
		ResourceTypeFilters: []string{"kms:key"}, ResourcesPerPage: aws.Int32(100),
		TagFilters: []tags.TagFilter{{Key: aws.String(managedBy), Values: []string{s.Scope.Tag}}},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("listing the keys with the tag %s=%s: %w", managedBy, s.Scope.Tag, err)
		}
		for _, r := range page.ResourceTagMappingList {
			arns[aws.ToString(r.ResourceARN)] = true
		}
	}
	return arns, nil
}

// writeUnmanaged replaces status/unmanaged.json, whatever it holds.
func (s *Sweeper) writeUnmanaged(ctx context.Context, u *Unmanaged) error {
	text, err := json.MarshalIndent(u, "", "  ")
	if err != nil {
		return fmt.Errorf("writing %s: %w", objectkey.UnmanagedReport, err)
	}
	for try := range attempts {
		if err = pause(ctx, try); err != nil {
			break
		}
		var seen bucket.Object
		if seen, err = s.Bucket.Head(ctx, objectkey.UnmanagedReport); err != nil && !bucket.Missing(err) {
			continue
		}
		if _, err = s.Bucket.Replace(ctx, objectkey.UnmanagedReport, text, nil, seen.Version); err == nil {
			return nil
		}
	}
	return fmt.Errorf("writing %s: %w", objectkey.UnmanagedReport, err)
}
