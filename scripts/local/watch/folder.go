package watch

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A folder is scanned again and again, and returns what is new in it.
type folder struct {
	root     string
	exclude  func(path string) bool // tells what is left out
	seen     map[string]state       // as of the last scan, by path below root
	taken    map[string]state       // as it was handed out, by path below root
	objects  map[string]string      // path of the file that was handed out as an object
	reported map[string]string      // what was said of a path
}

type state struct {
	modified time.Time
	size     int64
}

// A change is a file that is new, different or gone, as an object.
type change struct {
	object string
	path   string // below the folder
	text   []byte
	gone   bool
}

// A remark says why something in the folder is not uploaded.
type remark struct {
	path, text string
}

// largest is the size from which a file is not read: far more than any policy
// has. What is between it and KMS's limit, keysmith itself rejects.
const largest = 1 << 20

func newFolder(root string, exclude func(path string) bool) *folder {
	if exclude == nil {
		exclude = func(string) bool { return false }
	}
	return &folder{root: root, exclude: exclude, seen: map[string]state{}, taken: map[string]state{}, objects: map[string]string{}, reported: map[string]string{}}
}

// A scan is what the folder holds at one time.
type scan struct {
	files   map[string]state
	remarks map[string]string
}

// changes returns the files that differ from what was handed out and have not
// changed since the last scan, and what is new to say about the others.
func (f *folder) changes() ([]change, []remark, error) {
	now, err := f.scan()
	if err != nil {
		return nil, nil, err
	}
	changes := f.gone(now)
	for _, path := range sorted(now.files) {
		is := now.files[path]
		if f.taken[path] == is || f.seen[path] != is {
			continue
		}
		if c, ok := f.take(path, is, now); ok {
			changes = append(changes, c)
		}
	}
	f.seen = now.files
	return changes, f.news(now.remarks), nil
}

// gone returns the objects whose file is gone. It comes before the new files: a
// file that got another label is one object, deleted and stored again.
func (f *folder) gone(now scan) []change {
	var changes []change
	for _, path := range sorted(f.taken) {
		if _, there := now.files[path]; there {
			continue
		}
		delete(f.taken, path)
		if object := objectOf(path); f.objects[object] == path {
			delete(f.objects, object)
			changes = append(changes, change{object: object, path: path, gone: true})
		}
	}
	return changes
}

// take reads a file. Two files for one key would overwrite each other, so only
// the first one is taken.
func (f *folder) take(path string, is state, now scan) (change, bool) {
	object := objectOf(path)
	if other, taken := f.objects[object]; taken && other != path {
		now.remarks[path] = fmt.Sprintf("is the same object as %s (%s), so it is not uploaded. Delete one of the two files", other, object)
		return change{}, false
	}
	text, err := os.ReadFile(filepath.Join(f.root, path))
	if errors.Is(err, fs.ErrNotExist) {
		return change{}, false // gone in between; the next scan sees it
	}
	if err != nil {
		now.remarks[path] = "cannot be read, so it is not uploaded: " + reason(err)
		return change{}, false
	}
	f.taken[path], f.objects[object] = is, path
	return change{object: object, path: path, text: text}, true
}

// news returns the remarks that were not made before.
func (f *folder) news(remarks map[string]string) []remark {
	var list []remark
	for _, path := range sorted(remarks) {
		if f.reported[path] != remarks[path] {
			list = append(list, remark{path, remarks[path]})
		}
	}
	f.reported = remarks
	return list
}

func sorted[V any](m map[string]V) []string {
	paths := make([]string, 0, len(m))
	for path := range m {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	return paths
}

// reason is an error without the path, which is named already.
func reason(err error) string {
	var of *fs.PathError
	if errors.As(err, &of) {
		return of.Err.Error()
	}
	return strings.TrimSpace(err.Error())
}
