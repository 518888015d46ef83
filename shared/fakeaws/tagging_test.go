package fakeaws_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	tagging "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi/types"

	"github.com/keysmith/keysmith/shared/fakeaws"
)

func TestKeysAreFoundByTheirTagsPageByPage(t *testing.T) {
	cloud := fakeaws.New(fakeaws.Options{})
	url, stop := fakeaws.Start(cloud)
	defer stop()
	var want []string
	for i := range 7 {
		tags := map[string]string{"managed-by": "keysmith", "n": fmt.Sprint(i)}
		if i == 3 {
			tags = map[string]string{"managed-by": "someone"}
		}
		arn := cloud.KMS.CreateKey(fakeaws.KeySpec{ID: fmt.Sprintf("6f1c7a52-3c0e-4a86-9d7e-%012x", i), Tags: tags})
		if i != 3 {
			want = append(want, arn)
		}
	}
	cloud.KMS.CreateKey(fakeaws.KeySpec{}) // without a tag
	pages := tagging.NewGetResourcesPaginator(tagging.NewFromConfig(config(url)), &tagging.GetResourcesInput{
		ResourceTypeFilters: []string{"kms:key"}, ResourcesPerPage: aws.Int32(2),
		TagFilters: []types.TagFilter{{Key: aws.String("managed-by"), Values: []string{"keysmith"}}},
	})
	var got []string
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page.ResourceTagMappingList {
			got = append(got, aws.ToString(r.ResourceARN))
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if call := cloud.Calls()[0]; call.IAM != "tag:GetResources" || call.Resource != "*" {
		t.Errorf("%+v", call)
	}
}

func TestKeysAndAliasesAreListedPageByPage(t *testing.T) {
	c := start(t, fakeaws.Options{})
	const n = 230
	for i := range n {
		id := fmt.Sprintf("6f1c7a52-3c0e-4a86-9d7e-%012x", i)
		c.cloud.KMS.CreateKey(fakeaws.KeySpec{ID: id})
		c.cloud.KMS.CreateAlias(fmt.Sprint("alias/", i), id)
	}
	keys, pages := map[string]bool{}, 0
	list := kms.NewListKeysPaginator(c.kms, &kms.ListKeysInput{})
	for ; list.HasMorePages(); pages++ {
		page, err := list.NextPage(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range page.Keys {
			keys[aws.ToString(k.KeyId)] = true
		}
	}
	if len(keys) != n || pages != 3 {
		t.Errorf("%d keys on %d pages", len(keys), pages)
	}
	aliases, pages := map[string]bool{}, 0
	for list := kms.NewListAliasesPaginator(c.kms, &kms.ListAliasesInput{}); list.HasMorePages(); pages++ {
		page, err := list.NextPage(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range page.Aliases {
			aliases[aws.ToString(a.AliasName)] = true
		}
	}
	if len(aliases) != n || pages != 5 {
		t.Errorf("%d aliases on %d pages", len(aliases), pages)
	}
	if _, err := c.kms.ListKeys(ctx, &kms.ListKeysInput{Limit: aws.Int32(1001)}); codeOf(err) != "ValidationException" {
		t.Errorf("a limit of 1001: %v", err)
	}
}
