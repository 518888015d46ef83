package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// environment is all that decides what the Go tool makes of the source, apart
// from its own version, which go.mod names.
func environment(p platform) []string {
	return []string{
		"CGO_ENABLED=0", "GOOS=" + p.os, "GOARCH=" + p.arch, "GOAMD64=v1", "GOARM64=v8.0",
		"GOFLAGS=", "GOEXPERIMENT=", "GOWORK=off",
	}
}

// build returns a program of the repository for a platform. It has no paths of
// this machine and no build id.
func (r *release) build(ctx context.Context, p platform, folder, tags, variables string) ([]byte, error) {
	scratch, err := os.MkdirTemp("", "keysmith-release")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(scratch) //nolint:errcheck // a folder that stays behind harms nobody
	file := filepath.Join(scratch, "program")
	if _, err := r.run(ctx, environment(p), "go", "build", "-trimpath", "-buildvcs=false", "-tags", tags,
		"-ldflags", "-s -w -buildid= "+variables, "-o", file, "./"+folder); err != nil {
		return nil, fmt.Errorf("building %s for %s/%s: %w", folder, p.os, p.arch, err)
	}
	return os.ReadFile(file) //nolint:gosec // this program has just made it
}

// program writes the archive with the command line for one platform.
func (r *release) program(ctx context.Context, p platform) error {
	variables := fmt.Sprintf("-X %s.version=%s -X %s.commit=%s -X %s.modified=false", cli, r.version, cli, r.commit, cli)
	binary, err := r.build(ctx, p, "scripts/keysmith", "", variables)
	if err != nil {
		return err
	}
	name := "keysmith"
	if p.os == "windows" {
		name += ".exe"
	}
	files := []file{{name, 0o755, binary}}
	if files, err = r.add(files, "LICENSE", "README.md", "CHANGELOG.md"); err != nil {
		return err
	}
	archive := fmt.Sprintf("keysmith_%s_%s_%s", r.version, p.os, p.arch)
	if err := r.bill(ctx, archive, binary); err != nil {
		return err
	}
	if p.os == "windows" {
		return writeZip(r.path(archive+".zip"), r.time, files)
	}
	return writeTar(r.path(archive+".tar.gz"), r.time, files)
}

// add appends files of the repository.
func (r *release) add(files []file, names ...string) ([]file, error) {
	for _, name := range names {
		text, err := os.ReadFile(filepath.Join(r.source, name)) //nolint:gosec // a file of the repository
		if err != nil {
			return nil, err
		}
		files = append(files, file{name, 0o644, text})
	}
	return files, nil
}
