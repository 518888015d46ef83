package fakeaws

import (
	"context"
	"encoding/xml"
	"net/url"
	"sync"

	"github.com/keysmith/keysmith/shared/fakeaws/internal/wire"
)

// stacks are what CloudFormation knows: the physical ids of the resources of
// each stack.
type stacks struct {
	mu     sync.Mutex
	byName map[string]map[string]StackResource
}

// A StackResource is a resource of a stack.
type StackResource struct{ Type, PhysicalID string }

// SetStack makes a stack exist, or replaces it. Resources are given by their
// logical ids.
func (c *Cloud) SetStack(name string, resources map[string]StackResource) {
	c.stacks.mu.Lock()
	defer c.stacks.mu.Unlock()
	if c.stacks.byName == nil {
		c.stacks.byName = map[string]map[string]StackResource{}
	}
	c.stacks.byName[name] = resources
}

type stackResource struct {
	XMLName    xml.Name `xml:"http://cloudformation.amazonaws.com/doc/2010-05-15/ DescribeStackResourceResponse"`
	StackName  string   `xml:"DescribeStackResourceResult>StackResourceDetail>StackName"`
	LogicalID  string   `xml:"DescribeStackResourceResult>StackResourceDetail>LogicalResourceId"`
	PhysicalID string   `xml:"DescribeStackResourceResult>StackResourceDetail>PhysicalResourceId,omitempty"`
	Type       string   `xml:"DescribeStackResourceResult>StackResourceDetail>ResourceType"`
	Status     string   `xml:"DescribeStackResourceResult>StackResourceDetail>ResourceStatus"`
	ID         string   `xml:"ResponseMetadata>RequestId"`
}

// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackResource.html
func (c *Cloud) describeStackResource(_ context.Context, call *Call, form url.Values) (any, error) {
	stack, id := form.Get("StackName"), form.Get("LogicalResourceId")
	call.Resource = "arn:aws:cloudformation:" + call.Region + ":" + call.Account + ":stack/" + stack + "/*"
	c.stacks.mu.Lock()
	defer c.stacks.mu.Unlock()
	resources, exists := c.stacks.byName[stack]
	if !exists || call.Account != c.opts.Account || call.Region != c.opts.Region {
		return nil, wire.Errorf("ValidationError", "Stack '%s' does not exist", stack)
	}
	found, exists := resources[id]
	if !exists {
		return nil, wire.Errorf("ValidationError", "Resource %s does not exist for stack %s", id, stack)
	}
	return stackResource{
		StackName: stack, LogicalID: id, PhysicalID: found.PhysicalID, Type: found.Type, Status: "CREATE_COMPLETE", ID: call.RequestID,
	}, nil
}
