package fakekms

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws/internal/authz"
	"github.com/keysmith/keysmith/shared/fakeaws/internal/jsontree"
)

// A KeySpec describes a key that a test wants to exist. Every field may be
// left out.
type KeySpec struct {
	ID string
	// Policy is taken as it is, without the checks of the API: keys may have
	// policies from times when KMS took more. Roles and users that it names
	// exist from then on. Empty is the default policy of a new key.
	Policy      string
	Description string
	Manager     string // CUSTOMER (as if left out) or AWS
	State       string // Enabled if left out
	Usage       string
	Spec        string
	MultiRegion bool
	Account     string
	Region      string
	// Primary is the Region of a replica's primary key.
	Primary string
	Tags    map[string]string
}

// CreateKey makes a key exist and returns its ARN.
func (s *Service) CreateKey(spec KeySpec) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.newKey(spec)
	text := spec.Policy
	if text == "" {
		text = defaultPolicy(k)
	}
	s.adopt(text, k.created)
	k.add(k.created, s.store(text, partitionOf(k.region)))
	s.keys[k.arn()] = k
	return k.arn()
}

func (s *Service) newKey(spec KeySpec) *key {
	k := &key{
		account:     cmp.Or(spec.Account, s.opts.Account),
		region:      cmp.Or(spec.Region, s.opts.Region),
		id:          cmp.Or(spec.ID, s.newID(spec.MultiRegion)),
		description: spec.Description,
		manager:     cmp.Or(spec.Manager, "CUSTOMER"),
		state:       cmp.Or(spec.State, "Enabled"),
		usage:       cmp.Or(spec.Usage, "ENCRYPT_DECRYPT"),
		spec:        cmp.Or(spec.Spec, "SYMMETRIC_DEFAULT"),
		created:     s.opts.Now(),
		tags:        map[string]string{},
	}
	for name, value := range spec.Tags {
		k.tags[name] = value
	}
	k.multiRegion = spec.MultiRegion || strings.HasPrefix(k.id, "mrk-")
	if k.multiRegion {
		k.primary = cmp.Or(spec.Primary, k.region)
	}
	return k
}

func (s *Service) newID(multiRegion bool) string {
	if multiRegion {
		return "mrk-" + s.opts.Source.Hex(32)
	}
	return s.opts.Source.UUID()
}

// adopt makes the roles and users of a policy exist.
func (s *Service) adopt(text string, now time.Time) {
	tree, err := jsontree.Parse(text)
	if err != nil {
		return
	}
	for _, st := range authz.Statements(tree) {
		for _, p := range append(st.All("Principal"), st.All("NotPrincipal")...) {
			for _, name := range p.Get("AWS").Strings() {
				s.principals.add(name, now)
			}
		}
	}
}

// defaultPolicy is what a key has that was made without a policy: the account
// decides through IAM. A key that AWS manages lets nobody change its policy.
func defaultPolicy(k *key) string {
	actions := `"kms:*"`
	if k.manager == "AWS" {
		actions = `["kms:Describe*", "kms:Get*", "kms:List*"]`
	}
	return `{"Version": "2012-10-17", "Id": "key-default-1", "Statement": [{"Sid": "Enable IAM User Permissions",` +
		` "Effect": "Allow", "Principal": {"AWS": "` + authz.RootARN(k.arn(), k.account) + `"},` +
		` "Action": ` + actions + `, "Resource": "*"}]}`
}

// Policy returns the policy in force now, as GetKeyPolicy words it when
// nothing disturbs it. It is empty for a key that does not exist.
func (s *Service) Policy(id string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.keys[s.arnOf(id)]
	if k == nil {
		return ""
	}
	return s.render(k.at(s.opts.Now()))
}

func (s *Service) arnOf(id string) string {
	if strings.HasPrefix(id, "arn:") {
		return id
	}
	return "arn:" + partitionOf(s.opts.Region) + ":kms:" + s.opts.Region + ":" + s.opts.Account + ":key/" + id
}

// SetPolicy puts a policy in force past all checks, as a person at the
// console would who has another idea of the key than the bucket has.
func (s *Service) SetPolicy(id, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k := s.keys[s.arnOf(id)]; k != nil {
		now := s.opts.Now()
		s.adopt(text, now)
		k.add(now, s.store(text, partitionOf(k.region)))
	}
}

// CreateAlias gives a key a name.
func (s *Service) CreateAlias(name, id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k := s.keys[s.arnOf(id)]; k != nil {
		s.aliases[aliasARN(k, name)] = &alias{name: name, key: k, created: s.opts.Now()}
	}
}

// Puts returns every PutKeyPolicy that was accepted, in that order.
func (s *Service) Puts() []Put {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.puts)
}

// AddPrincipal makes a role or user exist.
func (s *Service) AddPrincipal(arn string) { s.AddPrincipalAfter(arn, 0) }

// AddPrincipalAfter makes a role or user that KMS sees only after a delay, as
// it happens with one that was just created.
func (s *Service) AddPrincipalAfter(arn string, delay time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.principals.add(arn, s.opts.Now().Add(delay))
}

// RemovePrincipal deletes a role or user. Policies that name it show its
// unique id from then on.
func (s *Service) RemovePrincipal(arn string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.principals.remove(arn)
}
