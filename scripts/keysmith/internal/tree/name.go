package tree

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/keysmith/keysmith/shared/objectkey"
)

const (
	policies = "policies"
	plans    = "plans"
)

// Place is where a file stands in a tree. The zero Place is outside of any.
type Place struct {
	Root   string // the folder that holds policies/ and plans/
	Object string // the name of its object, without a label
	Label  string
}

// Locate tells where the file at path stands. Below base, the folder of a
// keysmith.yaml, the outermost policies/ or plans/ counts; elsewhere, or where
// base is empty, the innermost does.
func Locate(path, base string) Place {
	path, err := filepath.Abs(path)
	if err != nil {
		return Place{}
	}
	if base != "" {
		if rel, err := filepath.Rel(base, path); err == nil && filepath.IsLocal(rel) {
			parts := split(rel)
			if i := slices.IndexFunc(parts[:len(parts)-1], holds); i >= 0 {
				return place(base, parts, i)
			}
		}
	}
	parts := split(path)
	for i := len(parts) - 2; i >= 0; i-- {
		if !holds(parts[i]) {
			continue
		}
		if i >= 2 && parts[i] == policies && parts[i-2] == plans {
			i -= 2 // plans/<run>/policies/…
		}
		return place("", parts, i)
	}
	return Place{}
}

func split(path string) []string { return strings.Split(filepath.ToSlash(path), "/") }

func holds(name string) bool { return name == policies || name == plans }

func place(base string, parts []string, i int) Place {
	root := filepath.FromSlash(strings.Join(parts[:i], "/"))
	if base != "" {
		root = filepath.Join(base, root)
	}
	file := parts[len(parts)-1]
	label, rest := objectkey.Unlabelled(file)
	return Place{
		Root:   root,
		Object: strings.Join(append(slices.Clone(parts[i:len(parts)-1]), rest), "/"),
		Label:  label,
	}
}

// Twins finds files of one folder that are the same object.
type Twins struct {
	folder string
	names  map[string][]string // by the name without the label
}

// Of lists the files beside path that are the same object as it, path included,
// by their names in the folder.
func (t *Twins) Of(path string) []string {
	folder := filepath.Dir(path)
	if t.names == nil || folder != t.folder {
		t.read(folder)
	}
	_, rest := objectkey.Unlabelled(filepath.Base(path))
	return t.names[rest]
}

// read lists a folder. One that cannot be read has no twins; that its file
// cannot be read either is reported where the file is read.
func (t *Twins) read(folder string) {
	t.folder, t.names = folder, map[string][]string{}
	d, err := os.Open(folder)
	if err != nil {
		return
	}
	defer d.Close()
	names, _ := d.Readdirnames(-1)
	slices.Sort(names)
	for _, name := range names {
		if _, rest := objectkey.Unlabelled(name); strings.HasSuffix(name, ".json") {
			t.names[rest] = append(t.names[rest], name)
		}
	}
}
