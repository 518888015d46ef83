package main

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

// A folder is looked at again and again, and tells what is new in it.
type folder struct {
	root  string
	seen  map[string]state // as of the last look, by path below root
	taken map[string]state // as it was handed out
}

type state struct {
	modified time.Time
	size     int64
}

// A change is a file that is new, different or gone, as an object.
type change struct {
	object string
	text   []byte
	gone   bool
}

func newFolder(root string) *folder {
	return &folder{root: root, seen: map[string]state{}, taken: map[string]state{}}
}

// changes returns the files that differ from what was handed out and have not
// changed since the last look.
func (f *folder) changes() ([]change, error) {
	now, err := f.look()
	if err != nil {
		return nil, err
	}
	var changes []change
	for path, is := range now {
		if f.taken[path] == is || f.seen[path] != is {
			continue
		}
		text, err := os.ReadFile(filepath.Join(f.root, path))
		if errors.Is(err, fs.ErrNotExist) {
			continue // gone in between; the next look tells
		}
		if err != nil {
			return nil, fmt.Errorf("reading a changed file: %w", err)
		}
		f.taken[path] = is
		changes = append(changes, change{object: objectOf(path), text: text})
	}
	for path := range f.taken {
		if _, there := now[path]; !there {
			delete(f.taken, path)
			changes = append(changes, change{object: objectOf(path), gone: true})
		}
	}
	f.seen = now
	slices.SortFunc(changes, func(a, b change) int { return strings.Compare(a.object, b.object) })
	return changes, nil
}

// look leaves out what editors keep beside a file.
func (f *folder) look() (map[string]state, error) {
	found := map[string]state{}
	err := filepath.WalkDir(f.root, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		name := entry.Name()
		if path != f.root && strings.HasPrefix(name, ".") {
			return skip(entry)
		}
		if !entry.Type().IsRegular() || strings.HasSuffix(name, "~") {
			return nil
		}
		return f.note(found, path, entry)
	})
	if err != nil {
		return nil, fmt.Errorf("looking at the folder: %w", err)
	}
	return found, nil
}

func skip(entry fs.DirEntry) error {
	if entry.IsDir() {
		return fs.SkipDir
	}
	return nil
}

func (f *folder) note(found map[string]state, path string, entry fs.DirEntry) error {
	info, err := entry.Info()
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	below, err := filepath.Rel(f.root, path)
	if err == nil {
		found[below] = state{info.ModTime(), info.Size()}
	}
	return err
}

// objectOf is the object key that a file stands for: the path below the folder,
// under policies/ unless it says otherwise.
func objectOf(path string) string {
	object := filepath.ToSlash(path)
	for _, prefix := range []string{"policies/", "plans/"} {
		if strings.HasPrefix(object, prefix) {
			return object
		}
	}
	return "policies/" + object
}
