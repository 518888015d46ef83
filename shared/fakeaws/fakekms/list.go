package fakekms

import (
	"context"
	"maps"
	"slices"

	"github.com/keysmith/keysmith/shared/fakeaws/internal/wire"
)

// pageInput is what every list of KMS takes. The marker is opaque to callers;
// here it is the last ARN of the page before.
type pageInput struct {
	Limit  *int
	Marker string
}

// cut returns the page of sorted names that in asks for, and the next marker.
func (in pageInput) cut(names []string, unset, most int) (page []string, next string, err error) {
	size := unset
	if in.Limit != nil {
		size = *in.Limit
	}
	if size < 1 || size > most {
		return nil, "", wire.Errorf("ValidationException",
			"1 validation error detected: Value '%d' at 'limit' failed to satisfy constraint: Member must have value between 1 and %d", size, most)
	}
	i, found := slices.BinarySearch(names, in.Marker)
	if found {
		i++
	}
	names = names[i:]
	if len(names) <= size {
		return names, "", nil
	}
	return names[:size], names[size-1], nil
}

// listed is an answer with a list in it.
func listed(name string, list any, next string) map[string]any {
	out := map[string]any{name: list, "Truncated": next != ""}
	if next != "" {
		out["NextMarker"] = next
	}
	return out
}

// https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeys.html
func (s *Service) listKeys(_ context.Context, call *wire.Call, in pageInput) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.unbound(call); err != nil {
		return nil, err
	}
	page, next, err := in.cut(s.own(call.Account, call.Region), 100, 1000)
	if err != nil {
		return nil, err
	}
	out := []map[string]string{}
	for _, arn := range page {
		out = append(out, map[string]string{"KeyId": s.keys[arn].id, "KeyArn": arn})
	}
	return listed("Keys", out, next), nil
}

// own are the ARNs of an account's keys in a Region, sorted.
func (s *Service) own(account, region string) []string {
	arns := slices.Sorted(maps.Keys(s.keys))
	return slices.DeleteFunc(arns, func(arn string) bool {
		return s.keys[arn].account != account || s.keys[arn].region != region
	})
}

type listAliasesInput struct {
	KeyId string
	pageInput
}

// https://docs.aws.amazon.com/kms/latest/APIReference/API_ListAliases.html
func (s *Service) listAliases(_ context.Context, call *wire.Call, in listAliasesInput) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.unbound(call); err != nil {
		return nil, err
	}
	names, err := s.aliasesOf(call, in.KeyId)
	if err != nil {
		return nil, err
	}
	page, next, err := in.cut(names, 50, 100)
	if err != nil {
		return nil, err
	}
	out := []map[string]any{}
	for _, arn := range page {
		a := s.aliases[arn]
		out = append(out, map[string]any{
			"AliasName": a.name, "AliasArn": arn, "TargetKeyId": a.key.id, "CreationDate": seconds(a.created),
		})
	}
	return listed("Aliases", out, next), nil
}

// aliasesOf are the ARNs of the aliases of one key, or of all, sorted.
func (s *Service) aliasesOf(call *wire.Call, keyID string) ([]string, error) {
	var only *key
	if keyID != "" {
		k, err := s.find(call, keyID, false)
		if err != nil {
			return nil, err
		}
		only = k
	}
	arns := slices.Sorted(maps.Keys(s.aliases))
	return slices.DeleteFunc(arns, func(arn string) bool {
		k := s.aliases[arn].key
		return k.account != call.Account || k.region != call.Region || only != nil && k != only
	}), nil
}

// A Tagged is a key with its tags.
type Tagged struct {
	ARN  string
	Tags map[string]string
}

// Names are those of the tags, sorted.
func (t Tagged) Names() []string { return slices.Sorted(maps.Keys(t.Tags)) }

// Tagged are the keys of an account in a Region that have tags, by ARN.
func (s *Service) Tagged(account, region string) (list []Tagged) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, arn := range s.own(account, region) {
		if tags := s.keys[arn].tags; len(tags) > 0 {
			list = append(list, Tagged{arn, maps.Clone(tags)})
		}
	}
	return list
}
