package docs_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

const home = "../.."

// pages are all documents of the repository, with their texts.
func pages(t *testing.T) map[string]string {
	t.Helper()
	out, err := exec.Command("git", "-C", home, "ls-files", "--cached", "--others", "--exclude-standard", "*.md").Output()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for name := range strings.FieldsSeq(string(out)) {
		if _, err := os.Stat(filepath.Join(home, name)); err == nil {
			all[name] = read(t, name)
		}
	}
	if len(all) < 20 {
		t.Fatalf("only %d documents found", len(all))
	}
	return all
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(home, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var (
	fence   = regexp.MustCompile("(?ms)^ *```.*?^ *```[^`\n]*$")
	code    = regexp.MustCompile("`[^`\n]*`")
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#{1,6} +(.+)$`)
	outside = regexp.MustCompile(`^[a-z]+:`)
)

func TestEveryLinkAndAnchorLeadsSomewhere(t *testing.T) {
	all := pages(t)
	seen := 0
	for name, text := range all {
		prose := code.ReplaceAllString(fence.ReplaceAllString(text, ""), "")
		for _, m := range link.FindAllStringSubmatch(prose, -1) {
			if outside.MatchString(m[1]) {
				continue
			}
			seen++
			path, anchor, _ := strings.Cut(m[1], "#")
			target := name
			if path != "" {
				target = filepath.Join(filepath.Dir(name), path)
			}
			if _, err := os.Stat(filepath.Join(home, target)); err != nil {
				t.Errorf("%s: the link %s leads nowhere", name, m[1])
				continue
			}
			if anchor != "" && !slices.Contains(anchors(read(t, target)), anchor) {
				t.Errorf("%s: %s has no heading for the anchor in %s", name, target, m[1])
			}
		}
	}
	if seen < 50 {
		t.Errorf("only %d links were checked", seen)
	}
}

// anchors are those that GitHub makes of the headings.
func anchors(text string) []string {
	var all []string
	for _, m := range heading.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
		title := regexp.MustCompile(`\[([^]]*)\]\([^)]*\)`).ReplaceAllString(m[1], "$1")
		title = regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(strings.ToLower(strings.TrimSpace(title)), "")
		all = append(all, strings.ReplaceAll(title, " ", "-"))
	}
	return all
}

// RULES.md is generated, and people search in it.
func TestNoPageIsTooLong(t *testing.T) {
	for name, text := range pages(t) {
		most := 300
		if name == "README.md" {
			most = 150
		}
		if lines := strings.Count(text, "\n"); lines > most && name != "shared/keypolicy/RULES.md" {
			t.Errorf("%s has %d lines, want at most %d", name, lines, most)
		}
	}
}

func TestTheReferenceNamesEverySetting(t *testing.T) {
	page := read(t, "shared/docs/reference.md")
	files, err := filepath.Glob("../settings/*.go")
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`"([A-Z][A-Z0-9]*_[A-Z0-9_]+|MODE)"`).FindAllStringSubmatch(string(text), -1) {
			names[m[1]] = true
		}
	}
	if len(names) < 25 {
		t.Fatalf("only %d settings found in shared/settings", len(names))
	}
	for name := range names {
		if !strings.Contains(page, "`"+name) {
			t.Errorf("reference.md does not name the variable %s", name)
		}
	}
}

func TestTheReferenceNamesEveryParameterAndOutput(t *testing.T) {
	page := read(t, "shared/docs/reference.md")
	var template struct {
		Parameters map[string]yaml.Node `yaml:"Parameters"`
		Outputs    map[string]yaml.Node `yaml:"Outputs"`
	}
	if err := yaml.Unmarshal([]byte(read(t, "template.yaml")), &template); err != nil {
		t.Fatal(err)
	}
	if len(template.Parameters) < 30 || len(template.Outputs) < 20 {
		t.Fatalf("template.yaml: %d parameters and %d outputs found", len(template.Parameters), len(template.Outputs))
	}
	for name := range template.Parameters {
		if !strings.Contains(page, "`"+name+"`") {
			t.Errorf("reference.md does not name the parameter %s", name)
		}
	}
	for name := range template.Outputs {
		if !strings.Contains(page, "`"+name+"`") {
			t.Errorf("reference.md does not name the output %s", name)
		}
	}
}

func TestTheReferenceNamesEveryEventAndCode(t *testing.T) {
	page := read(t, "shared/docs/reference.md")
	text := read(t, "shared/outcome/event.go")
	names := regexp.MustCompile(`(?m)^\s+\w+\s+(?:Type|Code) = "([^"]+)"`).FindAllStringSubmatch(text, -1)
	if len(names) < 18 {
		t.Fatalf("only %d events and codes found in shared/outcome", len(names))
	}
	for _, m := range names {
		if !strings.Contains(page, "`"+m[1]+"`") {
			t.Errorf("reference.md does not name %s", m[1])
		}
	}
}

func TestEveryTargetOfMakeThatADocumentNamesIsThere(t *testing.T) {
	makefile := read(t, "Makefile")
	for name, text := range pages(t) {
		for _, m := range regexp.MustCompile("(?m)(?:`|^)make ([a-z][a-z-]+)").FindAllStringSubmatch(strings.Join(append(fence.FindAllString(text, -1), code.FindAllString(text, -1)...), "\n"), -1) {
			if !regexp.MustCompile(`(?m)^(`+m[1]+`:|\.PHONY:.* `+m[1]+`\b)`).MatchString(makefile) && !strings.HasPrefix(m[1], "build-") {
				t.Errorf("%s: the Makefile has no target %s", name, m[1])
			}
		}
	}
}

// The numbers of a page are at least true.
func TestThereAreAsManyFilesAsThePromisesSay(t *testing.T) {
	claims := regexp.MustCompile("([0-9]+) files in `([^`]+)`").FindAllStringSubmatch(read(t, "shared/docs/promises.md"), -1)
	if len(claims) < 2 {
		t.Fatalf("promises.md counts the files of %d folders only", len(claims))
	}
	for _, c := range claims {
		want, err := strconv.Atoi(c[1])
		if err != nil {
			t.Fatal(err)
		}
		got := 0
		err = filepath.WalkDir(filepath.Join(home, c[2]), func(_ string, d fs.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() {
				got++
			}
			return err
		})
		if err != nil || got < want {
			t.Errorf("%s has %d files, and promises.md says %d: %v", c[2], got, want, err)
		}
	}
}

func TestEveryTestThatAPromiseNamesIsThere(t *testing.T) {
	out, err := exec.Command("git", "-C", home, "grep", "-hoE", "--untracked", `^func (Test|Fuzz)[A-Za-z0-9]+\(`, "--", "*_test.go").Output()
	if err != nil {
		t.Fatal(err)
	}
	there := string(out)
	names := regexp.MustCompile(`\bTest[A-Z][A-Za-z0-9]*`).FindAllString(read(t, "shared/docs/promises.md"), -1)
	if len(names) < 100 {
		t.Fatalf("promises.md names only %d tests", len(names))
	}
	for _, name := range names {
		if !strings.Contains(there, "func "+name+"(") {
			t.Errorf("promises.md names %s, which is not there", name)
		}
	}
}
