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
)

// keysAPI is the part of *kms.Client that this package calls. It reads no key.
type keysAPI interface {
	ListKeys(context.Context, *kms.ListKeysInput, ...func(*kms.Options)) (*kms.ListKeysOutput, error)
	ListAliases(context.Context, *kms.ListAliasesInput, ...func(*kms.Options)) (*kms.ListAliasesOutput, error)
}

// tagsAPI is the part of the tagging client that this package calls.
type tagsAPI interface {
	GetResources(context.Context, *tagging.GetResourcesInput, ...func(*tagging.Options)) (*tagging.GetResourcesOutput, error)
}

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
}

const managedBy = "managed-by"

// account is what the account has of keys.
type account struct {
	exist   map[string]bool // by key id
	managed []string        // ARNs, sorted
}

// look lists the keys of the account and Region.
func (s *Sweeper) look(ctx context.Context) (account, error) {
	a := account{exist: map[string]bool{}}
	pages := kms.NewListKeysPaginator(s.Keys, &kms.ListKeysInput{Limit: aws.Int32(1000)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return a, fmt.Errorf("listing the keys of the account: %w", err)
		}
		for _, k := range page.Keys {
			a.exist[aws.ToString(k.KeyId)] = true
			a.managed = append(a.managed, aws.ToString(k.KeyArn))
		}
	}
	theirs, err := s.awsManaged(ctx)
	if err != nil {
		return a, err
	}
	tagged, err := s.tagged(ctx)
	if err != nil {
		return a, err
	}
	a.managed = slices.DeleteFunc(a.managed, func(arn string) bool {
		key, ok := objectkey.ParseARN(arn)
		return !ok || theirs[key.KeyID] || tagged != nil && !tagged[arn] || !s.Scope.names(key)
	})
	slices.Sort(a.managed)
	return a, nil
}

// names tells whether the configuration lets keysmith change a key, as far as
// its ARN tells.
func (s Scope) names(key objectkey.ARN) bool {
	if slices.ContainsFunc(s.Protected, key.NamedBy) {
		return false
	}
	return len(s.ARNs) == 0 || slices.ContainsFunc(s.ARNs, func(pattern string) bool {
		ok, err := path.Match(pattern, key.String()) // as IAM matches: there is one slash in each
		return ok && err == nil
	})
}

// awsManaged are the ids of the keys that AWS made for its services. Only their
// aliases tell that without a call for each key.
func (s *Sweeper) awsManaged(ctx context.Context) (map[string]bool, error) {
	ids := map[string]bool{}
	pages := kms.NewListAliasesPaginator(s.Keys, &kms.ListAliasesInput{Limit: aws.Int32(100)})
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
func (s *Sweeper) tagged(ctx context.Context) (map[string]bool, error) {
	if s.Scope.Tag == "" {
		return nil, nil
	}
	arns := map[string]bool{}
	pages := tagging.NewGetResourcesPaginator(s.Tags, &tagging.GetResourcesInput{
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

// compareKeys holds the keys of the account against the objects, and writes
// status/unmanaged.json.
func (s *Sweeper) compareKeys(ctx context.Context, unreadable []string) (*Unmanaged, error) {
	a, err := s.look(ctx)
	if err != nil {
		return nil, err
	}
	u := &Unmanaged{Schema: UnmanagedSchema, Time: time.Now().UTC(), Unmanaged: []string{}, Gone: []string{}, Unreadable: append([]string{}, unreadable...)}
	named := map[string]bool{}
	objects := pages{bucket: s.Bucket, prefix: objectkey.Policies}
	for {
		object, err := objects.head(ctx)
		if err != nil {
			return nil, err
		}
		if object == "" {
			break
		}
		objects.keys = objects.keys[1:]
		name, err := s.name(object)
		if err != nil {
			continue // it has its place among the names that cannot be parsed
		}
		named[name.KeyID] = true
		if !a.exist[name.KeyID] {
			u.Gone = append(u.Gone, object)
		}
	}
	for _, arn := range a.managed {
		if key, _ := objectkey.ParseARN(arn); !named[key.KeyID] {
			u.Unmanaged = append(u.Unmanaged, arn)
		}
	}
	return u, s.writeUnmanaged(ctx, u)
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
