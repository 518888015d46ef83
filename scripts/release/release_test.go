package main

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/module"
	modzip "golang.org/x/mod/zip"

	"github.com/keysmith/keysmith/shared/samtemplate"
)

const home = "../.."

// The whole of it, with a build cache for each folder, is make release-check.
func TestTheSameCommitGivesTheSameBytesInTwoFolders(t *testing.T) {
	first, second := released(t, "here"), released(t, filepath.Join("some", "other", "place"))
	if len(first) != 3 {
		t.Fatalf("a release of one platform has %d files, want 3", len(first))
	}
	for name, text := range first {
		if !bytes.Equal(text, second[name]) {
			t.Errorf("%s differs from folder to folder", name)
		}
	}
}

// released makes the parts that a machine makes in seconds, in a clone of its own.
func released(t *testing.T, folder string) map[string][]byte {
	t.Helper()
	r := &release{source: filepath.Join(t.TempDir(), folder), out: t.TempDir()}
	command(t, home, nil, "git", "clone", "--quiet", "--no-hardlinks", ".", r.source)
	clone := r.source
	if err := r.identify(t.Context()); err != nil {
		t.Fatal(err)
	}
	drop, err := r.freeze(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(drop)
	if err := os.WriteFile(filepath.Join(clone, "scripts", "keysmith", "main.go"), []byte("changed meanwhile"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := r.program(t.Context(), platform{runtime.GOOS, runtime.GOARCH}); err != nil {
		t.Fatal(err)
	}
	guardrails, err := r.guardrails()
	if err != nil {
		t.Fatal(err)
	}
	if err := writeZip(r.path("guardrails.zip"), r.time, guardrails); err != nil {
		t.Fatal(err)
	}
	if err := sums(r.out); err != nil {
		t.Fatal(err)
	}
	return files(t, r.out)
}

func files(t *testing.T, folder string) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	err := fs.WalkDir(os.DirFS(folder), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		all[name], err = os.ReadFile(filepath.Join(folder, name))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func command(t *testing.T, folder string, env []string, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = folder, append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

func TestNothingIsReleasedThatIsInNoCommit(t *testing.T) {
	clone := filepath.Join(t.TempDir(), "clone")
	command(t, home, nil, "git", "clone", "--quiet", ".", clone)
	if err := os.WriteFile(filepath.Join(clone, "notes.txt"), []byte("not committed"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := &release{source: clone, out: t.TempDir()}
	if err := r.identify(t.Context()); err == nil || !strings.Contains(err.Error(), "notes.txt") {
		t.Errorf("the error is %v, want one that names notes.txt", err)
	}
}

// A module that cannot be packed, or that replaces another one, builds here and
// cannot be installed by anybody else.
func TestTheProgramIsInstalledFromATag(t *testing.T) {
	proxy, bin, modules := t.TempDir(), t.TempDir(), t.TempDir()
	const version = "v1.2.3"
	publish(t, proxy, version)
	env := []string{
		"GOPROXY=file://" + proxy + ",file://" + filepath.Join(command(t, home, nil, "go", "env", "GOMODCACHE"), "cache", "download") + "," + command(t, home, nil, "go", "env", "GOPROXY"),
		"GOBIN=" + bin, "GOMODCACHE=" + modules, "GONOSUMDB=*", "GONOSUMCHECK=1", "GOWORK=off", "CGO_ENABLED=0",
		"GOFLAGS=-trimpath -modcacherw", // so that what is compiled already need not be compiled again
	}
	command(t, t.TempDir(), env, "go", "install", modulePath+"/scripts/keysmith@"+version)
	out := command(t, t.TempDir(), nil, filepath.Join(bin, "keysmith"), "version")
	if !strings.HasPrefix(out, "keysmith "+version) {
		t.Errorf("keysmith version prints %q, want %s", out, version)
	}
}

// publish puts the module into a folder that the Go tool reads as a proxy.
func publish(t *testing.T, proxy, version string) {
	t.Helper()
	folder := filepath.Join(proxy, modulePath, "@v")
	if err := os.MkdirAll(folder, 0o750); err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	clone := filepath.Join(t.TempDir(), "clone")
	command(t, home, nil, "git", "clone", "--quiet", ".", clone)
	if err := modzip.CreateFromDir(&packed, module.Version{Path: modulePath, Version: version}, clone); err != nil {
		t.Fatal(err)
	}
	definition, err := os.ReadFile(filepath.Join(home, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	info := `{"Version": "` + version + `", "Time": "` + time.Unix(0, 0).UTC().Format(time.RFC3339) + `"}`
	for name, text := range map[string][]byte{version + ".zip": packed.Bytes(), version + ".mod": definition, version + ".info": []byte(info), "list": []byte(version)} {
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// What SAM would build here, the packaged template names as an archive that is
// beside it; apart from that, both declare the same.
func TestThePackagedTemplateNeedsNoCompiler(t *testing.T) {
	template, err := os.ReadFile(filepath.Join(home, "template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, arch := range []string{"arm64", "x86_64"} {
		text, err := packaged(string(template), arch)
		if err != nil {
			t.Fatal(err)
		}
		stack, err := samtemplate.Parse([]byte(text), samtemplate.Options{Parameters: map[string]string{"ManagedByTag": "keysmith"}})
		if err != nil {
			t.Fatal(err)
		}
		if got := stack.Parameters["Architecture"]; got != arch {
			t.Errorf("the architecture is %s, want %s", got, arch)
		}
		for _, f := range stack.Functions {
			want := strings.ToLower(strings.TrimSuffix(f.LogicalID, "Function")) + ".zip"
			if got := f.Properties["CodeUri"]; got != want {
				t.Errorf("%s: the code is %v, want %s", f.LogicalID, got, want)
			}
		}
	}
}

func TestATemplateWithAFunctionThatNoArchiveIsForIsRefused(t *testing.T) {
	template, err := os.ReadFile(filepath.Join(home, "template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"one more": string(template) + "  NewFunction:\n    Type: AWS::Serverless::Function\n    Metadata:\n      BuildMethod: makefile\n    Properties:\n      CodeUri: .\n",
		"one less": strings.Replace(string(template), "  PlanFunction:\n", "  OtherFunction:\n", 1),
	} {
		if _, err := packaged(text, "arm64"); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
