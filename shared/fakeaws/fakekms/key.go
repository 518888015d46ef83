package fakekms

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws/internal/wire"
)

type key struct {
	account     string
	region      string
	id          string
	description string
	manager     string
	state       string
	between     string    // the state until settled: Creating or Updating
	settled     time.Time // zero for a key that is not part of a change
	usage       string
	spec        string
	multiRegion bool
	primary     string // Region of the primary key of a multi-Region set
	created     time.Time
	deletion    time.Time
	tags        map[string]string
	lastUse     use
	versions    []version // by the time they come into force
}

// A version is a policy as it is stored, and since when it is in force.
type version struct {
	at     time.Time
	policy stored
}

func (k *key) arn() string {
	return "arn:" + partitionOf(k.region) + ":kms:" + k.region + ":" + k.account + ":key/" + k.id
}

// at returns the policy that was in force at t.
func (k *key) at(t time.Time) stored {
	current := k.versions[0].policy
	for _, v := range k.versions {
		if !v.at.After(t) {
			current = v.policy
		}
	}
	return current
}

// stateAt is the state that is shown at t.
func (k *key) stateAt(t time.Time) string {
	if t.Before(k.settled) {
		return k.between
	}
	return k.state
}

// add brings a policy into force at t, which may lie in the future.
func (k *key) add(t time.Time, p stored) {
	k.versions = append(k.versions, version{at: t, policy: p})
	slices.SortStableFunc(k.versions, func(a, b version) int { return a.at.Compare(b.at) })
}

func partitionOf(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}

var keyIDPattern = regexp.MustCompile(`^(mrk-[0-9a-fA-F]{32}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$`)

// find returns the key that an id or ARN names. Aliases count only where the
// API takes them.
func (s *Service) find(call *wire.Call, id string, aliases bool) (*key, error) {
	arn, err := s.resolve(call, id, aliases)
	call.Resource = arn
	if err != nil {
		return nil, err
	}
	k, ok := s.keys[arn]
	if !ok {
		return nil, wire.Errorf("NotFoundException", "Key '%s' does not exist", arn)
	}
	// Of the calls here only DescribeKey crosses accounts.
	if k.account != call.Account && call.Action != "DescribeKey" {
		return nil, denied(call, k.arn())
	}
	return k, nil
}

// resolve turns what a caller wrote into the ARN of a key that may or may not
// exist.
func (s *Service) resolve(call *wire.Call, id string, aliases bool) (string, error) {
	prefix := "arn:" + partitionOf(call.Region) + ":kms:" + call.Region + ":"
	name := id
	account := call.Account
	if strings.HasPrefix(id, "arn:") {
		parts := strings.SplitN(id, ":", 6)
		switch {
		case len(parts) < 6 || parts[2] != "kms" || parts[1] != partitionOf(call.Region):
			return id, wire.Errorf("InvalidArnException", "Invalid arn %s", id)
		case parts[3] != call.Region:
			return id, wire.Errorf("NotFoundException", "Invalid arn %s", parts[3])
		}
		account, name = parts[4], strings.TrimPrefix(parts[5], "key/")
	}
	if strings.HasPrefix(name, "alias/") && aliases {
		return s.resolveAlias(prefix + account + ":" + name)
	}
	if id == "" || !keyIDPattern.MatchString(name) {
		return id, wire.Errorf("NotFoundException", "Invalid keyId %s", id)
	}
	return prefix + account + ":key/" + name, nil
}
