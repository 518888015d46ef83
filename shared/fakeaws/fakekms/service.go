package fakekms

import (
	"sync"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws/internal/jsontree"
	"github.com/keysmith/keysmith/shared/fakeaws/internal/wire"
)

// Options are what the service needs to know of its surroundings. All fields
// but AnyPrincipal are required.
type Options struct {
	Account string
	Region  string
	Now     func() time.Time
	Source  *wire.Source
	// AnyPrincipal makes every well-formed principal exist.
	AnyPrincipal bool
	// Org tells the organization id of an account; empty means none.
	Org func(account string) string
	// Enabled reports whether an account has enabled a Region.
	Enabled func(account, region string) bool
}

// A Service is the state of KMS. Its methods may be called from many
// goroutines.
type Service struct {
	opts    Options
	actions wire.Table

	mu         sync.Mutex
	keys       map[string]*key // by ARN
	aliases    map[string]*alias
	puts       []Put
	principals registry
	iam        map[string]*jsontree.Node // policies of callers; IAM allows all others everything
	settling   time.Duration             // how long a set is in between after a change of it
}

// A Put is a PutKeyPolicy that the service accepted.
type Put struct {
	KeyID  string
	ARN    string
	Policy string // as it was sent
	Caller string
	Bypass bool
	Time   time.Time
	// Lands is when the policy comes into force: Time, unless a fault made
	// the put late.
	Lands time.Time
}

// New returns a service without keys.
func New(o Options) *Service {
	s := &Service{
		opts:       o,
		keys:       map[string]*key{},
		aliases:    map[string]*alias{},
		principals: newRegistry(o.Source, o.AnyPrincipal),
		iam:        map[string]*jsontree.Node{},
	}
	s.actions = wire.Table{
		"CreateAlias":         wire.Handle(s.createAlias),
		"CreateKey":           wire.Handle(s.createKey),
		"DescribeKey":         wire.Handle(s.describeKey),
		"DisableKey":          wire.Handle(s.disableKey),
		"EnableKey":           wire.Handle(s.enableKey),
		"GetKeyLastUsage":     wire.Handle(s.getKeyLastUsage),
		"GetKeyPolicy":        wire.Handle(s.getKeyPolicy),
		"ListAliases":         wire.Handle(s.listAliases),
		"ListKeyPolicies":     wire.Handle(s.listKeyPolicies),
		"ListKeys":            wire.Handle(s.listKeys),
		"ListResourceTags":    wire.Handle(s.listResourceTags),
		"PutKeyPolicy":        wire.Handle(s.putKeyPolicy),
		"ReplicateKey":        wire.Handle(s.replicateKey),
		"ScheduleKeyDeletion": wire.Handle(s.scheduleKeyDeletion),
		"TagResource":         wire.Handle(s.tagResource),
		"UpdatePrimaryRegion": wire.Handle(s.updatePrimaryRegion),
	}
	return s
}

// Actions returns what answers the API.
func (s *Service) Actions() wire.Table { return s.actions }
