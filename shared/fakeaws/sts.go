package fakeaws

import (
	"cmp"
	"context"
	"encoding/xml"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws/internal/wire"
)

type callerIdentity struct {
	XMLName xml.Name `xml:"https://sts.amazonaws.com/doc/2011-06-15/ GetCallerIdentityResponse"`
	Arn     string   `xml:"GetCallerIdentityResult>Arn"`
	UserID  string   `xml:"GetCallerIdentityResult>UserId"`
	Account string   `xml:"GetCallerIdentityResult>Account"`
	ID      string   `xml:"ResponseMetadata>RequestId"`
}

// getCallerIdentity needs no permission.
func (c *Cloud) getCallerIdentity(_ context.Context, call *Call, _ url.Values) (any, error) {
	call.Resource = "*"
	return callerIdentity{Arn: call.Caller, UserID: "AROAFAKEAWS:session", Account: call.Account, ID: call.RequestID}, nil
}

type assumedRole struct {
	XMLName xml.Name  `xml:"https://sts.amazonaws.com/doc/2011-06-15/ AssumeRoleResponse"`
	Key     string    `xml:"AssumeRoleResult>Credentials>AccessKeyId"`
	Secret  string    `xml:"AssumeRoleResult>Credentials>SecretAccessKey"`
	Token   string    `xml:"AssumeRoleResult>Credentials>SessionToken"`
	Expires time.Time `xml:"AssumeRoleResult>Credentials>Expiration"`
	RoleID  string    `xml:"AssumeRoleResult>AssumedRoleUser>AssumedRoleId"`
	Arn     string    `xml:"AssumeRoleResult>AssumedRoleUser>Arn"`
	ID      string    `xml:"ResponseMetadata>RequestId"`
}

// assumeRole gives out credentials for a session of a role. A role that does not
// exist is refused in the same words as one that does not trust the caller.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
func (c *Cloud) assumeRole(_ context.Context, call *Call, form url.Values) (any, error) {
	role := form.Get("RoleArn")
	call.Resource = role
	call.Context = map[string][]string{"sts:rolesessionname": {form.Get("RoleSessionName")}, "aws:resourceaccount": {accountOf(role)}}
	if org := c.orgOf(accountOf(role)); org != "" {
		call.Context["aws:resourceorgid"] = []string{org}
	}
	if id := form.Get("ExternalId"); id != "" {
		call.Context["sts:externalid"] = []string{id}
	}
	length, err := checkAssume(form)
	if err != nil {
		return nil, err
	}
	if !c.trusts(call, role) {
		return nil, wire.StatusError(http.StatusForbidden, "AccessDenied",
			"User: %s is not authorized to perform: sts:AssumeRole on resource: %s", call.Caller, role)
	}
	if err := c.tooLong(call, role, length); err != nil {
		return nil, err
	}
	return c.session(call, role, form.Get("RoleSessionName"), c.opts.Now().Add(length).UTC().Truncate(time.Second)), nil
}

func (c *Cloud) session(call *Call, role, name string, expires time.Time) assumedRole {
	out := assumedRole{
		Key: "ASIA" + c.source.Base32(16), Secret: c.source.Hex(40), Token: c.source.Hex(64), Expires: expires,
		Arn: sessionARN(role, name), RoleID: "AROA" + c.source.Base32(17) + ":" + name, ID: call.RequestID,
	}
	c.accounts.mu.Lock()
	defer c.accounts.mu.Unlock()
	c.accounts.sessions[out.Key] = credential{arn: cmp.Or(c.accounts.roles[role].ActsAs, out.Arn), token: out.Token, expires: expires}
	return out
}

// sessionARN is the ARN of a session of a role. It does not have the role's path.
func sessionARN(role, name string) string {
	parts := strings.SplitN(role, ":", 6)
	path := strings.Split(parts[5], "/")
	return "arn:" + parts[1] + ":sts::" + parts[4] + ":assumed-role/" + path[len(path)-1] + "/" + name
}

var (
	rolePattern        = regexp.MustCompile(`^arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+$`)
	sessionNamePattern = regexp.MustCompile(`^[\w+=,.@-]{2,64}$`)
	externalIDPattern  = regexp.MustCompile(`^[\w+=,.@:/-]{2,}$`)
)

// checkAssume refuses what is out of form, and returns how long the session is
// to last.
func checkAssume(form url.Values) (time.Duration, error) {
	seconds, err := 3600, error(nil)
	if text := form.Get("DurationSeconds"); text != "" {
		seconds, err = strconv.Atoi(text)
	}
	switch {
	case err != nil || seconds < 900 || seconds > 43200:
		return 0, invalidInput("durationSeconds", "Member must have value between 900 and 43200")
	case !rolePattern.MatchString(form.Get("RoleArn")):
		return 0, wire.Errorf("ValidationError", "%s is invalid", form.Get("RoleArn"))
	case !sessionNamePattern.MatchString(form.Get("RoleSessionName")):
		return 0, invalidInput("roleSessionName", `Member must satisfy regular expression pattern: [\w+=,.@-]*`)
	case form.Has("ExternalId") && (!externalIDPattern.MatchString(form.Get("ExternalId")) || len(form.Get("ExternalId")) > 1224):
		return 0, invalidInput("externalId", `Member must satisfy regular expression pattern: [\w+=,.@:\/-]*`)
	}
	return time.Duration(seconds) * time.Second, nil
}

func invalidInput(name, constraint string) error {
	return wire.Errorf("ValidationError", "1 validation error detected: Value at '%s' failed to satisfy constraint: %s", name, constraint)
}

// tooLong refuses a session that lasts longer than its role allows, or, where a
// session asks for another one, longer than an hour.
func (c *Cloud) tooLong(call *Call, arn string, length time.Duration) error {
	c.accounts.mu.Lock()
	longest := c.accounts.roles[arn].Longest
	c.accounts.mu.Unlock()
	chained := strings.Contains(call.Caller, ":assumed-role/")
	switch {
	case chained && length > time.Hour:
		return wire.Errorf("ValidationError", "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining")
	case length > max(longest, time.Hour):
		return wire.Errorf("ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	}
	return nil
}
