package main

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/keysmith/keysmith/scripts/internal/exclude"
	"github.com/keysmith/keysmith/scripts/internal/repoconfig"
	"github.com/keysmith/keysmith/scripts/local/stack"
	"github.com/keysmith/keysmith/shared/keypolicy"
)

// settings are those of a deployment, from flags and keysmith.yaml.
type settings struct {
	mode   string
	flags  repoconfig.Set
	set    repoconfig.Set // with keysmith.yaml
	values repoconfig.Settings

	role    string // name of keysmith's own role; empty: the template's choice
	exclude exclude.Patterns
}

// parameter says for each setting which parameter of template.yaml it is.
// "account" and "region" are those of the fake AWS. Of those that are not here,
// "strict" is kept by itself, since every rule runs where account and Region are
// known, and "partition" is checked.
var parameter = map[string]string{
	"trusted-accounts":     "TrustedAccounts",
	"trusted-orgs":         "TrustedOrgs",
	"own-org":              "OwnOrg",
	"break-glass":          "BreakGlassPrincipals",
	"require-account-root": "RequireAccountRoot",
	"reject-at":            "RejectAt",
	"accept-findings":      "AcceptFindings",
	"protected-keys":       "ProtectedKeys",
	"bucket":               "PolicyBucketName",
	"writer":               "", // RoleName, by ownRole
	"guardrails":           "",
	"show":                 "",
	"exclude":              "",
	"account":              "",
	"region":               "",
}

func names() []string {
	var list []string
	for _, d := range repoconfig.Definitions {
		if _, ours := parameter[d.Name]; ours {
			list = append(list, d.Name)
		}
	}
	return list
}

func (s *settings) declare(c *cobra.Command) {
	c.Flags().StringVar(&s.mode, "mode", "apply", "the function's `mode`: apply, plan, paused")
	s.flags = repoconfig.Flags(c.Flags(), names()...)
}

// load reads keysmith.yaml, which is in the folder or in one above it.
func (s *settings) load(folder string) error {
	if !slices.Contains([]string{"apply", "plan", "paused"}, s.mode) {
		return misuse("--mode %s is none of apply, plan, paused", s.mode)
	}
	path, err := repoconfig.Find(folder)
	if err != nil {
		return err
	}
	s.set = s.flags
	if path != "" {
		file, err := repoconfig.Load(path)
		if err != nil {
			return err
		}
		s.set = s.flags.Over(file)
	}
	withRole := s.set.Over(repoconfig.Set{"writer": {Values: []string{"arn:aws:iam::" + stack.Account + ":role/keysmith"}, From: "make local"}})
	if s.values, err = withRole.Settings(); err != nil {
		return err
	}
	if p := s.set["partition"]; len(p.Values) > 0 && p.Values[0] != "aws" {
		return misuse("%s: partition=%s: the fake AWS has the partition aws only, so policies of another one cannot be tried with make local; lint checks them", p.From, p.Values[0])
	}
	if s.values.RejectAt == keypolicy.Info {
		return misuse("%s: reject-at=info is only for lint: the function knows error, security and warning", s.set["reject-at"].From)
	}
	s.values.Account = cmp.Or(s.values.Account, stack.Account)
	s.values.Region = cmp.Or(s.values.Region, stack.Region)
	if s.role, err = s.ownRole(); err != nil {
		return err
	}
	base := "."
	if s.set["exclude"].From != "--exclude" {
		base = filepath.Dir(path)
	}
	s.exclude, err = exclude.New(base, s.values.Exclude)
	return err
}

// ownRole is the name of keysmith's role, which policies may have to name. Empty
// leaves it to the template.
func (s *settings) ownRole() (string, error) {
	writer, set := s.set["writer"]
	if !set {
		return "", nil
	}
	prefix := "arn:aws:iam::" + s.values.Account + ":role/"
	name, found := strings.CutPrefix(s.values.Writer, prefix)
	if !found || strings.Contains(name, "/") {
		return "", misuse("%s: writer=%s: make local gives keysmith's role this name only in the account that it runs in and without a path, as %sNAME", writer.From, s.values.Writer, prefix)
	}
	return name, nil
}

// apply sets the parameters of the template.
func (s *settings) apply(parameters map[string]string) {
	parameters["Mode"], parameters["RoleName"] = s.mode, s.role
	for name, e := range s.set {
		if p := parameter[name]; p != "" {
			parameters[p] = strings.Join(e.Values, ",")
		}
	}
}

// inWords lists what is set, and where.
func (s *settings) inWords() string {
	var parts []string
	if s.mode != "apply" {
		parts = append(parts, "mode="+s.mode)
	}
	for _, name := range names() {
		if e, ok := s.set[name]; ok {
			parts = append(parts, fmt.Sprintf("%s=%s (%s)", name, strings.Join(e.Values, ","), e.From))
		}
	}
	return strings.Join(parts, ", ")
}
