package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/keysmith/keysmith/shared/keypolicy"
)

// linter is one call of keysmith lint.
type linter struct {
	options  keypolicy.Options
	rejectAt keypolicy.Severity
	show     keypolicy.Severity
	accept   []string
	caller   string
	format   string
	colour   string
	now      time.Time
}

// verdict is what was found in one file.
type verdict struct {
	File     string              `json:"file"`
	Reason   keypolicy.Reason    `json:"reason,omitempty"` // empty where the policy is acceptable
	Findings []keypolicy.Finding `json:"findings"`

	// Repairers certainly may put another policy on the key. Standing is
	// whether the one who puts this policy still may, for which KMS asks too.
	Repairers []string           `json:"repairers,omitempty"`
	Standing  keypolicy.Standing `json:"standing,omitempty"`

	text []byte
}

func lint(args []string, s streams) int {
	l := linter{now: s.now}
	flags := l.flags(s.err)
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return exitFine
		}
		return exitUsage
	}
	if err := l.complete(); err != nil {
		return fail(s, err)
	}
	files, err := readAll(flags.Args(), s.in)
	if err != nil {
		return fail(s, err)
	}
	verdicts := make([]verdict, len(files))
	code := exitFine
	for i, f := range files {
		verdicts[i] = l.judge(f)
		if verdicts[i].Reason != keypolicy.Accepted {
			code = exitRefused
		}
	}
	if err := l.write(s, verdicts); err != nil {
		return fail(s, fmt.Errorf("writing the report: %w", err))
	}
	return code
}

func (l *linter) judge(f source) verdict {
	options := l.options
	options.Key = keyOf(f.name, options.Key)
	options.Now = l.now
	report := keypolicy.Check(f.text, options)
	v := verdict{File: f.name, Reason: report.Reason(l.rejectAt, l.accept), Findings: report.Findings, text: f.text}
	v.Repairers = report.Policy.Repairers(options.Key)
	if l.caller != "" {
		v.Standing = report.Policy.StandingOf(l.caller, options.Key)
	}
	return v
}

func (l *linter) write(s streams, verdicts []verdict) error {
	switch l.format {
	case "json":
		return writeJSON(s.out, verdicts)
	case "sarif":
		return writeJSON(s.out, sarifLog(verdicts))
	case "github":
		return l.writeGitHub(s.out, verdicts)
	}
	return l.writeText(s.out, newPalette(l.colour, s.colour), verdicts)
}

// flags declares what the configuration of the function has, and the formats.
func (l *linter) flags(out io.Writer) *flag.FlagSet {
	f := flag.NewFlagSet("keysmith lint", flag.ContinueOnError)
	f.SetOutput(out)
	k := &l.options.Key
	f.StringVar(&k.Partition, "partition", "", "partition of the key: aws, aws-cn, aws-us-gov (default: by the Region)")
	f.StringVar(&k.Account, "account", "", "account of the key, 12 digits; where it is known more rules apply")
	f.StringVar(&k.Region, "region", "", "Region of the key")
	f.StringVar(&k.ID, "key-id", "", "id of the key")
	f.StringVar(&k.Usage, "key-usage", "", "usage of the key, such as ENCRYPT_DECRYPT")
	f.StringVar(&k.Spec, "key-spec", "", "spec of the key, such as SYMMETRIC_DEFAULT")
	f.StringVar(&k.Origin, "origin", "", "origin of the key's material, such as AWS_KMS")
	f.Var((*list)(&l.options.BreakGlass), "break-glass", "`ARNs` that must keep kms:PutKeyPolicy; {account} stands for the key's account")
	f.BoolVar(&l.options.RootOptional, "root-optional", false, "the account root need not keep kms:PutKeyPolicy")
	f.StringVar(&l.options.Writer, "writer", "", "`ARN` of keysmith's own role; must keep the key with -root-optional")
	f.Var((*list)(&l.options.TrustedAccounts), "trusted-accounts", "`accounts` that a policy may name; * for any")
	f.Var((*list)(&l.options.TrustedOrgs), "trusted-orgs", "`ids` of organizations that a policy may name")
	l.rejectAt, l.show = keypolicy.Security, keypolicy.Warning
	f.TextVar(&l.rejectAt, "reject-at", l.rejectAt, "exit with 1 at findings of this `severity` or worse: error, security, warning, info")
	f.TextVar(&l.show, "show", l.show, "print findings of this `severity` or worse (text and github)")
	f.Var((*list)(&l.accept), "accept", "`rules` that never refuse a policy")
	f.StringVar(&l.caller, "caller", "", "`ARN` of who will put the policy; tells whether KMS's own lockout check lets them")
	f.StringVar(&l.format, "format", "text", "text, json, sarif or github")
	f.StringVar(&l.colour, "color", "auto", "auto, always or never")
	return f
}

// complete checks what the flag package cannot.
func (l *linter) complete() error {
	var errs []error
	if !oneOf(l.format, "text", "json", "sarif", "github") {
		errs = append(errs, fmt.Errorf("-format %s is none of text, json, sarif, github", l.format))
	}
	if !oneOf(l.colour, "auto", "always", "never") {
		errs = append(errs, fmt.Errorf("-color %s is none of auto, always, never", l.colour))
	}
	for _, id := range l.accept {
		switch rule, known := keypolicy.RuleByID(id); {
		case !known:
			errs = append(errs, fmt.Errorf("-accept %s: there is no such rule", id))
		case !rule.Acceptable():
			errs = append(errs, fmt.Errorf("-accept %s: rules of class %s cannot be accepted", id, rule.Class))
		}
	}
	if a := l.options.Key.Account; a != "" && (len(a) != 12 || strings.Trim(a, "0123456789") != "") {
		errs = append(errs, fmt.Errorf("-account %s does not have 12 digits", a))
	}
	return errors.Join(errs...)
}

func oneOf(s string, of ...string) bool {
	for _, o := range of {
		if s == o {
			return true
		}
	}
	return false
}

// list is a flag with commas between its values; it may be given more than
// once.
type list []string

func (l *list) String() string { return strings.Join(*l, ",") }

func (l *list) Set(text string) error {
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			*l = append(*l, part)
		}
	}
	return nil
}
