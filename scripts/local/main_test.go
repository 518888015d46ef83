package main

import (
	"bytes"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/keysmith/keysmith/scripts/internal/terminal"
	"github.com/keysmith/keysmith/shared/keypolicy"
)

// call runs a command that ends by itself.
func call(t *testing.T, args ...string) (code int, out, trouble string) {
	t.Helper()
	var o, e bytes.Buffer
	c := command(terminal.NewPlain(&o, 80))
	c.SetOut(&o)
	code = runCommand(t.Context(), c, args, terminal.NewPlain(&e, 80))
	return code, o.String(), e.String()
}

func built(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bootstrap")
	if err := os.WriteFile(path, []byte("#!/bin/sh\nexit 1\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAWrongCallSaysWhatToWrite(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.json")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	bootstrap := built(t)
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{nil, 2, "the command is missing: demo or watch"},
		{[]string{"dance"}, 2, `unknown command "dance"`},
		{[]string{"demo", "--frobnicate"}, 2, "unknown flag: --frobnicate"},
		{[]string{"demo", "x"}, 2, "demo takes no arguments"},
		{[]string{"watch", "a", "b"}, 2, `watch takes one folder, but there is also "b"`},
		{[]string{"watch", "--mode", "off"}, 2, "--mode off is none of apply, plan, paused"},
		{[]string{"watch", "--reject-at", "info"}, 2, "reject-at=info is only for lint"},
		{[]string{"watch", "--port", "99999", "--bootstrap", bootstrap}, 2, "is not a port"},
		{[]string{"watch", "--trusted-accounts", "1,foo"}, 2, "12 digits"},
		{[]string{"demo", "--bootstrap", "nowhere"}, 1, "run make build first"},
		{[]string{"watch", "--bootstrap", bootstrap, "--template", "../../template.yaml", file}, 1, "needs a folder"},
	} {
		code, _, trouble := call(t, c.args...)
		joined := strings.Join(strings.Fields(trouble), " ")
		if code != c.code || !strings.Contains(joined, c.want) {
			t.Errorf("%v: exit code %d, %s", c.args, code, trouble)
		}
	}
}

func TestHelpIsNoError(t *testing.T) {
	for _, args := range [][]string{{"watch", "-h"}, {"watch", "--help"}, {"demo", "-h"}, {"--help"}} {
		code, out, trouble := call(t, args...)
		if code != 0 || trouble != "" || !strings.Contains(out, "Usage:") {
			t.Errorf("%v: exit code %d, %q, %q", args, code, out, trouble)
		}
	}
	_, out, _ := call(t, "watch", "-h")
	for _, text := range []string{"make local", "--trusted-accounts", "--port", "keysmith.yaml", "--events"} {
		if !strings.Contains(out, text) {
			t.Errorf("the help of watch does not name %s", text)
		}
	}
}

func TestAPortInUseIsNamed(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	_, port, _ := net.SplitHostPort(taken.Addr().String())
	code, _, trouble := call(t, "watch", "--port", port, "--bootstrap", built(t), "--template", "../../template.yaml", t.TempDir())
	n, _ := strconv.Atoi(port)
	if code != 1 || !strings.Contains(trouble, "port "+port+" of 127.0.0.1 is in use") || !strings.Contains(trouble, "PORT="+strconv.Itoa(n+1)) {
		t.Errorf("exit code %d, %s", code, trouble)
	}
}

func TestSettingsComeFromTheFileAndFlagsOverrideThem(t *testing.T) {
	folder := t.TempDir()
	text := "account: 444455556666\nregion: eu-west-1\nreject-at: warning\ntrusted-accounts: [999988887777]\nown-org: o-a1b2c3d4e5\n"
	if err := os.WriteFile(filepath.Join(folder, "keysmith.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var s settings
	c := watchCommand(terminal.NewPlain(&bytes.Buffer{}, 80))
	c.ResetFlags()
	s.declare(c)
	if err := c.ParseFlags([]string{"--reject-at", "error", "--mode", "plan"}); err != nil {
		t.Fatal(err)
	}
	if err := s.load(filepath.Join(folder, "policies")); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	s.apply(got)
	for name, want := range map[string]string{"Mode": "plan", "RejectAt": "error", "TrustedAccounts": "999988887777", "OwnOrg": "o-a1b2c3d4e5"} {
		if got[name] != want {
			t.Errorf("%s is %q, want %q", name, got[name], want)
		}
	}
	if s.values.Account != "444455556666" || s.values.Region != "eu-west-1" {
		t.Errorf("account %s, Region %s", s.values.Account, s.values.Region)
	}
	words := s.inWords()
	for _, want := range []string{"mode=plan", "reject-at=error (--reject-at)", "keysmith.yaml:4:"} {
		if !strings.Contains(words, want) {
			t.Errorf("%q does not say %s", words, want)
		}
	}
}

// loaded is what a keysmith.yaml with this text says.
func loaded(t *testing.T, text string) (*settings, error) {
	t.Helper()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "keysmith.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s := &settings{mode: "apply"}
	return s, s.load(filepath.Join(folder, "policies"))
}

func TestWhatLintReadsCountsHereToo(t *testing.T) {
	s, err := loaded(t, "account: 444455556666\nwriter: arn:aws:iam::444455556666:role/ours\nrequire-account-root: false\nshow: error\nstrict: true\nexclude: [old]\n")
	if err != nil {
		t.Fatal(err)
	}
	parameters := map[string]string{}
	if s.apply(parameters); parameters["RoleName"] != "ours" || parameters["RequireAccountRoot"] != "false" {
		t.Errorf("%v", parameters)
	}
	if s.values.Show != keypolicy.Error {
		t.Errorf("findings are shown from %s", s.values.Show)
	}
}

func TestWhatTheLocalStackCannotDoIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"partition: aws-cn\n":                                                       "keysmith.yaml:1:",
		"writer: arn:aws:iam::444455556666:role/ours\n":                             "only in the account",
		"account: 444455556666\nwriter: arn:aws:iam::444455556666:role/path/ours\n": "without a path",
	} {
		if _, err := loaded(t, text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v; want %q", text, err, want)
		}
	}
}

func TestAFaultInTheFileIsNamedWithItsPlace(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "keysmith.yaml"), []byte("acount: 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, _, trouble := call(t, "watch", "--bootstrap", built(t), folder)
	if code != 1 || !strings.Contains(trouble, "keysmith.yaml:1:1") {
		t.Errorf("exit code %d, %s", code, trouble)
	}
}
