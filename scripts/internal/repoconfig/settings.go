package repoconfig

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/keypolicy/awsid"
	"github.com/keysmith/keysmith/shared/target"
)

// Settings are what a Set says, with the defaults of the function where it says
// nothing.
type Settings struct {
	Account, Region, Partition string // empty: not set
	OwnOrg                     string
	TrustedAccounts            []string
	TrustedOrgs                []string // without OwnOrg
	BreakGlass                 []string
	Writer                     string
	RequireAccountRoot         bool
	RejectAt                   keypolicy.Severity
	AcceptFindings             []string
	ProtectedKeys              []string
	Targets                    target.Scope // what the deployment writes to beside its own account and Region
	TargetsKnown               bool         // they are set
	Bucket                     string
	Guardrails                 string // an existing folder, or empty
	Show                       keypolicy.Severity
	Strict                     bool
	Exclude                    []string
}

// Settings reads the set. The values were checked one by one; what remains are
// those that depend on one another or on what is on the disk.
func (s Set) Settings() (Settings, error) {
	out := Settings{
		Account: s.text("account"), Region: s.text("region"), Partition: s.text("partition"),
		OwnOrg:          s.text("own-org"),
		TrustedAccounts: s["trusted-accounts"].Values, TrustedOrgs: s["trusted-orgs"].Values,
		BreakGlass: s["break-glass"].Values, Writer: s.text("writer"),
		RequireAccountRoot: s.text("require-account-root") == "true",
		AcceptFindings:     s["accept-findings"].Values, ProtectedKeys: s["protected-keys"].Values,
		Targets: target.Scope{Accounts: s["target-accounts"].Values, Org: s.text("target-org"), Regions: s["target-regions"].Values},
		Bucket:  s.text("bucket"), Guardrails: s.text("guardrails"),
		Strict: s.text("strict") == "true", Exclude: s["exclude"].Values,
	}
	_, accounts := s["target-accounts"]
	_, regions := s["target-regions"]
	out.TargetsKnown = accounts || regions
	var errs []error
	for name, severity := range map[string]*keypolicy.Severity{"reject-at": &out.RejectAt, "show": &out.Show} {
		parsed, err := keypolicy.ParseSeverity(s.text(name))
		if *severity = parsed; err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", s[name].From, err))
		}
	}
	if !out.RequireAccountRoot && out.Writer == "" {
		errs = append(errs, fmt.Errorf("%s: with require-account-root=false each policy must keep keysmith's own role, so set writer as well", s["require-account-root"].From))
	}
	return out, errors.Join(append(errs, s.folder(&out))...)
}

// folder finds the guardrails: a path in the file starts at the file's folder.
func (s Set) folder(out *Settings) error {
	if out.Guardrails == "" {
		return nil
	}
	from := s["guardrails"].From
	if file, _, found := strings.Cut(from, Name+":"); found && !filepath.IsAbs(out.Guardrails) {
		out.Guardrails = filepath.Join(file, out.Guardrails)
	}
	if info, err := os.Stat(out.Guardrails); err != nil || !info.IsDir() {
		return fmt.Errorf("%s: guardrails: there is no folder %s", from, out.Guardrails)
	}
	return nil
}

func (s Set) text(name string) string {
	if e := s[name]; len(e.Values) > 0 {
		return e.Values[0]
	}
	d, _ := Lookup(name)
	return d.Unset
}

// Own is the account and Region of the deployment, as far as they are set.
func (s Settings) Own() target.Place {
	k := s.Options().Key
	return target.Place{Partition: k.PartitionName(), Account: k.Account, Region: k.Region}
}

// Options are what the function would judge a policy against.
func (s Settings) Options() keypolicy.Options {
	o := keypolicy.Options{
		Key:             keypolicy.Key{Account: s.Account, Region: s.Region, Partition: s.Partition},
		BreakGlass:      s.BreakGlass,
		RootOptional:    !s.RequireAccountRoot,
		Writer:          s.Writer,
		TrustedAccounts: s.TrustedAccounts,
		TrustedOrgs:     s.TrustedOrgs,
		OwnOrg:          s.OwnOrg,
	}
	o.Key.Org = s.OwnOrg
	if o.Key.Partition == "" {
		o.Key.Partition = awsid.PartitionOf(s.Region)
	}
	return o
}
