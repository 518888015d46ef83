package keypolicy_test

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/keysmith/keysmith/shared/keypolicy"
)

var update = flag.Bool("update", false, "write what is seen into the case files and RULES.md")

// policyCase is one file of testdata: a sentence, a policy, the options it is
// judged by and the report that is expected.
type policyCase struct {
	file    string
	archive *txtar.Archive
	policy  []byte
	options keypolicy.Options

	guardrails keypolicy.Guardrails
}

func TestEveryCaseFileGetsTheReportThatItSays(t *testing.T) {
	for _, file := range caseFiles(t) {
		t.Run(strings.TrimSuffix(strings.TrimPrefix(file, "testdata/"), ".txtar"), func(t *testing.T) {
			c := readCase(t, file)
			if c.section("expect") != "" {
				return // see TestEveryCaseMeetsItsExpectation
			}
			got := c.report()
			if *update {
				c.set(t, "report", got)
				return
			}
			if want := c.section("report"); got != want {
				t.Errorf("%s\ngot:\n%s\nwant:\n%s", strings.TrimSpace(string(c.archive.Comment)), got, want)
			}
		})
	}
}

func caseFiles(t testing.TB) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir("testdata", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && (d.Name() == "equality" || d.Name() == "diff" || d.Name() == "baselines" || d.Name() == "who-can") {
			return filepath.SkipDir // they have tests of their own
		}
		if err == nil && strings.HasSuffix(path, ".txtar") {
			files = append(files, filepath.ToSlash(path))
		}
		return err
	})
	if err != nil || len(files) == 0 {
		t.Fatalf("looking for case files: found %d, %v", len(files), err)
	}
	return files
}

func readCase(t testing.TB, file string) policyCase {
	t.Helper()
	a, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatalf("reading case: %v", err)
	}
	c := policyCase{file: file, archive: a, options: keypolicy.Options{Key: keypolicy.Key{
		Account: "111122223333", Region: "eu-west-1", ID: "1234abcd-12ab-34cd-56ef-1234567890ab",
	}}}
	for line := range strings.Lines(c.section("options")) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		c.option(t, name, strings.TrimSpace(value))
	}
	c.policy = []byte(c.section("policy.json"))
	c.readGuardrails(t)
	if q := c.section("policy.quoted"); q != "" {
		text, err := strconv.Unquote(strings.TrimSpace(q))
		if err != nil {
			t.Fatalf("reading %s: policy.quoted: %v", file, err)
		}
		c.policy = []byte(text)
	}
	return c
}

func (c *policyCase) option(t testing.TB, name, value string) {
	t.Helper()
	k := &c.options.Key
	texts := map[string]*string{
		"partition": &k.Partition, "account": &k.Account, "region": &k.Region, "id": &k.ID,
		"stack-org": &c.options.OwnOrg, "key-org": &k.Org, "usage": &k.Usage, "spec": &k.Spec, "origin": &k.Origin, "writer": &c.options.Writer,
	}
	lists := map[string]*[]string{
		"break-glass": &c.options.BreakGlass, "trusted-accounts": &c.options.TrustedAccounts, "trusted-orgs": &c.options.TrustedOrgs,
	}
	switch {
	case texts[name] != nil:
		*texts[name] = strings.TrimPrefix(value, "unknown")
	case lists[name] != nil:
		*lists[name] = strings.Split(value, ",")
	case name == "now":
		now, err := time.Parse(time.DateOnly, value)
		if err != nil {
			t.Fatalf("%s: %v", c.file, err)
		}
		c.options.Now = now
	case name == "own-org":
		c.options.OwnOrg, k.Org = value, value
	case name == "root-optional":
		c.options.RootOptional = true
	default:
		t.Fatalf("%s: no option %q", c.file, name)
	}
}

func (c *policyCase) section(name string) string {
	for _, f := range c.archive.Files {
		if f.Name == name {
			return string(f.Data)
		}
	}
	return ""
}

func (c *policyCase) check() keypolicy.Report {
	return c.guardrails.Check(c.policy, c.options)
}

// report writes what is expected: the verdict, then a finding a line, each
// with its message below.
func (c *policyCase) report() string {
	r := c.check()
	var b strings.Builder
	reason := r.Reason(keypolicy.Security, nil)
	if reason == keypolicy.Accepted {
		reason = "accepted"
	}
	fmt.Fprintln(&b, reason)
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "%d:%d %s %s %s\n\t%s\n", f.Line, f.Column, f.Severity, f.Rule, f.Path, f.Message)
	}
	return b.String()
}

func (c *policyCase) set(t testing.TB, name, data string) {
	t.Helper()
	for i := range c.archive.Files {
		if c.archive.Files[i].Name == name {
			c.archive.Files = append(c.archive.Files[:i], c.archive.Files[i+1:]...)
			break
		}
	}
	c.archive.Files = append(c.archive.Files, txtar.File{Name: name, Data: []byte(data)})
	if err := os.WriteFile(c.file, txtar.Format(c.archive), 0o644); err != nil {
		t.Fatalf("writing case: %v", err)
	}
}

func TestWhatAWSPrintsHasNoErrorAndNoSecurityFinding(t *testing.T) {
	for _, file := range caseFiles(t) {
		if !strings.HasPrefix(file, "testdata/aws/") {
			continue
		}
		c := readCase(t, file)
		if c.section("expect") != "" {
			continue // it says itself what is to be found
		}
		for _, f := range c.check().Findings {
			if f.Severity >= keypolicy.Security {
				t.Errorf("%s: %s: %s", file, f.Rule, f.Message)
			}
		}
	}
}
