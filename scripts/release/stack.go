package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
)

// architectures are those of the functions, as the template calls them.
func (r *release) architectures() []string {
	switch {
	case r.quick && runtime.GOARCH == "arm64":
		return []string{"arm64"}
	case r.quick:
		return []string{"x86_64"}
	}
	return []string{"arm64", "x86_64"}
}

// The code of each resource that SAM would build: its archive, and the function
// that is in it.
var parts = []struct{ resource, archive, function string }{
	{"ApplyFunction", "apply.zip", "functions/apply"},
	{"PlanFunction", "plan.zip", "functions/plan"},
	{"SweepFunction", "sweep.zip", "functions/sweep"},
	{"GuardrailsLayer", "guardrails.zip", ""},
}

// stack writes the archive that deploys without a compiler: the template, and
// the archives that it names.
func (r *release) stack(ctx context.Context, arch string) error {
	files, err := r.add(nil, "template.yaml", "LICENSE", "CHANGELOG.md")
	if err != nil {
		return err
	}
	text, err := packaged(string(files[0].text), arch)
	if err != nil {
		return err
	}
	files[0].text = []byte(text)
	for _, part := range parts {
		code, err := r.code(ctx, part.function, arch)
		if err != nil {
			return err
		}
		if part.function != "" {
			if err := r.bill(ctx, fmt.Sprintf("keysmith-%s_%s_%s", filepath.Base(part.function), r.version, arch), code[0].text); err != nil {
				return err
			}
		}
		text, err := zipped(r.time, code)
		if err != nil {
			return fmt.Errorf("packing %s: %w", part.archive, err)
		}
		files = append(files, file{part.archive, 0o644, text})
	}
	return writeZip(r.path(fmt.Sprintf("keysmith-stack_%s_%s.zip", r.version, arch)), r.time, files)
}

// code is what Lambda unpacks: a function's program, or, where there is no
// function, the data of the guardrails.
func (r *release) code(ctx context.Context, function, arch string) ([]file, error) {
	if function == "" {
		return r.guardrails()
	}
	p := platform{"linux", "arm64"}
	if arch == "x86_64" {
		p.arch = "amd64"
	}
	binary, err := r.build(ctx, p, function, "lambda.norpc", "-X main.version="+r.version)
	return []file{{"bootstrap", 0o755, binary}}, err
}

// guardrails are the data of shared/guardrails, without the package that reads
// them; make build-GuardrailsLayer copies the same.
func (r *release) guardrails() ([]file, error) {
	home := filepath.Join(r.source, "shared", "guardrails")
	var files []file
	err := filepath.WalkDir(home, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(home, path)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		if name != "settings.yaml" && !strings.HasPrefix(name, "baselines/") && !strings.HasPrefix(name, "assertions/") && !strings.HasPrefix(name, "examples/") {
			return nil
		}
		text, err := os.ReadFile(path) //nolint:gosec // a file of the repository
		files = append(files, file{"guardrails/" + name, 0o644, text})
		return err
	})
	return files, err
}

var (
	built        = regexp.MustCompile(`(?m)^    Metadata:\n      BuildMethod: makefile\n`)
	architecture = regexp.MustCompile(`(?m)^(  Architecture:\n    Type: String\n    Default: )\w+(\n    AllowedValues: )\[.*\]$`)
)

// packaged is the template with archives in the places where it has "build it
// here", and with the one architecture that these archives are for.
func packaged(template, arch string) (string, error) {
	if !architecture.MatchString(template) {
		return "", errors.New("template.yaml: no parameter Architecture with a Default and AllowedValues")
	}
	template = architecture.ReplaceAllString(template, "${1}"+arch+"${2}["+arch+"]")
	for _, part := range parts {
		at := regexp.MustCompile(`(?m)^  ` + part.resource + `:\n(?:    .*\n|\n)*?      (?:CodeUri|ContentUri): (\.)$`).FindStringSubmatchIndex(template)
		if at == nil {
			return "", fmt.Errorf("template.yaml: %s has no CodeUri or ContentUri of \".\"", part.resource)
		}
		template = template[:at[2]] + part.archive + template[at[3]:]
	}
	template = built.ReplaceAllString(template, "")
	if strings.Contains(template, "Uri: .\n") || strings.Contains(template, "BuildMethod") {
		return "", errors.New("template.yaml: a resource is built here that a release has no archive for; add it to parts in scripts/release/stack.go")
	}
	return template, nil
}
