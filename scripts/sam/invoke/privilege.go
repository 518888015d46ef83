package main

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/keysmith/keysmith/shared/fakeaws"
	"github.com/keysmith/keysmith/shared/samples"
	"github.com/keysmith/keysmith/shared/samtemplate"
)

// privilege is what the function's role in template.yaml allows, and which of
// it has been used so far.
type privilege struct {
	grants []*grant
}

type grant struct {
	action   string
	resource *regexp.Regexp
	used     bool
}

func loadPrivilege(template string, w samples.World) (*privilege, error) {
	stack, err := samtemplate.Load(template, samtemplate.Options{
		Account: w.Account, Region: w.Region,
		Parameters: map[string]string{
			"PolicyBucketName": w.Bucket,
			"KeyArns":          "arn:aws:kms:" + w.Region + ":" + w.Account + ":key/*",
		},
	})
	if err != nil {
		return nil, err
	}
	p := &privilege{}
	for _, role := range stack.Roles {
		for _, s := range role.Statements {
			p.add(s)
		}
	}
	return p, nil
}

// add notes what a statement allows. Its conditions are taken to hold: what
// they ask for is not in the calls that the fake notes.
func (p *privilege) add(s samtemplate.Statement) {
	if s.Effect != "Allow" {
		return
	}
	for _, action := range s.Actions {
		for _, resource := range s.Resources {
			pattern := strings.ReplaceAll(regexp.QuoteMeta(resource), `\*`, ".*")
			p.grants = append(p.grants, &grant{action: action, resource: regexp.MustCompile("^" + pattern + "$")})
		}
	}
}

// judge returns a line for each call that AWS would have refused the role. Of
// what does not exist nothing is known that a policy could be held against.
func (p *privilege) judge(calls []fakeaws.Call) []string {
	refused := map[string]bool{}
	for _, c := range calls {
		if !p.allows(c) && c.Error != "NotFoundException" {
			refused[fmt.Sprintf("the role in the template does not allow %s on %s", c.IAM, c.Resource)] = true
		}
	}
	return slices.Sorted(maps.Keys(refused))
}

func (p *privilege) allows(c fakeaws.Call) bool {
	for _, g := range p.grants {
		if g.action == c.IAM && g.resource.MatchString(c.Resource) {
			g.used = true
			return true
		}
	}
	return false
}

// unused lists the actions that no call needed.
func (p *privilege) unused() []string {
	used, list := map[string]bool{}, map[string]bool{}
	for _, g := range p.grants {
		used[g.action] = used[g.action] || g.used
	}
	for action, yes := range used {
		if !yes {
			list[action] = true
		}
	}
	return slices.Sorted(maps.Keys(list))
}
