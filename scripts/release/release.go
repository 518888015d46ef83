package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

const (
	modulePath = "github.com/keysmith/keysmith"
	cli        = modulePath + "/scripts/keysmith/internal/cli"
)

// A platform is what Go calls GOOS and GOARCH.
type platform struct{ os, arch string }

var platforms = []platform{
	{"linux", "amd64"}, {"linux", "arm64"},
	{"darwin", "amd64"}, {"darwin", "arm64"},
	{"windows", "amd64"}, {"windows", "arm64"},
}

// A release is one run of this program.
type release struct {
	source, out, sbom string
	quick             bool

	version, commit string
	time            time.Time // of the commit; every file of every archive has it
}

func (r *release) make(ctx context.Context) error {
	if err := r.identify(ctx); err != nil {
		return err
	}
	if err := r.findTool(); err != nil {
		return err
	}
	drop, err := r.freeze(ctx)
	if err != nil {
		return err
	}
	defer drop()
	if err := os.RemoveAll(r.out); err != nil {
		return err
	}
	if err := os.MkdirAll(r.out, 0o750); err != nil {
		return err
	}
	for _, p := range r.platforms() {
		if err := r.program(ctx, p); err != nil {
			return err
		}
	}
	for _, a := range r.architectures() {
		if err := r.stack(ctx, a); err != nil {
			return err
		}
	}
	return sums(r.out)
}

// freeze takes a copy of the commit, from which everything is built: that takes many
// minutes, in which the tree may change.
func (r *release) freeze(ctx context.Context) (drop func(), err error) {
	folder, err := os.MkdirTemp("", "keysmith-release-")
	if err != nil {
		return nil, err
	}
	drop = func() { _ = os.RemoveAll(folder) }
	if r.out, err = filepath.Abs(r.out); err == nil {
		_, err = r.git(ctx, "clone", "--quiet", "--no-hardlinks", ".", folder)
	}
	if r.source = folder; err == nil {
		_, err = r.git(ctx, "checkout", "--quiet", "--detach", r.commit)
	}
	if err != nil {
		drop()
		return nil, fmt.Errorf("copying the commit: %w", err)
	}
	return drop, nil
}

// findTool makes the tool's path one that holds in every folder.
func (r *release) findTool() error {
	if r.sbom == "" {
		return nil
	}
	program, err := exec.LookPath(r.sbom)
	if err != nil {
		return fmt.Errorf("the bills of materials need cyclonedx-gomod, which make release-tools installs: %w", err)
	}
	r.sbom, err = filepath.Abs(program)
	return err
}

func (r *release) platforms() []platform {
	if r.quick {
		return []platform{{runtime.GOOS, runtime.GOARCH}}
	}
	return platforms
}

// identify reads from Git what is to be released. A tree with changes has no
// name by which anyone could make the same release again.
func (r *release) identify(ctx context.Context) error {
	changes, err := r.git(ctx, "status", "--porcelain")
	if err != nil {
		return err
	}
	if changes != "" {
		return errors.New("the tree has changes that are in no commit, so the release could not be made again; commit or remove them:\n" + changes)
	}
	if r.commit, err = r.git(ctx, "rev-parse", "--verify", "HEAD"); err != nil {
		return err
	}
	described, err := r.git(ctx, "describe", "--tags", "--always")
	if err != nil {
		return err
	}
	r.version = strings.TrimPrefix(described, "v")
	seconds, err := r.git(ctx, "log", "-1", "--format=%ct")
	if err != nil {
		return err
	}
	unix, err := strconv.ParseInt(seconds, 10, 64)
	r.time = time.Unix(unix, 0).UTC()
	return err
}

func (r *release) git(ctx context.Context, args ...string) (string, error) {
	out, err := r.run(ctx, nil, "git", args...)
	return strings.TrimSpace(out), err
}

// run executes a program in the source folder and returns what it prints.
func (r *release) run(ctx context.Context, env []string, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...) //nolint:gosec // git, go, and the tool that the caller names
	cmd.Dir = r.source
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return "", fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, strings.TrimSpace(string(exit.Stderr)))
	}
	return string(out), err
}

// path is where a file of the release goes.
func (r *release) path(name string) string { return filepath.Join(r.out, name) }
