package fakeaws

import (
	"context"
	"encoding/xml"
	"net/http"
	"net/url"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws/internal/wire"
)

// iamPrincipal is what IAM says of a role or a user.
type iamPrincipal struct {
	Path    string
	Name    string `xml:"RoleName,omitempty"`
	User    string `xml:"UserName,omitempty"`
	ID      string `xml:"RoleId,omitempty"`
	UserID  string `xml:"UserId,omitempty"`
	Arn     string
	Created time.Time `xml:"CreateDate"`
}

type gotRole struct {
	XMLName xml.Name     `xml:"https://iam.amazonaws.com/doc/2010-05-08/ GetRoleResponse"`
	Role    iamPrincipal `xml:"GetRoleResult>Role"`
	ID      string       `xml:"ResponseMetadata>RequestId"`
}

type gotUser struct {
	XMLName xml.Name     `xml:"https://iam.amazonaws.com/doc/2010-05-08/ GetUserResponse"`
	User    iamPrincipal `xml:"GetUserResult>User"`
	ID      string       `xml:"ResponseMetadata>RequestId"`
}

// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html
func (c *Cloud) getRole(_ context.Context, call *Call, form url.Values) (any, error) {
	p, path, err := c.principal(call, "role", form.Get("RoleName"))
	if err != nil {
		return nil, err
	}
	return gotRole{ID: call.RequestID, Role: iamPrincipal{
		Path: path, Name: form.Get("RoleName"), ID: p.ID, Arn: p.ARN, Created: p.From.UTC().Truncate(time.Second),
	}}, nil
}

// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetUser.html
func (c *Cloud) getUser(_ context.Context, call *Call, form url.Values) (any, error) {
	p, path, err := c.principal(call, "user", form.Get("UserName"))
	if err != nil {
		return nil, err
	}
	return gotUser{ID: call.RequestID, User: iamPrincipal{
		Path: path, User: form.Get("UserName"), UserID: p.ID, Arn: p.ARN, Created: p.From.UTC().Truncate(time.Second),
	}}, nil
}

// principal finds a role or user of the caller's account, if IAM lets the caller.
func (c *Cloud) principal(call *Call, kind, name string) (p KMSPrincipal, path string, err error) {
	call.Resource = "arn:aws:iam::" + call.Account + ":" + kind + "/" + name
	if !c.KMS.Allows(call, call.IAM, call.Resource) {
		return p, "", wire.StatusError(http.StatusForbidden, "AccessDenied",
			"User: %s is not authorized to perform: %s on resource: %s", call.Caller, call.IAM, call.Resource)
	}
	p, path, found := c.KMS.Principal(call.Account, kind, name)
	if !found {
		return p, "", wire.StatusError(http.StatusNotFound, "NoSuchEntity", "The %s with name %s cannot be found.", kind, name)
	}
	return p, path, nil
}
