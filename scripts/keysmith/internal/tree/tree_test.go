package tree

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const key = "1234abcd-12ab-34cd-56ef-1234567890ab"

func TestTheNameOfAnObjectBeginsAtItsTree(t *testing.T) {
	for _, test := range []struct{ path, base, root, object, label string }{
		{"/r/policies/" + key + ".json", "", "/r", "policies/" + key + ".json", ""},
		{"/r/policies/orders-1_a." + key + ".json", "", "/r", "policies/" + key + ".json", "orders-1_a"},
		{"/r/policies/orders.json", "", "/r", "policies/orders.json", ""},
		{"/r/policies/a.b." + key + ".json", "", "/r", "policies/a.b." + key + ".json", ""},
		{"/r/plans/17/policies/" + key + ".json", "", "/r", "plans/17/policies/" + key + ".json", ""},
		{"/policies/r/policies/" + key + ".json", "", "/policies/r", "policies/" + key + ".json", ""},
		{"/policies/r/policies/" + key + ".json", "/policies/r", "/policies/r", "policies/" + key + ".json", ""},
		{"/r/policies/policies/" + key + ".json", "/r", "/r", "policies/policies/" + key + ".json", ""},
		{"/r/prod/policies/" + key + ".json", "/r", "/r/prod", "policies/" + key + ".json", ""},
		{"/r/policies/444455556666/eu-west-1/" + key + ".json", "/r", "/r", "policies/444455556666/eu-west-1/" + key + ".json", ""},
		{"/r/other/" + key + ".json", "/r", "", "", ""},
		{"/r/policies", "", "", "", ""},
	} {
		got := Locate(filepath.FromSlash(test.path), filepath.FromSlash(test.base))
		if filepath.ToSlash(got.Root) != test.root || got.Object != test.object || got.Label != test.label {
			t.Errorf("%s below %q: %+v", test.path, test.base, got)
		}
	}
}

// A FIFO would block its reader, and a link to a folder above would lead in
// a circle.
func TestFoldersAreSearchedWithoutGettingStuck(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{"d/a.json", "d/sub/b.JSON", "d/.hidden/c.json", "d/key.yaml", "d/README.md", "d/policies/x.json", "d/pull.json", "d/keysmith.yaml"} {
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for link, target := range map[string]string{"d/up.json": "..", "d/broken.json": "nowhere", "d/team": "nowhere", "d/.lock": "nowhere", "d/sub/linked.json": "../a.json"} {
		if err := os.Symlink(target, link); err != nil {
			t.Fatal(err)
		}
	}
	var visited []string
	var failed []error
	f := Finder{
		Visit: func(path string, _ bool) { visited = append(visited, filepath.ToSlash(path)) },
		Fail:  func(err error) { failed = append(failed, err) },
	}
	f.Find([]string{"d", "d/a.json", "./d", "none"})
	want := []string{"d/a.json", "d/key.yaml", "d/policies/x.json", "d/sub/b.JSON", "d/sub/linked.json"}
	if !slices.Equal(visited, want) {
		t.Errorf("visited %v, want %v", visited, want)
	}
	if len(failed) != 5 || !strings.Contains(failed[0].Error(), "a link to nowhere") || !strings.Contains(failed[4].Error(), "none") {
		t.Errorf("failed: %v", failed)
	}
	if f.Skipped.Folders.Count != 2 || f.Skipped.Files.Count != 4 || f.Skipped.Links.Count != 2 {
		t.Errorf("skipped %+v", f.Skipped)
	}
}
