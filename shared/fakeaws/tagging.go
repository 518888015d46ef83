package fakeaws

import (
	"context"
	"slices"

	"github.com/keysmith/keysmith/shared/fakeaws/internal/wire"
)

// The Resource Groups Tagging API is one view on the tags of all services; the
// only resources with tags here are keys.

type getResourcesInput struct {
	PaginationToken     string
	ResourcesPerPage    *int
	ResourceTypeFilters []string
	TagFilters          []struct {
		Key    string
		Values []string
	}
}

// tagging is the table of its actions.
func (c *Cloud) tagging() wire.Table {
	return wire.Table{"GetResources": wire.Handle(c.getResources)}
}

// https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html
func (c *Cloud) getResources(_ context.Context, call *wire.Call, in getResourcesInput) (any, error) {
	call.Resource = "*"
	call.Context = map[string][]string{"aws:requestedregion": {call.Region}}
	const most = 100
	size := most
	if in.ResourcesPerPage != nil {
		size = *in.ResourcesPerPage
	}
	if size < 1 || size > most {
		return nil, wire.Errorf("InvalidParameterException", "ResourcesPerPage must be between 1 and 100")
	}
	type tag struct{ Key, Value string }
	type resource struct {
		ResourceARN string
		Tags        []tag
	}
	found, next := []resource{}, ""
	for _, k := range c.KMS.Tagged(call.Account, call.Region) {
		if k.ARN <= in.PaginationToken || !in.selects(k.Tags) {
			continue
		}
		if len(found) == size {
			next = found[size-1].ResourceARN
			break
		}
		one := resource{ResourceARN: k.ARN}
		for _, t := range k.Names() {
			one.Tags = append(one.Tags, tag{t, k.Tags[t]})
		}
		found = append(found, one)
	}
	return map[string]any{"ResourceTagMappingList": found, "PaginationToken": next}, nil
}

// selects reports whether a key with these tags is asked for: all filters must
// hold, each by any of its values.
func (in getResourcesInput) selects(tags map[string]string) bool {
	if len(in.ResourceTypeFilters) > 0 && !slices.Contains(in.ResourceTypeFilters, "kms") && !slices.Contains(in.ResourceTypeFilters, "kms:key") {
		return false
	}
	for _, f := range in.TagFilters {
		value, ok := tags[f.Key]
		if !ok || len(f.Values) > 0 && !slices.Contains(f.Values, value) {
			return false
		}
	}
	return true
}
